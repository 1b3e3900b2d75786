#include "collector/redact/rest.h"

#include "collector/redact/names.h"

#include <string.h>

/* The next field, without the blanks before it, which are added as they are. */
size_t rest_next_field(struct rest *rest)
{
    const char *start = rest->at;
    while (rest->at < rest->end && *rest->at == ' ')
        rest->at++;
    text_bytes(rest->text, start, (size_t)(rest->at - start));
    const char *stop = rest->at;
    while (stop < rest->end && *stop != ' ' && *stop != '\t')
        stop++;
    return (size_t)(stop - rest->at);
}

void rest_keep_fields(struct rest *rest, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        size_t length = rest_next_field(rest);
        text_bytes(rest->text, rest->at, length);
        rest->at += length;
    }
}

void rest_change_path(struct rest *rest)
{
    size_t length = rest_next_field(rest);
    size_t plain = unescape_octal(rest->scratch, rest->at, length);
    redact_path(rest->redact, rest->text, rest->scratch, plain);
    rest->at += length;
}

void rest_keep(struct rest *rest)
{
    text_bytes(rest->text, rest->at, rest_left(rest));
    rest->at = rest->end;
}

size_t rest_span(const char *at, const char *end, const char *set)
{
    const char *start = at;
    while (at < end && *at && strchr(set, *at))
        at++;
    return (size_t)(at - start);
}
