#include "analyzer/account/divided_spaces.h"

#include <stdlib.h>

#include "analyzer/account/set_sharing.h"
#include "analyzer/base/array.h"

static int by_first_and_set(const void *a, const void *b)
{
    const struct divided_space *left = a, *right = b;
    if (left->first != right->first)
        return left->first < right->first ? -1 : 1;
    return left->set < right->set ? -1 : left->set > right->set;
}

static void drop_repeated(struct divided_spaces *spaces)
{
    size_t kept = 0;
    for (size_t i = 0; i < spaces->count; i++)
        if (!kept || by_first_and_set(&spaces->rows[kept - 1], &spaces->rows[i]) != 0)
            spaces->rows[kept++] = spaces->rows[i];
    spaces->count = kept;
}

bool divided_spaces_find(const struct snapshot *snapshot, const uint32_t *set_of,
                         const uint32_t *set_of_space, struct divided_spaces *out)
{
    struct divided_spaces spaces = {0};
    size_t capacity = 0;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        uint32_t shared = snapshot->processes[i].address_space;
        if (!shared || set_of[i] == NO_SET || set_of_space[shared - 1] != NO_SET)
            continue;
        struct divided_space *row = ARRAY_PUSH(spaces.rows, spaces.count, capacity);
        if (!row) {
            divided_spaces_deinit(&spaces);
            return false;
        }
        *row = (struct divided_space){shared - 1, set_of[i]};
    }
    if (spaces.count)
        qsort(spaces.rows, spaces.count, sizeof *spaces.rows, by_first_and_set);
    drop_repeated(&spaces);
    *out = spaces;
    return true;
}

void divided_spaces_deinit(struct divided_spaces *spaces)
{
    free(spaces->rows);
    *spaces = (struct divided_spaces){0};
}

const struct divided_space *divided_spaces_of(const struct divided_spaces *spaces, uint32_t first,
                                              size_t *count)
{
    size_t low = 0, end = spaces->count;
    while (low < end) {
        size_t middle = low + (end - low) / 2;
        if (spaces->rows[middle].first < first)
            low = middle + 1;
        else
            end = middle;
    }
    while (end < spaces->count && spaces->rows[end].first == first)
        end++;
    *count = end - low;
    return *count ? &spaces->rows[low] : NULL;
}
