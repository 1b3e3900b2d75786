/* Sums of mappings by their kind and by their class. */
#pragma once

#include "analyzer/account/mapping_class.h"

struct mapping_sums {
    uint64_t mappings, size_bytes, rss_bytes, pss_bytes, uss_bytes, swap_bytes, hugetlb_bytes;
    uint64_t copied_bytes; /* anonymous pages of private mappings of files: written, so copied */
    uint32_t present;      /* SMAPS_BIT: what the kernel printed */
};

struct mapping_totals {
    struct mapping_sums all, kinds[MAPPING_KIND_COUNT], classes[MAPPING_CLASSES_MAX];
};

/* Copied-on-write part of one mapping: Anonymous of a private mapping of a file, else 0. */
uint64_t mapping_copied_bytes(enum mapping_kind kind,
                              const uint64_t value_bytes[SMAPS_FIELD_COUNT]);

/* Adds the mappings of a process, whose labels are given. */
void mapping_totals_add(struct mapping_totals *totals, const struct snapshot *snapshot,
                        const struct process *process, const struct mapping_label *labels);
