/* What a view prints, kept for a test to look at. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct printed {
    FILE *to; /* for the view */
    char *text;
    size_t length;
};

static inline void printed_begin(struct printed *printed)
{
    *printed = (struct printed){0};
    printed->to = open_memstream(&printed->text, &printed->length);
    assert_non_null(printed->to);
}

/* Ends the writing; text is then whole. Free with printed_deinit(). */
static inline void printed_end(struct printed *printed)
{
    assert_int_equal(fclose(printed->to), 0);
    printed->to = NULL;
}

static inline void printed_deinit(struct printed *printed)
{
    free(printed->text);
    *printed = (struct printed){0};
}
