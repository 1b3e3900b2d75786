#include "analyzer/parse/system/swaps.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/parse/owned_text.h"
#include "analyzer/parse/text_cursor.h"

void swaps_deinit(struct swaps *swaps)
{
    for (size_t i = 0; i < swaps->count; i++) {
        free(swaps->areas[i].name);
        free(swaps->areas[i].type);
    }
    free(swaps->areas);
    *swaps = (struct swaps){0};
}

static bool kib_to_bytes(struct slice *line, uint64_t *bytes)
{
    uint64_t number;
    return next_decimal(line, &number) && !__builtin_mul_overflow(number, UINT64_C(1024), bytes);
}

/* "/dev/zram0   partition   65532   14336   -2" */
static bool read_area(struct slice line, struct slice *name, struct slice *type,
                      struct swap_area *area)
{
    struct slice word;
    return next_word(&line, name) && next_word(&line, type) &&
           kib_to_bytes(&line, &area->size_bytes) && kib_to_bytes(&line, &area->used_bytes) &&
           next_word(&line, &word) && parse_signed_decimal(word, &area->priority) &&
           !next_word(&line, &word);
}

static bool take_text(struct slice text, struct swaps *swaps, struct failure *why)
{
    size_t capacity = 0;
    uint64_t number = 0;
    struct slice line;
    if (!text_is_whole(text, why))
        return false;
    if (!next_line(&text, &line, &number) || !slice_starts(line, SLICE("Filename")))
        return failure_set(why, FAILURE_MALFORMED, 1, "no heading: is this /proc/swaps?");
    while (next_line(&text, &line, &number)) {
        struct slice name;
        struct slice type;
        struct swap_area area = {0};
        if (!read_area(line, &name, &type, &area))
            return failure_set(why, FAILURE_MALFORMED, number,
                               "no 'NAME TYPE SIZE USED PRIORITY' line");
        struct swap_area *slot = ARRAY_PUSH(swaps->areas, swaps->count, capacity);
        if (!slot)
            return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
        *slot = area;
        slot->name = owned_text(name);
        slot->type = owned_text(type);
        if (!slot->name || !slot->type)
            return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
    }
    return true;
}

bool swaps_parse(struct slice text, struct swaps *out, struct failure *why)
{
    struct swaps parsed = {0};
    if (!take_text(text, &parsed, why)) {
        swaps_deinit(&parsed);
        return false;
    }
    *out = parsed;
    return true;
}
