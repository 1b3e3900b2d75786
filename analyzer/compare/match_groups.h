/* Two lists joined by keys made of numbers: what process_match, object_match and mapping_match have
 * in common. Texts of two snapshots become numbers first, since their string ids have nothing in
 * common. */
#pragma once

#include "analyzer/base/slice.h"

/* Gives equal texts equal numbers, from 0 on in the order of their bytes: ids[i] is that of texts[i].
 * False when memory ran out. */
bool match_text_ids(const struct slice *texts, size_t count, uint32_t *ids);

#define MATCH_KEY_PARTS 4

/* One item of either list. */
struct match_entry {
    uint64_t key[MATCH_KEY_PARTS];
    uint64_t rank;  /* the order within a group and a side; equal ones go by item */
    uint32_t item;  /* the caller's index                                         */
    uint32_t after; /* 0: of the earlier list, 1: of the later one                */
};

/* Entries of one key: those of the earlier list first, then those of the later one. */
struct match_group {
    const struct match_entry *before, *after;
    size_t before_count, after_count;
};

/* By key, then side, rank and item. */
void match_entries_sort(struct match_entry *entries, size_t count);

/* The group that begins at entries[*at], which moves behind it. False at the end. The entries must
 * be sorted. */
bool match_next_group(const struct match_entry *entries, size_t count, size_t *at,
                      struct match_group *group);
