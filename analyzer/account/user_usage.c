#include "analyzer/account/user_usage.h"

#include <stdlib.h>

#include "analyzer/base/cleanup.h"

static int compare_users(struct amount left, struct amount right)
{
    if (left.known != right.known)
        return left.known ? -1 : 1;
    return left.bytes < right.bytes ? -1 : left.bytes > right.bytes;
}

static int by_user(const void *a, const void *b)
{
    const struct process_usage *left = *(const struct process_usage *const *)a;
    const struct process_usage *right = *(const struct process_usage *const *)b;
    return compare_users(left->process->uid, right->process->uid);
}

bool user_usages_compute(const struct process_usage *usages, size_t count, struct user_usages *out,
                         struct failure *why)
{
    AUTO_FREE const struct process_usage **order = malloc((count + 1) * sizeof *order);
    struct user_usage *rows = calloc(count + 1, sizeof *rows);
    size_t used = 0, users = 0;
    if (!order || !rows) {
        free(rows);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    for (size_t i = 0; i < count; i++)
        if (!process_usage_has_none(&usages[i]))
            order[used++] = &usages[i];
    qsort(order, used, sizeof *order, by_user);
    for (size_t i = 0; i < used; i++) {
        struct amount uid = order[i]->process->uid;
        if (users == 0 || compare_users(rows[users - 1].uid, uid) != 0)
            rows[users++].uid = uid;
        process_totals_add(&rows[users - 1].totals, order[i]);
    }
    *out = (struct user_usages){.rows = rows, .count = users};
    return true;
}

void user_usages_deinit(struct user_usages *users)
{
    free(users->rows);
    *users = (struct user_usages){0};
}
