#include "schema/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_words[] = {
    [FAILURE_NONE] = "none",
    [FAILURE_MALFORMED] = "malformed",
    [FAILURE_UNSUPPORTED] = "unsupported",
    [FAILURE_LIMIT] = "limit",
    [FAILURE_TRUNCATED] = "truncated",
    [FAILURE_DAMAGED] = "damaged",
    [FAILURE_SYSTEM] = "system",
    [FAILURE_USAGE] = "usage",
};
_Static_assert(sizeof kind_words / sizeof kind_words[0] == FAILURE_KIND_COUNT,
               "a kind of failure has no word");

bool failure_set(struct failure *why, enum failure_kind kind, uint64_t position, const char *format,
                 ...)
{
    if (!why || why->kind != FAILURE_NONE)
        return false;
    why->kind = kind;
    why->position = position;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why->message, sizeof why->message, format, arguments);
    va_end(arguments);
    return false;
}

bool failure_in(struct failure *why, const char *member)
{
    if (why && why->kind != FAILURE_NONE && why->member[0] == '\0')
        snprintf(why->member, sizeof why->member, "%s", member);
    return false;
}

const char *failure_kind_word(enum failure_kind kind)
{
    return (unsigned)kind < FAILURE_KIND_COUNT ? kind_words[kind] : "unknown";
}

/* A member's name comes from outside: control bytes become '?', the rest stays. */
static void blank_control_bytes(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

const char *failure_text(const struct failure *why, char *buffer, unsigned long buffer_bytes)
{
    if (why->member[0] && why->position)
        snprintf(buffer, buffer_bytes, "%s:%llu: %s", why->member,
                 (unsigned long long)why->position, why->message);
    else if (why->member[0])
        snprintf(buffer, buffer_bytes, "%s: %s", why->member, why->message);
    else
        snprintf(buffer, buffer_bytes, "%s", why->message);
    blank_control_bytes(buffer);
    return buffer;
}
