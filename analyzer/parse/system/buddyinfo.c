#include "analyzer/parse/system/buddyinfo.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/parse/owned_text.h"
#include "analyzer/parse/text_cursor.h"

void buddyinfo_deinit(struct buddyinfo *buddyinfo)
{
    free(buddyinfo->zones);
    *buddyinfo = (struct buddyinfo){0};
}

/* "Node 0, zone   Normal      2      1      2 ..." */
static bool read_zone(struct slice line, struct buddy_zone *zone)
{
    struct slice head;
    struct slice word;
    uint64_t node;
    if (!split_at(line, ',', &head, &line) || !next_word(&head, &word) ||
        !slice_equal(word, SLICE("Node")) || !next_decimal(&head, &node) || node > UINT32_MAX ||
        next_word(&head, &word))
        return false;
    if (!next_word(&line, &word) || !slice_equal(word, SLICE("zone")) || !next_word(&line, &word) ||
        !copy_text(word, zone->name, sizeof zone->name))
        return false;
    zone->node = (unsigned)node;
    while (next_word(&line, &word)) {
        if (zone->order_count == BUDDY_ORDERS_MAX ||
            !parse_decimal(word, &zone->blocks[zone->order_count]))
            return false;
        zone->order_count++;
    }
    return zone->order_count > 0;
}

static bool take_text(struct slice text, struct buddyinfo *buddyinfo, struct failure *why)
{
    size_t capacity = 0;
    uint64_t number = 0;
    struct slice line;
    if (text.length_bytes == 0)
        return failure_set(why, FAILURE_MALFORMED, 1, "empty: is this /proc/buddyinfo?");
    if (!text_is_whole(text, why))
        return false;
    while (next_line(&text, &line, &number)) {
        struct buddy_zone *zone = ARRAY_PUSH(buddyinfo->zones, buddyinfo->count, capacity);
        if (!zone)
            return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
        if (!read_zone(line, zone))
            return failure_set(why, FAILURE_MALFORMED, number,
                               "no 'Node N, zone NAME COUNTS' line: is this /proc/buddyinfo?");
    }
    return true;
}

bool buddyinfo_parse(struct slice text, struct buddyinfo *out, struct failure *why)
{
    struct buddyinfo parsed = {0};
    if (!take_text(text, &parsed, why)) {
        buddyinfo_deinit(&parsed);
        return false;
    }
    *out = parsed;
    return true;
}

uint64_t buddyinfo_free_pages(const struct buddyinfo *buddyinfo)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < buddyinfo->count; i++)
        for (unsigned order = 0; order < buddyinfo->zones[i].order_count; order++)
            sum = add_saturating(
                sum, multiply_saturating(buddyinfo->zones[i].blocks[order], UINT64_C(1) << order));
    return sum;
}
