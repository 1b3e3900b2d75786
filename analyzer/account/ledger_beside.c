/* Figures that are parts of lines. */
#include "analyzer/account/ledger_lines.h"

#include <stdio.h>

#include "analyzer/parse/system/meminfo.h"

void ledger_add_parts(const struct system_sample *sample, const struct system_terms *terms,
                      struct ledger *ledger)
{
    static const struct {
        enum meminfo_field field;
        const char *id, *label, *also_in;
    } rows[] = {
        {MEMINFO_MEM_AVAILABLE,     "available",          "Available to new work (estimate)",  ""             },
        {MEMINFO_MAPPED,            "mapped",             "Mapped file and shm pages",         "user"         },
        {MEMINFO_MLOCKED,           "mlocked",            "Locked in memory",                  "user"         },
        {MEMINFO_UNEVICTABLE,       "unevictable",        "Unevictable",                       "user"         },
        {MEMINFO_ANON_HUGE_PAGES,   "anon_huge_pages",    "Transparent huge pages, anonymous",
         "user.anon"                                                                                          },
        {MEMINFO_SHMEM_HUGE_PAGES,  "shmem_huge_pages",   "Transparent huge pages, shmem",
         "user.shmem"                                                                                         },
        {MEMINFO_FILE_HUGE_PAGES,   "file_huge_pages",    "Transparent huge pages, files",
         "user.file_cache"                                                                                    },
        {MEMINFO_DIRTY,             "dirty",              "Dirty",                             "user"         },
        {MEMINFO_WRITEBACK,         "writeback",          "Under write-back",                  "user"         },
        {MEMINFO_NFS_UNSTABLE,      "nfs_unstable",       "Written, not yet stable on NFS",    "user"         },
        {MEMINFO_CMA_TOTAL,         "cma_total",          "CMA areas",                         "free, user"   },
        {MEMINFO_CMA_FREE,          "cma_free",           "CMA, free",                         "free"         },
        {MEMINFO_UNACCEPTED,        "unaccepted",         "Not yet accepted from the host",    "free"         },
        {MEMINFO_SHADOW_CALL_STACK, "shadow_call_stacks", "Shadow call stacks",                "vmalloc, slab"},
    };
    uint64_t value;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[96];
        snprintf(source, sizeof source, "meminfo %s", meminfo_field_name(rows[i].field));
        if (field_get(&sample->meminfo, rows[i].field, &value))
            ledger_add_beside(ledger, rows[i].id, rows[i].label, amount_of(value), GRADE_EXACT,
                              rows[i].also_in, source);
    }
    if (!terms->zswap_pool.known) /* else it has a line of its own */
        ledger_add_beside(ledger, "zswap_pool", "zswap pool", terms->zswap, GRADE_EXACT, "zspages",
                          "meminfo Zswap");
}
