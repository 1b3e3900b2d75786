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
    for (size_t i = 0; sockstat->values && i < sockstat->count; i++) {
        const struct sockstat_value *entry = &sockstat->values[i];
        if (strcmp(entry->protocol, protocol) == 0 && strcmp(entry->name, name) == 0) {
            *value = entry->value;
            return true;
        }
    }
    return false;
}

/* One run over one text; `sockstat` is published only when the run succeeds. */
struct run {
    struct sockstat sockstat;
    size_t capacity;
    uint64_t line;
};

static bool take_value(struct run *run, struct slice protocol, struct slice name, struct slice text,
                       struct failure *why)
{
    struct sockstat_value entry;
    uint64_t earlier;
    int64_t below_zero;
    if (!copy_text(protocol, entry.protocol, sizeof entry.protocol) ||
        !copy_text(name, entry.name, sizeof entry.name))
        return failure_set(why, FAILURE_MALFORMED, run->line,
                           "a name is too long: is this /proc/net/sockstat?");
    if (!parse_decimal(text, &entry.value)) {
        /* unfolded per-CPU counts can be printed below zero: not a figure, but no other file */
        if (parse_signed_decimal(text, &below_zero))
            return true;
        return failure_set(why, FAILURE_MALFORMED, run->line, "value of '%s' is no number",
                           entry.name);
    }
    if (sockstat_get(&run->sockstat, entry.protocol, entry.name, &earlier))
        return failure_set(why, FAILURE_MALFORMED, run->line, "'%s %s' printed twice",
                           entry.protocol, entry.name);
    if (run->sockstat.count == SOCKSTAT_VALUES_MAX)
        return failure_set(why, FAILURE_LIMIT, run->line, "more than %u values",
                           SOCKSTAT_VALUES_MAX);
    struct sockstat_value *slot =
        ARRAY_PUSH(run->sockstat.values, run->sockstat.count, run->capacity);
    if (!slot)
        return failure_set(why, FAILURE_SYSTEM, run->line, "out of memory");
    *slot = entry;
    return true;
}

static bool take_line(struct run *run, struct slice line, struct failure *why)
{
    struct slice protocol;
    struct slice name;
    struct slice value;
    if (!split_at(line, ':', &protocol, &line))
        return failure_set(why, FAILURE_MALFORMED, run->line,
                           "no 'PROTOCOL: name value' line: is this /proc/net/sockstat?");
    while (next_word(&line, &name)) {
        if (!next_word(&line, &value))
            return failure_set(why, FAILURE_MALFORMED, run->line, "a name without value");
        if (!take_value(run, protocol, name, value, why))
            return false;
    }
    return true;
}

static bool take_text(struct run *run, struct slice text, struct failure *why)
{
    struct slice line;
    if (text.length_bytes == 0)
        return failure_set(why, FAILURE_MALFORMED, 1, "empty: is this /proc/net/sockstat?");
    if (!text_is_whole(text, why))
        return false;
    while (next_line(&text, &line, &run->line))
        if (!take_line(run, line, why))
            return false;
    return true;
}

bool sockstat_parse(struct slice text, struct sockstat *out, struct failure *why)
{
    struct run run = {.line = 0};
    if (!take_text(&run, text, why)) {
        sockstat_deinit(&run.sockstat);
        return false;
    }
    *out = run.sockstat;
    return true;
}
