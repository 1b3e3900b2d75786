/* What every page of RAM is, by the flags of the census. Source: derived/census. */
#pragma once

#include "analyzer/model/snapshot.h"

struct page_census_row {
    uint64_t bytes;
    uint64_t mapped_bytes; /* of these: with the flag MMAP, or a tail of a page that has it */
};

struct page_census {
    struct page_census_row classes[PAGE_CLASS_COUNT];
    struct page_census_row all; /* the sum */
    uint64_t frame_bytes; /* of all frames that were looked at: the same, if nothing is lost */
    bool within_ram, is_whole;
};

/* False: the bundle has no census. */
bool page_census_compute(const struct snapshot *snapshot, struct page_census *out);

/* For people: "page tables". Static. */
const char *page_class_label(enum page_class class);
