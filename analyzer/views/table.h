/* Tables as data: a column is a row of a table with its name, heading, help and the function that
 * gives its cells. Selecting, sorting, cutting and printing are the same for all reports. Also the
 * one door to the table library. */
#pragma once

#include <stdio.h>

#include "analyzer/base/amount.h"
#include "analyzer/base/slice.h"
#include "analyzer/views/byte_format.h"
#include "schema/failure.h"

enum cell_kind {
    CELL_ABSENT, /* printed as "-" */
    CELL_BYTES,  /* with table_options.percent: a share of table.memory                  */
    CELL_SWAP,   /* bytes, too; a share of table.swap                                    */
    CELL_CHANGE, /* signed bytes with "+" */
    CELL_NUMBER,
    CELL_SIGNED,        /* `change` without a sign for what is positive                         */
    CELL_TENTHS,        /* number is tenths: 123 is "12.3" */
    CELL_SIGNED_TENTHS, /* the same of `change`, with its sign: "+12.3" */
    CELL_TEXT           /* outside text: escaped when printed */
};

struct cell {
    enum cell_kind kind;
    uint64_t number;
    int64_t change;
    struct slice text; /* valid while the report is */
};

struct column {
    const char *name; /* for -c and -s, lower case */
    const char *heading;
    const char *help;
    bool right; /* aligned to the right */
    struct cell (*cell)(const void *report, size_t row);
};

struct table_options {
    enum size_unit unit;
    bool percent; /* instead of sizes where the table knows what they are shares of */
    bool no_headings;
    const char *columns; /* "pid,rss pss": NULL for the default */
    const char *sort;    /* a column's name, NULL for the default; "" keeps the report's order */
    bool reverse;
    uint64_t rows;  /* 0: all */
    unsigned width; /* of the terminal; 0: no limit */
};

struct table {
    const struct column *columns;
    size_t column_count;
    const char *default_columns; /* names, separated by commas; NULL: all */
    const char *default_sort;    /* NULL: as the report has them */
    bool descending;             /* rows kept by -n stand at the top, else at the end */
    const void *report;
    size_t row_count;
    const void *totals;         /* a report with one row, printed last; NULL none */
    struct amount memory, swap; /* bytes that -p takes shares of; unknown or 0: shares are absent */
};

/* Fails USAGE when a column or sort key is not known; the message lists those that are. */
bool table_print(const struct table *table, const struct table_options *options, FILE *to,
                 struct failure *why);

static inline struct cell cell_of_amount(struct amount amount)
{
    return (struct cell){.kind = amount.known ? CELL_BYTES : CELL_ABSENT, .number = amount.bytes};
}

static inline struct cell cell_of_swap(struct amount amount)
{
    return (struct cell){.kind = amount.known ? CELL_SWAP : CELL_ABSENT, .number = amount.bytes};
}

/* Of an amount that is no size. */
static inline struct cell cell_of_count(struct amount count)
{
    return (struct cell){.kind = count.known ? CELL_NUMBER : CELL_ABSENT, .number = count.bytes};
}

static inline struct cell cell_of_signed(int64_t number)
{
    return (struct cell){.kind = CELL_SIGNED, .change = number};
}

static inline struct cell cell_of_bytes(uint64_t bytes)
{
    return (struct cell){.kind = CELL_BYTES, .number = bytes};
}

static inline struct cell cell_of_number(uint64_t number)
{
    return (struct cell){.kind = CELL_NUMBER, .number = number};
}

static inline struct cell cell_of_change(int64_t change)
{
    return (struct cell){.kind = CELL_CHANGE, .change = change};
}

static inline struct cell cell_of_slice(struct slice text)
{
    return (struct cell){.kind = CELL_TEXT, .text = text};
}

static inline struct cell cell_of_text(const char *text)
{
    if (!text)
        return (struct cell){.kind = CELL_ABSENT};
    return (struct cell){.kind = CELL_TEXT, .text = slice_of(text)};
}

/* part of whole in tenths of a percent; absent when whole is 0. */
struct cell cell_of_percent(uint64_t part, uint64_t whole);
/* The same with a sign, of values that to_signed() has clamped. */
struct cell cell_of_signed_percent(int64_t part, int64_t whole);
