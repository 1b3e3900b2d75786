/* Growing a heap array by doubling, with the multiplication checked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Makes room for one more item after `count` items of `item_bytes` in *items, whose room is
 * *capacity. False when memory ran out; the array is then unchanged. */
bool array_reserve(void **items, size_t *capacity, size_t count, size_t item_bytes);

/* array_push(items, count, capacity): an lvalue-ready zeroed slot, or NULL. */
#define ARRAY_PUSH(items, count, capacity)                                                         \
    (array_reserve((void **)&(items), &(capacity), (count), sizeof *(items)) ? &(items)[(count)++] \
                                                                             : NULL)
