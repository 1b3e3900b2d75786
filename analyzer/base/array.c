#include "analyzer/base/array.h"

#include <string.h>

bool array_reserve(void **items, size_t *capacity, size_t count, size_t item_bytes)
{
    if (count < *capacity) {
        memset((char *)*items + count * item_bytes, 0, item_bytes);
        return true;
    }
    size_t wanted = *capacity ? *capacity * 2 : 16;
    size_t bytes;
    if (wanted < *capacity || __builtin_mul_overflow(wanted, item_bytes, &bytes))
        return false;
    void *grown = realloc(*items, bytes);
    if (!grown)
        return false;
    memset((char *)grown + count * item_bytes, 0, item_bytes);
    *items = grown;
    *capacity = wanted;
    return true;
}
