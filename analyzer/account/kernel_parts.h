/* The rooms of kernel_usage.c, a file each. */
#pragma once

#include "analyzer/account/kernel_usage.h"

/* Each fills its part of `usage` and sets its has_ flag; false when memory ran out. */
bool kernel_list_vmalloc(const struct snapshot *snapshot, struct kernel_usage *usage);
bool kernel_list_slab(const struct snapshot *snapshot, struct kernel_usage *usage);
/* After vmalloc: modules are looked for among its groups. */
bool kernel_list_modules(const struct snapshot *snapshot, struct kernel_usage *usage);

static inline int descending(uint64_t a, uint64_t b)
{
    return a > b ? -1 : a < b;
}
