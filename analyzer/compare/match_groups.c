#include "analyzer/compare/match_groups.h"

#include <stdlib.h>

#include "analyzer/base/cleanup.h"

static int compare_texts(const void *a, const void *b)
{
    const struct slice *left = *(const struct slice *const *)a;
    const struct slice *right = *(const struct slice *const *)b;
    size_t least =
        left->length_bytes < right->length_bytes ? left->length_bytes : right->length_bytes;
    int order = least ? memcmp(left->at, right->at, least) : 0;
    if (order)
        return order;
    return left->length_bytes < right->length_bytes ? -1 : left->length_bytes > right->length_bytes;
}

bool match_text_ids(const struct slice *texts, size_t count, uint32_t *ids)
{
    AUTO_FREE const struct slice **sorted = malloc((count + 1) * sizeof *sorted);
    if (!sorted)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &texts[i];
    qsort(sorted, count, sizeof *sorted, compare_texts);
    uint32_t id = 0;
    for (size_t i = 0; i < count; i++) {
        if (i && compare_texts(&sorted[i - 1], &sorted[i]) != 0)
            id++;
        ids[sorted[i] - texts] = id;
    }
    return true;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_keys(const struct match_entry *left, const struct match_entry *right)
{
    int order = 0;
    for (size_t i = 0; i < MATCH_KEY_PARTS && !order; i++)
        order = compare_numbers(left->key[i], right->key[i]);
    return order;
}

static int compare_entries(const void *a, const void *b)
{
    const struct match_entry *left = a, *right = b;
    int order = compare_keys(left, right);
    if (!order)
        order = compare_numbers(left->after, right->after);
    if (!order)
        order = compare_numbers(left->rank, right->rank);
    return order ? order : compare_numbers(left->item, right->item);
}

void match_entries_sort(struct match_entry *entries, size_t count)
{
    if (count)
        qsort(entries, count, sizeof *entries, compare_entries);
}

bool match_next_group(const struct match_entry *entries, size_t count, size_t *at,
                      struct match_group *group)
{
    if (*at >= count)
        return false;
    size_t first = *at, middle = first;
    while (middle < count && !entries[middle].after &&
           compare_keys(&entries[first], &entries[middle]) == 0)
        middle++;
    size_t end = middle;
    while (end < count && compare_keys(&entries[first], &entries[end]) == 0)
        end++;
    *group = (struct match_group){&entries[first], &entries[middle], middle - first, end - middle};
    *at = end;
    return true;
}
