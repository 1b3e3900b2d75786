/* analyzer/views/table.c */
#include "tests/unit/views/printed.h"

#include "analyzer/views/table.h"

struct row {
    const char *name;
    struct amount size;
    int64_t change;
    uint64_t number;
};

static const struct row rows[] = {
    {"beta",  {3072, true},  -2048, 2 },
    {"alpha", {10240, true}, 1024,  1 },
    {"none",  {0, false},    0,     4 },
    {"gamma", {3072, true},  4096,  30},
};

static const struct row *row_at(const void *report, size_t row)
{
    return (const struct row *)report + row;
}

static struct cell name_cell(const void *report, size_t row)
{
    return cell_of_text(row_at(report, row)->name);
}

static struct cell size_cell(const void *report, size_t row)
{
    return cell_of_amount(row_at(report, row)->size);
}

static struct cell change_cell(const void *report, size_t row)
{
    return cell_of_change(row_at(report, row)->change);
}

static struct cell number_cell(const void *report, size_t row)
{
    return cell_of_number(row_at(report, row)->number);
}

static struct cell swap_cell(const void *report, size_t row)
{
    return cell_of_swap(row_at(report, row)->size);
}

static struct cell signed_cell(const void *report, size_t row)
{
    return cell_of_signed(row_at(report, row)->change);
}

static struct cell percent_cell(const void *report, size_t row)
{
    return cell_of_percent(row_at(report, row)->size.bytes, 20480);
}

static const struct column columns[] = {
    {"name",    "NAME",   "the name",   false, name_cell   },
    {"size",    "SIZE",   "its size",   true,  size_cell   },
    {"change",  "CHANGE", "its change", true,  change_cell },
    {"number",  "NUMBER", "a number",   true,  number_cell },
    {"percent", "%",      "a part",     true,  percent_cell},
    {"swap",    "SWAP",   "swapped",    true,  swap_cell   },
    {"signed",  "SIGNED", "a number",   true,  signed_cell },
};

static struct table table_of_rows(void)
{
    return (struct table){.columns = columns,
                          .column_count = sizeof columns / sizeof columns[0],
                          .default_columns = "name,size",
                          .default_sort = "size",
                          .descending = true,
                          .report = rows,
                          .row_count = sizeof rows / sizeof rows[0]};
}

/* Prints, with every run of blanks made one, and none at ends of lines. */
static void expect_printed(const struct table *table, const struct table_options *options,
                           const char *wanted)
{
    struct printed printed;
    struct failure why = {0};
    printed_begin(&printed);
    bool ok = table_print(table, options, printed.to, &why);
    printed_end(&printed);
    if (!ok)
        fail_msg("not printed: %s", why.message);
    size_t out = 0;
    for (size_t i = 0; i < printed.length; i++) {
        char c = printed.text[i];
        bool at_start = out == 0 || printed.text[out - 1] == '\n';
        if (c == ' ' && (at_start || printed.text[out - 1] == ' '))
            continue;
        if (c == '\n' && !at_start && printed.text[out - 1] == ' ')
            out--;
        printed.text[out++] = c;
    }
    assert_int_equal(out, strlen(wanted));
    assert_memory_equal(printed.text, wanted, out);
    printed_deinit(&printed);
}

#define OPTIONS(...) (&(struct table_options){.unit = SIZE_KIB, __VA_ARGS__})

static void defaults_are_the_tables_own(void **state)
{
    (void)state;
    struct table table = table_of_rows();
    expect_printed(&table, OPTIONS(.rows = 0), "NAME SIZE\nalpha 10\nbeta 3\ngamma 3\nnone -\n");
}

static void columns_are_those_named(void **state)
{
    (void)state;
    struct table table = table_of_rows();
    expect_printed(&table, OPTIONS(.columns = "number,change,percent", .sort = "", .rows = 2),
                   "NUMBER CHANGE %\n2 -2 15.0\n1 +1 50.0\n");
    expect_printed(&table, OPTIONS(.columns = " name ,, number name", .sort = "", .rows = 1),
                   "NAME NUMBER NAME\nbeta 2 beta\n");
    expect_printed(&table, OPTIONS(.columns = "name", .sort = "", .no_headings = true),
                   "beta\nalpha\nnone\ngamma\n");
}

static void rows_are_sorted_by_any_column(void **state)
{
    (void)state;
    struct table table = table_of_rows();
    expect_printed(&table, OPTIONS(.columns = "name", .sort = "name", .no_headings = true),
                   "none\ngamma\nbeta\nalpha\n");
    expect_printed(&table,
                   OPTIONS(.columns = "name", .sort = "name", .reverse = true, .no_headings = true),
                   "alpha\nbeta\ngamma\nnone\n");
    /* as numbers, with their sign; the column need not be shown */
    expect_printed(&table, OPTIONS(.columns = "name", .sort = "change", .no_headings = true),
                   "gamma\nalpha\nnone\nbeta\n");
    expect_printed(&table, OPTIONS(.columns = "name", .sort = "number", .no_headings = true),
                   "gamma\nnone\nbeta\nalpha\n");
    /* what is absent stands below every figure */
    expect_printed(&table,
                   OPTIONS(.columns = "name", .sort = "size", .reverse = true, .no_headings = true),
                   "none\nbeta\ngamma\nalpha\n");
    expect_printed(&table,
                   OPTIONS(.columns = "name", .sort = "", .reverse = true, .no_headings = true),
                   "gamma\nnone\nalpha\nbeta\n");
}

/* The largest are kept, at whatever end they stand. */
static void rows_kept_are_the_largest(void **state)
{
    (void)state;
    struct table table = table_of_rows();
    expect_printed(&table, OPTIONS(.columns = "name", .sort = "number", .rows = 2),
                   "NAME\ngamma\nnone\n");
    table.descending = false;
    expect_printed(&table, OPTIONS(.columns = "name", .sort = "number", .rows = 2),
                   "NAME\nnone\ngamma\n");
    expect_printed(&table, OPTIONS(.columns = "name", .sort = "number", .rows = 4),
                   "NAME\nalpha\nbeta\nnone\ngamma\n");
    expect_printed(&table, OPTIONS(.columns = "name", .sort = "number", .rows = UINT64_MAX),
                   "NAME\nalpha\nbeta\nnone\ngamma\n");
}

static void totals_come_last_and_are_not_cut(void **state)
{
    (void)state;
    struct table table = table_of_rows();
    static const struct row total = {
        "total", {16384, true},
         3072, 37
    };
    table.totals = &total;
    expect_printed(&table, OPTIONS(.columns = "name,size", .rows = 1),
                   "NAME SIZE\nalpha 10\ntotal 16\n");
}

static void units_are_as_asked_for(void **state)
{
    (void)state;
    struct table table = table_of_rows();
    table.row_count = 1;
    expect_printed(&table, &(struct table_options){.unit = SIZE_BYTES, .no_headings = true},
                   "beta 3072\n");
    expect_printed(&table, &(struct table_options){.unit = SIZE_HUMAN, .no_headings = true},
                   "beta 3.0K\n");
}

static void a_column_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct table table = table_of_rows();
    static const struct {
        const char *columns, *sort, *word;
    } wrong[] = {
        {"name,sise", NULL,   "'sise'"   },
        {"NAME",      NULL,   "'NAME'"   },
        {"name",      "sise", "'sise'"   },
        {"",          NULL,   "no column"},
        {" , ,",      NULL,   "no column"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct printed printed;
        struct failure why = {0};
        printed_begin(&printed);
        assert_false(table_print(
            &table, OPTIONS(.columns = wrong[i].columns, .sort = wrong[i].sort), printed.to, &why));
        printed_end(&printed);
        assert_int_equal(printed.length, 0);
        assert_int_equal(why.kind, FAILURE_USAGE);
        assert_non_null(strstr(why.message, wrong[i].word));
        printed_deinit(&printed);
        if (strchr(wrong[i].word, '\''))
            assert_non_null(strstr(why.message, "number")); /* the list of those that are */
    }
}

static void hostile_text_stays_in_its_cell(void **state)
{
    (void)state;
    static const struct row hostile[] = {
        {"a\nb\x1b[31m", {1024, true}, 0, 0},
        {"",             {1024, true}, 0, 0},
    };
    struct table table = table_of_rows();
    table.report = hostile;
    table.row_count = 2;
    expect_printed(&table, OPTIONS(.columns = "number,name", .sort = "", .no_headings = true),
                   "0 a\\012b\\033[31m\n0\n");
}

static void an_empty_table_prints_nothing(void **state)
{
    (void)state;
    struct table table = table_of_rows();
    table.row_count = 0;
    expect_printed(&table, OPTIONS(.rows = 3), "");
}

static void percent_keeps_all_digits(void **state)
{
    (void)state;
    assert_int_equal(cell_of_percent(1, 0).kind, CELL_ABSENT);
    assert_int_equal(cell_of_percent(0, 7).number, 0);
    assert_int_equal(cell_of_percent(1, 3).number, 333);
    assert_int_equal(cell_of_percent(2, 3).number, 667);
    assert_int_equal(cell_of_percent(UINT64_MAX, UINT64_MAX).number, 1000);
    assert_int_equal(cell_of_percent(UINT64_MAX / 2, UINT64_MAX).number, 500);
}

static void sizes_are_shares_if_asked_for(void **state)
{
    (void)state;
    struct table table = table_of_rows();
    table.memory = amount_of(20480);
    table.swap = amount_of(102400);
    expect_printed(&table, OPTIONS(.columns = "size,swap,number", .percent = true),
                   "SIZE SWAP NUMBER\n50.00% 10.00% 1\n15.00% 3.00% 2\n15.00% 3.00% 30\n- - 4\n");
    table.swap = amount_of(0);
    table.memory = AMOUNT_UNKNOWN;
    expect_printed(&table, OPTIONS(.columns = "size,swap", .percent = true, .rows = 1),
                   "SIZE SWAP\n- -\n");
}

static void signed_numbers_have_no_plus(void **state)
{
    (void)state;
    struct table table = table_of_rows();
    expect_printed(&table, OPTIONS(.columns = "signed", .sort = "signed"),
                   "SIGNED\n4096\n1024\n0\n-2048\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_tables_own),
        cmocka_unit_test(columns_are_those_named),
        cmocka_unit_test(rows_are_sorted_by_any_column),
        cmocka_unit_test(rows_kept_are_the_largest),
        cmocka_unit_test(totals_come_last_and_are_not_cut),
        cmocka_unit_test(units_are_as_asked_for),
        cmocka_unit_test(a_column_that_is_not_there_is_told),
        cmocka_unit_test(hostile_text_stays_in_its_cell),
        cmocka_unit_test(an_empty_table_prints_nothing),
        cmocka_unit_test(percent_keeps_all_digits),
        cmocka_unit_test(sizes_are_shares_if_asked_for),
        cmocka_unit_test(signed_numbers_have_no_plus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
