/* What the processes of each user hold, added up: shared memory counts in every one of them but
 * for PSS, and what they hold once is less than the sum of RSS. */
#pragma once

#include "analyzer/account/process_usage.h"

struct user_usage {
    struct amount uid;            /* .bytes is the number; unknown: of processes without status */
    struct process_totals totals; /* .processes counts them                                     */
};

struct user_usages {
    struct user_usage *rows; /* owned; by uid, unknown last */
    size_t count;
};

/* Over `count` processes, without those that have no memory of their own. Fails when memory runs out. Free with user_usages_deinit(). */
bool user_usages_compute(const struct process_usage *usages, size_t count, struct user_usages *out,
                         struct failure *why);
void user_usages_deinit(struct user_usages *users);
