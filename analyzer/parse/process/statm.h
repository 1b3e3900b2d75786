/* /proc/PID/statm: size resident shared text lib data dt, in pages. Source: fs/proc/array.c. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

struct process_statm {
    uint64_t size_pages, resident_pages, shared_pages, text_pages, data_pages;
};

bool process_statm_parse(struct slice text, struct process_statm *out, struct failure *why);
