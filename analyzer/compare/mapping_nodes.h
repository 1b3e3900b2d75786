/* What the two ways of matching mappings have in common: sets of mappings of both sides, joined step
 * by step. Part of mapping_match, not for others. */
#pragma once

#include "analyzer/compare/mapping_match.h"
#include "analyzer/compare/match_groups.h"

#define MAPPING_NO_NODE UINT32_MAX

/* A mapping of either process. */
struct mapping_node {
    const struct mapping *mapping;
    uint32_t identity, name; /* of its object: struct object_match                     */
    uint32_t set;            /* another node of the same set, or itself                */
    bool is_paired;          /* its set has a mapping of the other side                */
    uint32_t best;           /* unpaired: the node that it overlaps most, or NO_NODE   */
    uint64_t best_bytes;
};

struct mapping_matcher {
    const struct snapshot *sides[2];
    const struct object_match *objects[2];
    struct mapping_node *nodes; /* owned, as all below: those of the earlier process first */
    size_t count, before_count, capacity;
    struct match_entry *entries; /* scratch, room for all nodes                             */
    uint32_t *match_of;          /* by node: index + 1 of the match of its set              */
    struct mapping_matches result;
};

/* Makes one set of two. */
void mapping_nodes_join(struct mapping_matcher *matcher, uint32_t a, uint32_t b);

/* Joins what overlaps, and what was moved. */
void mapping_nodes_join_overlapping(struct mapping_matcher *matcher);

/* Joins what is equal but for its address. */
void mapping_nodes_join_alike(struct mapping_matcher *matcher);
