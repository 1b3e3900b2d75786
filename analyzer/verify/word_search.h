/* Many words at once in a stream of bytes, in one pass (Aho and Corasick). */
#pragma once

#include "analyzer/base/slice.h"

struct word_node {
    uint32_t child, sibling; /* 0: none */
    uint32_t fallback;       /* the longest end of this that begins a word */
    uint32_t shorter;        /* the next shorter word that ends here; 0: none */
    uint32_t word;           /* that ends here, from 1; 0: none */
    uint32_t depth;
    unsigned char byte;
};

struct word_search {
    struct word_node *nodes; /* the first is the root */
    size_t count, capacity;
    uint32_t from_root[256];
    bool any_case;
};

/* Where the search stands in a stream; all zero at its beginning. */
struct word_state {
    uint32_t node;
    uint64_t offset;
};

/* The word with number `word`, of `length` bytes, ends before byte `end` of the stream. */
typedef void word_found(void *context, uint32_t word, uint64_t end, size_t length);

/* False when memory ran out. Words may be equal: the first number counts. */
bool word_search_init(struct word_search *search, bool any_case);
bool word_search_add(struct word_search *search, struct slice bytes, uint32_t word);
bool word_search_finish(struct word_search *search);
void word_search_deinit(struct word_search *search);

void word_search_feed(const struct word_search *search, struct word_state *state,
                      struct slice bytes, word_found *found, void *context);
