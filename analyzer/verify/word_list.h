/* The words that must not be in a bundle, from a file: one a line. */
#pragma once

#include "analyzer/verify/word_search.h"
#include "schema/failure.h"

#define WORD_LEAST_BYTES 3

struct word_list {
    char *text; /* of the whole file */
    struct slice *words;
    size_t count, capacity;
    struct word_search search; /* for each word as it is, and as bundles and the kernel escape it */
};

/* LIMIT for a file above 4 MiB; USAGE for a word that is too short (unless `allow_short`), and for
 * a file without words, which would prove nothing. word_list_deinit() in any case. */
bool word_list_read(struct word_list *list, const char *file, bool allow_short, bool any_case,
                    struct failure *why);
void word_list_deinit(struct word_list *list);
