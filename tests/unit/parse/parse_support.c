#include "tests/unit/parse/parse_support.h"

struct slice exact_copy(const char *text, size_t length)
{
    /* one byte at least: an empty text still needs memory that nobody may read */
    char *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    memcpy(copy, text, length);
    return (struct slice){copy, length};
}

void free_copy(struct slice copy)
{
    void *bytes; /* a slice is const: it borrows */
    memcpy(&bytes, &copy.at, sizeof bytes);
    free(bytes);
}

static bool parse_exactly(parse_fn parse, const char *text, size_t length, struct failure *why)
{
    struct slice copy = exact_copy(text, length);
    bool parsed = parse(copy, why);
    assert_int_equal(parsed, why->kind == FAILURE_NONE);
    free_copy(copy);
    return parsed;
}

void expect_rejected(parse_fn parse, const struct rejected *rejected, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct failure why = {0};
        if (parse_exactly(parse, rejected[i].text, strlen(rejected[i].text), &why))
            fail_msg("%s: was read", rejected[i].what);
        if (why.kind != FAILURE_MALFORMED || why.position != rejected[i].line ||
            !strstr(why.message, rejected[i].message))
            fail_msg("%s: refused as %s:%llu: %s", rejected[i].what, failure_kind_word(why.kind),
                     (unsigned long long)why.position, why.message);
    }
}

size_t expect_safe_prefixes(parse_fn parse, const char *text)
{
    size_t parsed = 0;
    for (size_t length = 0; length <= strlen(text); length++) {
        struct failure why = {0};
        if (parse_exactly(parse, text, length, &why))
            parsed++;
        else
            assert_int_not_equal(why.position, 0);
    }
    return parsed;
}
