#include "analyzer/views/table.h"

#include <inttypes.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/views/text_escape.h"

#define COLUMNS_SELECTED_MAX 64

struct selection {
    const struct column *columns[COLUMNS_SELECTED_MAX];
    size_t count;
};

struct sort_entry {
    struct cell key;
    size_t row;
};

struct cell cell_of_percent(uint64_t part, uint64_t whole)
{
    if (whole == 0)
        return (struct cell){.kind = CELL_ABSENT};
    /* 128 bits, so that neither end loses digits */
    unsigned __int128 tenths = ((unsigned __int128)part * 1000 + whole / 2) / whole;
    return (struct cell){.kind = CELL_TENTHS, .number = (uint64_t)tenths};
}

struct cell cell_of_signed_percent(int64_t part, int64_t whole)
{
    if (whole == 0)
        return (struct cell){.kind = CELL_ABSENT};
    __int128 twice = (__int128)part * 2000 / whole, tenths = (twice + (twice < 0 ? -1 : 1)) / 2;
    if (tenths > INT64_MAX || tenths < -INT64_MAX)
        tenths = tenths < 0 ? -INT64_MAX : INT64_MAX;
    return (struct cell){.kind = CELL_SIGNED_TENTHS, .change = (int64_t)tenths};
}

static const struct column *find_column(const struct table *table, struct slice name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (slice_equal(slice_of(table->columns[i].name), name))
            return &table->columns[i];
    return NULL;
}

static bool unknown_column(const struct table *table, struct slice name, struct failure *why)
{
    char known[200] = "";
    size_t used = 0;
    for (size_t i = 0; i < table->column_count && used < sizeof known - 1; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, " %s", table->columns[i].name);
    return failure_set(why, FAILURE_USAGE, 0, "no column '%.*s'; there are:%s",
                       (int)(name.length_bytes < 20 ? name.length_bytes : 20), name.at, known);
}

static bool is_separator(char c)
{
    return c == ',' || c == ' ';
}

/* Names separated by commas or blanks, as smem and lsblk have them. */
static bool select_columns(const struct table *table, const char *names, struct selection *out,
                           struct failure *why)
{
    out->count = 0;
    while (*names) {
        while (is_separator(*names))
            names++;
        size_t length = 0;
        while (names[length] && !is_separator(names[length]))
            length++;
        if (length == 0)
            break;
        struct slice name = {names, length};
        const struct column *column = find_column(table, name);
        if (!column)
            return unknown_column(table, name, why);
        if (out->count < COLUMNS_SELECTED_MAX)
            out->columns[out->count++] = column;
        names += length;
    }
    return out->count || failure_set(why, FAILURE_USAGE, 0, "no column is named");
}

static bool select_all(const struct table *table, struct selection *out)
{
    for (out->count = 0; out->count < table->column_count && out->count < COLUMNS_SELECTED_MAX;
         out->count++)
        out->columns[out->count] = &table->columns[out->count];
    return true;
}

static int compare_slices(struct slice a, struct slice b)
{
    size_t least = a.length_bytes < b.length_bytes ? a.length_bytes : b.length_bytes;
    int order = least ? memcmp(a.at, b.at, least) : 0;
    if (order)
        return order;
    return a.length_bytes < b.length_bytes ? -1 : a.length_bytes > b.length_bytes;
}

static int compare_cells(const struct cell *a, const struct cell *b)
{
    if (a->kind == CELL_ABSENT || b->kind == CELL_ABSENT)
        return (a->kind != CELL_ABSENT) - (b->kind != CELL_ABSENT);
    if (a->kind == CELL_TEXT)
        return compare_slices(a->text, b->text);
    if (a->kind == CELL_CHANGE || a->kind == CELL_SIGNED || a->kind == CELL_SIGNED_TENTHS)
        return a->change < b->change ? -1 : a->change > b->change;
    return a->number < b->number ? -1 : a->number > b->number;
}

static int ascending(const void *a, const void *b)
{
    const struct sort_entry *left = a, *right = b;
    int order = compare_cells(&left->key, &right->key);
    if (order)
        return order;
    return left->row < right->row ? -1 : left->row > right->row;
}

static int descending(const void *a, const void *b)
{
    const struct sort_entry *left = a, *right = b;
    int order = compare_cells(&right->key, &left->key);
    if (order)
        return order;
    return left->row < right->row ? -1 : left->row > right->row;
}

/* The rows in the order of printing. Owned by the caller. */
static struct sort_entry *order_rows(const struct table *table, const struct table_options *options,
                                     bool *is_descending, struct failure *why)
{
    const char *name = options->sort ? options->sort : table->default_sort;
    const struct column *key = NULL;
    if (name && *name && !(key = find_column(table, slice_of(name)))) {
        unknown_column(table, slice_of(name), why);
        return NULL;
    }
    struct sort_entry *order = malloc((table->row_count + 1) * sizeof *order);
    if (!order) {
        failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
        return NULL;
    }
    *is_descending = table->descending != options->reverse;
    for (size_t i = 0; i < table->row_count; i++) {
        size_t row = !key && options->reverse ? table->row_count - 1 - i : i;
        order[i] = (struct sort_entry){.row = row};
        if (key)
            order[i].key = key->cell(table->report, row);
    }
    if (key)
        qsort(order, table->row_count, sizeof *order, *is_descending ? descending : ascending);
    return order;
}

/* A size as the user wants it: in his unit, or as a share in percent. */
static char *size_text(const struct table *table, const struct table_options *options,
                       const struct cell *cell)
{
    char buffer[BYTE_TEXT_MAX];
    struct amount whole = cell->kind == CELL_SWAP ? table->swap : table->memory;
    if (!options->percent)
        return strdup(format_bytes(buffer, cell->number, options->unit));
    if (!whole.known || whole.bytes == 0)
        return strdup("-");
    return strdup(format_percent(buffer, cell->number, whole.bytes));
}

static int64_t magnitude(int64_t value)
{
    return value < 0 ? -value : value;
}

static char *cell_text(const struct table *table, const struct table_options *options,
                       const struct cell *cell)
{
    char buffer[BYTE_TEXT_MAX];
    switch (cell->kind) {
    case CELL_BYTES:
    case CELL_SWAP:
        return size_text(table, options, cell);
    case CELL_CHANGE:
        return strdup(format_change(buffer, cell->change, options->unit));
    case CELL_SIGNED:
        snprintf(buffer, sizeof buffer, "%" PRId64, cell->change);
        return strdup(buffer);
    case CELL_NUMBER:
        snprintf(buffer, sizeof buffer, "%" PRIu64, cell->number);
        return strdup(buffer);
    case CELL_TENTHS:
        snprintf(buffer, sizeof buffer, "%" PRIu64 ".%" PRIu64, cell->number / 10,
                 cell->number % 10);
        return strdup(buffer);
    case CELL_SIGNED_TENTHS:
        snprintf(buffer, sizeof buffer, "%s%" PRId64 ".%" PRId64, cell->change < 0 ? "-" : "+",
                 magnitude(cell->change) / 10, magnitude(cell->change) % 10);
        return strdup(buffer);
    case CELL_TEXT:
        return escape_for_text(cell->text);
    default:
        return strdup("-");
    }
}

static bool add_row(struct libscols_table *out, const struct table *table,
                    const struct table_options *options, const struct selection *selection,
                    const void *report, size_t row)
{
    struct libscols_line *line = scols_table_new_line(out, NULL);
    if (!line)
        return false;
    for (size_t i = 0; i < selection->count; i++) {
        struct cell cell = selection->columns[i]->cell(report, row);
        char *text = cell_text(table, options, &cell);
        if (!text || scols_line_refer_data(line, i, text) != 0) {
            free(text);
            return false;
        }
    }
    return true;
}

static bool add_rows(struct libscols_table *out, const struct table *table,
                     const struct table_options *options, const struct selection *selection,
                     struct failure *why)
{
    bool from_top;
    AUTO_FREE struct sort_entry *order = order_rows(table, options, &from_top, why);
    if (!order)
        return false;
    size_t first = 0, end = table->row_count;
    if (options->rows && options->rows < table->row_count) {
        if (from_top)
            end = options->rows;
        else
            first = table->row_count - options->rows;
    }
    bool ok = true;
    for (size_t i = first; ok && i < end; i++)
        ok = add_row(out, table, options, selection, table->report, order[i].row);
    if (ok && table->totals)
        ok = add_row(out, table, options, selection, table->totals, 0);
    return ok || failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

static bool add_headings(struct libscols_table *out, const struct selection *selection)
{
    for (size_t i = 0; i < selection->count; i++) {
        /* Only the last text column may be cut at the edge of a terminal. */
        bool last = i + 1 == selection->count;
        int flags = selection->columns[i]->right ? SCOLS_FL_RIGHT : 0;
        if (last && !selection->columns[i]->right)
            flags |= SCOLS_FL_TRUNC;
        if (!scols_table_new_column(out, selection->columns[i]->heading, 0, flags))
            return false;
    }
    return true;
}

bool table_print(const struct table *table, const struct table_options *options, FILE *to,
                 struct failure *why)
{
    struct selection selection;
    const char *names = options->columns ? options->columns : table->default_columns;
    if (!(names ? select_columns(table, names, &selection, why) : select_all(table, &selection)))
        return false;
    struct libscols_table *out = scols_new_table();
    if (!out)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    scols_table_set_stream(out, to);
    scols_table_enable_noheadings(out, options->no_headings);
    scols_table_set_termforce(out, options->width ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
    if (options->width)
        scols_table_set_termwidth(out, options->width);
    bool ok = add_headings(out, &selection) || failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    ok = ok && add_rows(out, table, options, &selection, why);
    if (ok && scols_table_get_nlines(out) && scols_print_table(out) != 0)
        ok = failure_set(why, FAILURE_SYSTEM, 0, "cannot write the output");
    scols_unref_table(out);
    return ok;
}
