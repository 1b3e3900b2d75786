/* The order of the tree, and the lines that stand alone. */
#include "analyzer/account/ledger_lines.h"

#include "analyzer/base/checked_math.h"

static void add_pcp(struct ledger *ledger, const struct system_terms *terms)
{
    int pcp = ledger_add_amount(
        ledger, -1, "pcp", "Free, in per-CPU lists", terms->pcp, GRADE_DERIVED,
        "zoneinfo: sum of pagesets count, x page size, corrected by zoneinfo free - MemFree");
    if (pcp < 0) {
        ledger_note(ledger, "per-CPU free lists: no zoneinfo (or no page size), so they are in the "
                            "residual");
        return;
    }
    uint64_t skew =
        (uint64_t)(terms->free_skew_bytes < 0 ? -terms->free_skew_bytes : terms->free_skew_bytes);
    struct ledger_line *line = &ledger->lines[pcp];
    if (skew == 0 || skew > line->bytes + (UINT64_C(1) << 20))
        return;
    line->grade = GRADE_BOUNDED;
    line->low_bytes = subtract_to_zero(line->bytes, skew);
    line->high_bytes = add_saturating(line->bytes, skew);
}

static void add_rest(struct ledger *ledger, const struct system_terms *terms)
{
    const struct {
        const char *id, *label;
        struct amount amount;
        const char *source;
    } rows[] = {
        {"zspages",            "Compressed pages (zram, zswap)",   terms->zspages,
         "vmstat nr_zspages x page size, or zram mem_used_total"                                                    },
        {"zswap",              "zswap pool outside zsmalloc",      terms->zswap_pool,
         "meminfo Zswap, or debugfs zswap/pool_total_size"                                                          },
        {"gpu_active",         "GPU pages in use",                 terms->gpu_active,         "meminfo GPUActive"   },
        {"gpu_reclaim",        "GPU pages, reclaimable",           terms->gpu_reclaim,        "meminfo GPUReclaim"  },
        {"memmap",             "Page structs of hot-added memory", terms->memmap,
         "vmstat nr_memmap_pages x page size"                                                                       },
        {"bounce",             "Bounce buffers",                   terms->bounce,             "meminfo Bounce"      },
        {"writeback_tmp",      "FUSE write-back copies",           terms->writeback_tmp,      "meminfo WritebackTmp"},
        {"quicklists",         "Quicklists",                       terms->quicklists,         "meminfo Quicklists"  },
        {"misc_reclaimable",   "Other reclaimable kernel memory",  terms->misc_reclaimable,
         "meminfo KReclaimable - SReclaimable"                                                                      },
        {"hardware_corrupted", "Taken out for memory errors",      terms->hardware_corrupted,
         "meminfo HardwareCorrupted"                                                                                },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ledger_add_amount(ledger, -1, rows[i].id, rows[i].label, rows[i].amount, GRADE_EXACT,
                          rows[i].source);
}

/* What the machine has as a whole. */
static void add_of_machine(struct ledger *ledger, const struct snapshot *snapshot,
                           const struct system_sample *sample, const struct ledger_sources *sources,
                           struct system_terms *terms)
{
    ledger_add_vmalloc(ledger, terms, sources);
    ledger_add_page_tables(ledger, terms);
    ledger_add_percpu(ledger, terms);
    ledger_add_hugetlb(ledger, &snapshot->system, sample, terms);
    add_rest(ledger, terms);
    ledger_add_balloon(ledger, snapshot, terms);
}

bool ledger_build(const struct snapshot *snapshot, const struct system_sample *sample,
                  const struct ledger_sources *sources, struct ledger *ledger,
                  struct system_terms *terms, struct failure *why)
{
    if (!system_terms_compute(snapshot, sample, terms, why))
        return false;
    ledger->mem_total_bytes = terms->mem_total_bytes;
    ledger_add_amount(ledger, -1, "free", "Free", terms->free, GRADE_EXACT, "meminfo MemFree");
    if (!terms->is_made_up)
        add_pcp(ledger, terms);
    ledger_add_user(ledger, terms, sources->shared);
    ledger_add_slab(ledger, terms);
    if (!terms->is_made_up) /* containers are told of these as they are on the machine */
        add_of_machine(ledger, snapshot, sample, sources, terms);
    ledger->residual_bytes =
        to_signed(ledger->mem_total_bytes) - to_signed(ledger_sum_of_top_lines(ledger));
    return true;
}
