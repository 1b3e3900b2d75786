/* /proc/swaps. Source: mm/swapfile.c:swap_show(). Sizes are printed in KiB without unit. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

struct swap_area {
    char *name; /* owned; the kernel escapes blanks as \040 and so on, kept as printed */
    char *type; /* owned: "partition", "file" */
    uint64_t size_bytes, used_bytes;
    int64_t priority;
};

struct swaps {
    struct swap_area *areas; /* owned */
    size_t count;
};

void swaps_deinit(struct swaps *swaps);
bool swaps_parse(struct slice text, struct swaps *out, struct failure *why);
