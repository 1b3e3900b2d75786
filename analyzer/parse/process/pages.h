/* proc/PID/pages: the frames and swap slots behind a process's pages, written by the collector with
 * --pages. The format is section 6.4 of docs/bundle-format.md. It comes in chunks, and whatever is not the
 * format is refused with the byte where it begins. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/slice.h"
#include "schema/failure.h"
#include "schema/pages_format.h"

struct pages_head {
    uint64_t page_bytes, features, frames;
};

struct pages_run {
    enum pages_kind kind; /* never PAGES_FAR: that is told as ascending                        */
    uint64_t count;       /* pages, one or more, within the mapping                              */
    uint64_t first;    /* lowest frame or slot; of PAGES_OTHER enum pages_other; of holes 0     */
    uint32_t flags;    /* enum pages_flag; of swapped pages 0. Frames of PAGES_OTHER_ALONE     */
                       /* have no numbers, but flags, and a mapcount of 1                      */
    uint32_t mapcount; /* 0: not known                                                        */
    uint32_t area;     /* type of the swap area                                               */
};

/* False ends the parsing, with *why set. */
struct pages_visitor {
    void *context;
    bool (*head)(void *context, const struct pages_head *head, struct failure *why);
    /* Numbers of pages, not bytes. Its runs follow; all were met when the next mapping comes, or when
     * pages_parser_finish() says that nothing is missing. */
    bool (*mapping)(void *context, uint64_t start, uint64_t length, struct failure *why);
    bool (*run)(void *context, const struct pages_run *run, struct failure *why);
};

struct pages_parser;

/* `visitor` is borrowed. NULL: out of memory. */
struct pages_parser *pages_parser_create(const struct pages_visitor *visitor);
void pages_parser_destroy(struct pages_parser *parser); /* NULL is fine */
void pages_parser_reset(struct pages_parser *parser);   /* before each member but the first */

bool pages_parser_feed(struct pages_parser *parser, struct slice chunk, struct failure *why);

/* Whether the end mark was met, and nothing came behind it. */
bool pages_parser_finish(struct pages_parser *parser, struct failure *why);

/* Whether the last mapping is whole: all its runs were met. */
bool pages_parser_mapping_whole(const struct pages_parser *parser);
