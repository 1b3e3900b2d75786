#include "analyzer/parse/system/sockstat.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/parse/owned_text.h"
#include "analyzer/parse/text_cursor.h"

void sockstat_deinit(struct sockstat *sockstat)
{
    free(sockstat->values);
    *sockstat = (struct sockstat){0};
}

bool sockstat_get(const struct sockstat *sockstat, const char *protocol, const char *name,
                  uint64_t *value)
{
    for (size_t i = 0; i < sockstat->count; i++) {
        const struct sockstat_value *entry = &sockstat->values[i];
        if (strcmp(entry->protocol, protocol) == 0 && strcmp(entry->name, name) == 0) {
            *value = entry->value;
            return true;
        }
    }
    return false;
}

static bool take_value(struct sockstat *sockstat, size_t *capacity, struct slice protocol,
                       struct slice name, struct slice text, uint64_t number, struct failure *why)
{
    struct sockstat_value entry;
    uint64_t earlier;
    int64_t below_zero;
    if (!copy_text(protocol, entry.protocol, sizeof entry.protocol) ||
        !copy_text(name, entry.name, sizeof entry.name))
        return failure_set(why, FAILURE_MALFORMED, number,
                           "a name is too long: is this /proc/net/sockstat?");
    if (!parse_decimal(text, &entry.value)) {
        /* unfolded per-CPU counts can be printed below zero: not a figure, but no other file */
        if (parse_signed_decimal(text, &below_zero))
            return true;
        return failure_set(why, FAILURE_MALFORMED, number, "value of '%s' is no number",
                           entry.name);
    }
    if (sockstat_get(sockstat, entry.protocol, entry.name, &earlier))
        return failure_set(why, FAILURE_MALFORMED, number, "'%s %s' printed twice", entry.protocol,
                           entry.name);
    if (sockstat->count == SOCKSTAT_VALUES_MAX)
        return failure_set(why, FAILURE_LIMIT, number, "more than %u values", SOCKSTAT_VALUES_MAX);
    struct sockstat_value *slot = ARRAY_PUSH(sockstat->values, sockstat->count, *capacity);
    if (!slot)
        return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
    *slot = entry;
    return true;
}

static bool take_text(struct slice text, struct sockstat *sockstat, struct failure *why)
{
    size_t capacity = 0;
    uint64_t number = 0;
    struct slice line;
    if (text.length_bytes == 0)
        return failure_set(why, FAILURE_MALFORMED, 1, "empty: is this /proc/net/sockstat?");
    if (!text_is_whole(text, why))
        return false;
    while (next_line(&text, &line, &number)) {
        struct slice protocol;
        struct slice name;
        struct slice value;
        if (!split_at(line, ':', &protocol, &line))
            return failure_set(why, FAILURE_MALFORMED, number,
                               "no 'PROTOCOL: name value' line: is this /proc/net/sockstat?");
        while (next_word(&line, &name)) {
            if (!next_word(&line, &value))
                return failure_set(why, FAILURE_MALFORMED, number, "a name without value");
            if (!take_value(sockstat, &capacity, protocol, name, value, number, why))
                return false;
        }
    }
    return true;
}

bool sockstat_parse(struct slice text, struct sockstat *out, struct failure *why)
{
    struct sockstat parsed = {0};
    if (!take_text(text, &parsed, why)) {
        sockstat_deinit(&parsed);
        return false;
    }
    *out = parsed;
    return true;
}
