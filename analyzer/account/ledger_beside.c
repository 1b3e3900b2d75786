/* Figures that are parts of lines. */
#include "analyzer/account/ledger_lines.h"

#include <stdio.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"

static void add_fields(const struct system_sample *sample, struct ledger *ledger)
{
    static const struct {
        enum meminfo_field field;
        const char *id, *label, *also_in;
    } rows[] = {
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
}

static void add_available(struct ledger *ledger)
{
    const struct mem_available *available = &ledger->available;
    if (available->printed.known)
        ledger_add_beside(ledger, "available", "Available to new work (estimate)",
                          available->printed, GRADE_EXACT, "", "meminfo MemAvailable");
    else if (available->computed.known)
        ledger_add_beside(ledger, "available", "Available to new work (estimate, derived)",
                          available->computed, GRADE_DERIVED, "", available->formula);
}

/* What of CMA areas is in use: pages of users that can be moved away, and buffers of drivers. Nobody
 * tells the two apart. */
static void add_cma(const struct system_sample *sample, struct ledger *ledger)
{
    uint64_t total, free;
    if (field_get(&sample->meminfo, MEMINFO_CMA_TOTAL, &total) &&
        field_get(&sample->meminfo, MEMINFO_CMA_FREE, &free))
        ledger_add_beside(ledger, "cma_used", "CMA, in use by users and drivers",
                          amount_of(subtract_to_zero(total, free)), GRADE_DERIVED, "user, residual",
                          "meminfo CmaTotal - CmaFree");
}

static void add_reserved_huge_pages(const struct system_sample *sample, struct ledger *ledger)
{
    uint64_t pages, size;
    if (field_get(&sample->meminfo, MEMINFO_HUGE_PAGES_RSVD, &pages) &&
        field_get(&sample->meminfo, MEMINFO_HUGE_PAGE_SIZE, &size))
        ledger_add_beside(ledger, "hugetlb_reserved", "Huge pages free but promised",
                          amount_of(multiply_saturating(pages, size)), GRADE_EXACT, "hugetlb",
                          "meminfo HugePages_Rsvd x Hugepagesize");
}

void ledger_add_parts(const struct snapshot *snapshot, const struct system_terms *terms,
                      struct ledger *ledger)
{
    const struct system_sample *sample = &snapshot->system.now;
    add_available(ledger);
    add_fields(sample, ledger);
    add_cma(sample, ledger);
    add_reserved_huge_pages(sample, ledger);
    if (!terms->zswap_pool.known) /* else it has a line of its own */
        ledger_add_beside(ledger, "zswap_pool", "zswap pool", terms->zswap, GRADE_EXACT, "zspages",
                          "meminfo Zswap");
}
