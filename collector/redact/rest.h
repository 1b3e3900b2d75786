/* A line that is being rewritten, field by field. What these functions keep or change goes to the text,
 * and is taken off the line. */
#pragma once

#include "collector/redact/redact.h"

struct rest {
    const struct redact *redact;
    struct text *text;
    const char *at, *end;
    char *scratch;
};

#define DIGITS         "0123456789"
#define MEMBER_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_" DIGITS

static inline size_t rest_left(const struct rest *rest)
{
    return (size_t)(rest->end - rest->at);
}

/* The length of the next field; the blanks before it are added as they are. */
size_t rest_next_field(struct rest *rest);

void rest_keep_fields(struct rest *rest, unsigned count);
void rest_change_path(struct rest *rest); /* the next field, unescaped */
void rest_keep(struct rest *rest);        /* all that is left */

/* How many of the first bytes are in `set`. */
size_t rest_span(const char *at, const char *end, const char *set);
