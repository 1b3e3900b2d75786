/* /proc/allocinfo: bytes allocated by each call site of the kernel. Kernels 6.10 and later with
 * CONFIG_MEM_ALLOC_PROFILING. Source: lib/alloc_tag.c:alloc_tag_to_text(). */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

#define ALLOCINFO_SITES_MAX 1048576u

struct allocinfo_site {
    struct slice file_line; /* "mm/slub.c:2400" */
    struct slice module;    /* empty: built in */
    struct slice function;  /* "alloc_slab_page" */
    uint64_t bytes, calls;  /* 0 where the counters of the processors sum up below zero */
};

struct allocinfo {
    struct allocinfo_site *sites; /* owned; its slices are borrowed from the text */
    size_t count;
};

void allocinfo_deinit(struct allocinfo *allocinfo);

/* Fails (MALFORMED, line; *out unchanged) without the header "allocinfo - version: 1.x or 2.x", on a
 * line of another form or a cut one, and (LIMIT) on more than ALLOCINFO_SITES_MAX sites. */
bool allocinfo_parse(struct slice text, struct allocinfo *out, struct failure *why);
