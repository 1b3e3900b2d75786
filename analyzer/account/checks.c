#include "analyzer/account/checks.h"

#include "analyzer/account/check_rules.h"
#include "analyzer/account/reading_error.h"

const char *verdict_word(enum verdict verdict)
{
    static const char *const words[] = {"holds", "broken", "unchecked"};
    return words[verdict];
}

const char *verdict_phrase(enum verdict verdict)
{
    return verdict == VERDICT_UNCHECKED ? "cannot be checked" : verdict_word(verdict);
}

static const struct check_rule {
    const char *id, *left, *relation, *right;
    bool (*run)(const struct check_input *in, struct identity_check *check);
} rules[] = {
    {"slab_sum",          "Slab",                                       "=",  "SReclaimable + SUnreclaim",       check_slab       },
    {"active_sum",        "Active",                                     "=",  "Active(anon) + Active(file)",     check_active     },
    {"inactive_sum",      "Inactive",                                   "=",  "Inactive(anon) + Inactive(file)", check_inactive   },
    {"mem_total_managed", "MemTotal",                                   "=",  "zoneinfo managed",                check_managed    },
    {"mem_free_zones",    "MemFree",                                    "=",  "zoneinfo free",                   check_free       },
    {"buddy_free",        "buddyinfo + Unaccepted",                     "=",  "vmstat nr_free_pages",            check_buddy      },
    {"file_pages",        "Cached + Buffers + SwapCached",              "=",  "vmstat nr_file_pages",            check_file_pages },
    {"lru_owned",         "Active + Inactive + Unevictable + isolated", "=",
     "AnonPages + Cached + Buffers + SwapCached",                                                                check_lru        },
    {"shmem_cached",      "Shmem",                                      "<=", "Cached",                          check_shmem      },
    {"vmalloc_used",      "VmallocUsed",                                "=",  "vmallocinfo pages",               check_vmalloc    },
    {"kernel_stacks",     "KernelStack",                                "=",  "vmallocinfo pages of stacks",     check_stacks     },
    {"modules_vmalloc",   "sum of module sizes",                        "<=", "vmallocinfo pages of modules",    check_modules    },
    {"pss_mapped",        "sum of PSS",                                 "=",  "AnonPages + Mapped",              check_pss        },
    {"rollup_smaps",      "sum of PSS in smaps",                        "=",  "sum of PSS in smaps_rollup",      check_rollup     },
    {"vmpte_page_tables", "sum of VmPTE + VmPMD",                       "<=", "PageTables",                      check_page_tables},
    {"hugetlb_pools",     "Hugetlb",                                    "=",  "hugepages pools of all sizes",    check_hugetlb    },
    {"zram_zspages",      "vmstat nr_zspages",                          "=",  "zram mem_used_total + Zswap",     check_zspages    },
    {"swaps_used",        "used of all swaps",                          "=",  "SwapTotal - SwapFree",            check_swaps      },
    {"node_total",        "MemTotal",                                   "=",  "sum of nodes",                    check_node_total },
    {"node_anon",         "AnonPages",                                  "=",  "sum of nodes",                    check_node_anon  },
    {"node_slab",         "Slab",                                       "=",  "sum of nodes",                    check_node_slab  },
};
_Static_assert(sizeof rules / sizeof rules[0] <= CHECKS_MAX, "too many checks for the report");

static void measure(const struct snapshot *snapshot, struct check_input *in)
{
    struct reading_error error;
    reading_error_find(snapshot, &error);
    in->snapshot = snapshot;
    in->cpus = error.cpus;
    in->zones = error.zones;
    in->page_bytes = error.page_bytes;
    in->drift_bytes = error.drift_bytes;
    process_totals_compute(snapshot, &in->totals);
    in->has_terms = system_terms_compute(snapshot, &snapshot->system.now, &in->terms, NULL);
}

void checks_run(const struct snapshot *snapshot, struct check_report *out)
{
    struct check_input in = {0};
    measure(snapshot, &in);
    *out = (struct check_report){0};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct identity_check *check = &out->checks[out->count++];
        *check = (struct identity_check){.id = rules[i].id,
                                         .left_name = rules[i].left,
                                         .right_name = rules[i].right,
                                         .relation = rules[i].relation,
                                         .verdict = VERDICT_UNCHECKED};
        rules[i].run(&in, check);
        out->holds += check->verdict == VERDICT_HOLDS;
        out->broken += check->verdict == VERDICT_BROKEN;
        out->unchecked += check->verdict == VERDICT_UNCHECKED;
    }
}
