/* One item of a pages member, of bytes that may end within it. For pages.c only. */
#pragma once

#include "analyzer/parse/process/pages.h"

struct item {
    const uint8_t *at, *end;
    uint64_t position;   /* in the member, of the item's first byte */
    bool is_short;       /* the bytes ended within the item: nothing that was read counts */
    bool is_broken;      /* a number of more than 64 bits: *why says so                   */
    struct failure *why; /* of the caller */
};

/* What a run says in terms of the runs before it. */
struct run_context {
    uint64_t frames; /* all frames are below */
    uint64_t expected_frame, repeated_frame, expected_slot, expected_device;
    uint32_t flags, repeated_flags, mapcount, repeated_mapcount, area;
};

/* 0 when the bytes ended. A number that is broken counts as such an end, too. */
uint8_t item_byte(struct item *item);
uint64_t item_number(struct item *item);

/* A run of at most `left` pages, and the context of the next. False: *why says what is wrong. */
bool item_run(struct item *item, struct run_context *context, uint64_t left, struct pages_run *run);

/* Sets *why; false. */
bool item_refuse(struct item *item, enum failure_kind kind, const char *sentence);
