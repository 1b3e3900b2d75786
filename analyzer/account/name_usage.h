/* Memory by the name of its mapping, as smem -m adds it up: one row for all that is mapped under one
 * name, whatever inode stood behind it. What is mapped, told apart: object_usage.h. */
#pragma once

#include "analyzer/account/process_usage.h"

struct name_usage {
    uint32_t name;      /* string id; the empty string: anonymous memory without a name */
    uint64_t mappings;  /* with this name, in all processes                              */
    uint64_t processes; /* that have one                                                 */
    uint32_t present;   /* SMAPS_BIT of the fields that at least one of these printed    */
    uint64_t bytes[SMAPS_FIELD_COUNT]; /* saturating sums                                */
};

struct name_usages {
    struct name_usage *rows; /* owned; in the order of string ids */
    size_t count;
};

/* Over `count` processes, each address space once (counted_before), and only over mappings of chosen objects; `chosen` (by index into
 * mappings.objects) may be NULL: all. Needs the mappings of the snapshot. Fails when memory runs out.
 * Free with name_usages_deinit(). */
bool name_usages_compute(const struct snapshot *snapshot, const struct process_usage *usages,
                         size_t count, const bool *chosen, struct name_usages *out,
                         struct failure *why);
void name_usages_deinit(struct name_usages *names);

/* A sum, unknown where no process printed the field. */
struct amount name_usage_sum(const struct name_usage *usage, enum smaps_field field);
/* Private_Clean + Private_Dirty */
struct amount name_usage_uss(const struct name_usage *usage);
