#include "analyzer/compare/diff_named.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"

bool named_list_add(struct named_list *list, const struct named_amount *row)
{
    struct named_amount *slot = ARRAY_PUSH(list->rows, list->count, list->capacity);
    if (!slot)
        return false;
    *slot = *row;
    return true;
}

void named_list_deinit(struct named_list *list)
{
    free(list->rows);
    *list = (struct named_list){0};
}

static int compare_rows(const void *a, const void *b)
{
    const struct named_amount *left = a, *right = b;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    int order = strcmp(left->name, right->name);
    return order ? order
                 : strcmp(left->detail ? left->detail : "", right->detail ? right->detail : "");
}

static void sort_and_fold(struct named_list *list)
{
    size_t kept = 0;
    if (list->count)
        qsort(list->rows, list->count, sizeof *list->rows, compare_rows);
    for (size_t i = 0; i < list->count; i++) {
        const struct named_amount *row = &list->rows[i];
        if (!kept || compare_rows(&list->rows[kept - 1], row) != 0) {
            list->rows[kept++] = *row;
            continue;
        }
        struct named_amount *sum = &list->rows[kept - 1];
        sum->bytes = add_saturating(sum->bytes, row->bytes);
        sum->mapped_bytes = add_saturating(sum->mapped_bytes, row->mapped_bytes);
        sum->collector_bytes = add_saturating(sum->collector_bytes, row->collector_bytes);
        if (row->noise_bytes > sum->noise_bytes)
            sum->noise_bytes = row->noise_bytes;
    }
    list->count = kept;
}

bool named_lists_match(struct named_list *before, struct named_list *after, named_visitor visit,
                       void *context)
{
    size_t i = 0, j = 0;
    sort_and_fold(before);
    sort_and_fold(after);
    while (i < before->count || j < after->count) {
        const struct named_amount *old = i < before->count ? &before->rows[i] : NULL;
        const struct named_amount *new = j < after->count ? &after->rows[j] : NULL;
        int order = !old ? 1 : !new ? -1 : compare_rows(old, new);
        if (!visit(context, order <= 0 ? old : NULL, order >= 0 ? new : NULL))
            return false;
        i += order <= 0;
        j += order >= 0;
    }
    return true;
}
