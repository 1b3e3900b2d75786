#include "analyzer/views/trend_view.h"

#include <inttypes.h>
#include <langinfo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/views/trend_columns.h"

/* So that all levels begin within one screen; -n and -a show more. */
#define ROWS_OF_LEDGER 10
#define ROWS_A_LEVEL   5
#define HOSTS_NAMED    8

int64_t trend_per_hour(double bytes_per_second)
{
    double hourly = round(bytes_per_second * 3600);
    const double most = 4e18; /* within int64_t */
    return (int64_t)(hourly > most ? most : hourly < -most ? -most : hourly);
}

static void fill_curve(struct trend_row *row, size_t snapshots, bool unicode)
{
    struct spark_cells cells = {.count = snapshots < TREND_CELLS ? snapshots : TREND_CELLS};
    for (unsigned i = 0; i < cells.count; i++)
        cells.known[i] = trend_series_cell(&row->entry->series, i, &cells.value[i]);
    spark_line(row->curve, &cells, unicode);
}

/* The rows of a level that are shown. */
static bool pick_rows(struct trend_rows *picked, enum trend_level level,
                      const struct view_options *options)
{
    const struct trends *trends = picked->trends;
    size_t first = trends->level_start[level], end = trends->level_start[level + 1];
    bool unicode = options->table.width && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    picked->rows = calloc(end - first + 1, sizeof *picked->rows);
    for (size_t i = first; picked->rows && i < end; i++) {
        const struct trend_entry *entry = &trends->table.entries[trends->rows[i]];
        if (entry->verdict == TREND_NOISE && !options->all)
            continue;
        struct trend_row *row = &picked->rows[picked->count++];
        *row = (struct trend_row){.entry = entry, .slope = trend_series_slope(&entry->series)};
        fill_curve(row, trends->order.count, unicode);
    }
    return picked->rows != NULL;
}

/* The columns of a level: snapshots, figures of the trend, and what it is. */
static void name_columns(char *names, size_t size, const struct trends *trends,
                         enum trend_level level)
{
    static const char *const snapshots[] = {"first,last", "", "snapshot1,snapshot2",
                                            "snapshot1,snapshot2,snapshot3",
                                            "snapshot1,snapshot2,snapshot3,snapshot4"};
    static const char *const what[TREND_LEVEL_COUNT] = {
        [TREND_BY_LEDGER] = "name",      [TREND_BY_PROCESS] = "pid,name",
        [TREND_BY_PROGRAM] = "name",     [TREND_BY_GROUP] = "name",
        [TREND_BY_CLASS] = "name",       [TREND_BY_MAPPING] = "pid,program,mode,name",
        [TREND_BY_OBJECT] = "kind,name", [TREND_BY_KERNEL] = "kind,name",
    };
    size_t count = trends->order.count;
    snprintf(names, size, "%s,change,step,slope,error,trend,curve,%s",
             snapshots[count <= TREND_COLUMNS_OF_SNAPSHOTS ? count : 0], what[level]);
}

static const char *const headings_of_names[TREND_LEVEL_COUNT] = {
    [TREND_BY_LEDGER] = "LEDGER", [TREND_BY_PROCESS] = "PROCESS", [TREND_BY_PROGRAM] = "PROGRAM",
    [TREND_BY_GROUP] = "GROUP",   [TREND_BY_CLASS] = "CLASS",     [TREND_BY_MAPPING] = "MAPPING",
    [TREND_BY_OBJECT] = "OBJECT", [TREND_BY_KERNEL] = "KERNEL",
};

static bool print_level(const struct trends *trends, enum trend_level level, bool is_only,
                        const struct view_options *options, struct failure *why)
{
    struct trend_rows picked = {.trends = trends};
    struct trend_headings headings = {{NULL}};
    struct column columns[TREND_COLUMN_COUNT];
    struct table_options shown = options->table;
    char names[160];
    bool ok = (pick_rows(&picked, level, options) && trend_headings_init(&headings, trends)) ||
              failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    if (ok && picked.count) {
        trend_columns_fill(columns, &headings, trends);
        columns[TREND_COLUMN_COUNT - 1].heading = headings_of_names[level];
        name_columns(names, sizeof names, trends, level);
        const struct table table = {.columns = columns,
                                    .column_count = TREND_COLUMN_COUNT,
                                    .default_columns = names,
                                    .descending = true,
                                    .report = &picked,
                                    .row_count = picked.count};
        if (!shown.rows && !options->all && !is_only)
            shown.rows = level == TREND_BY_LEDGER ? ROWS_OF_LEDGER : ROWS_A_LEVEL;
        if (!shown.no_headings)
            fputc('\n', options->to);
        ok = table_print(&table, &shown, options->to, why);
        if (ok && shown.rows && picked.count > shown.rows && !shown.no_headings)
            fprintf(options->to, "... and %" PRIu64 " more%s\n",
                    (uint64_t)picked.count - shown.rows,
                    options->table.rows ? "" : " (-a shows all)");
    }
    if (ok && !picked.count && is_only)
        print_no_row(options);
    trend_headings_deinit(&headings);
    free(picked.rows);
    return ok;
}

/* The names of the hosts, as many as are worth a line. */
static void print_hosts(const struct trend_order *order, FILE *to)
{
    uint32_t named[HOSTS_NAMED];
    size_t count = 0;
    for (size_t i = 0; i < order->count && count < HOSTS_NAMED; i++) {
        size_t known = 0;
        while (known < count && named[known] != order->bundles[i].host)
            known++;
        if (known < count)
            continue;
        named[count++] = order->bundles[i].host;
        fputs(count > 1 ? ", " : ": ", to);
        print_escaped(to, order->bundles[i].host ? trend_order_text(order, order->bundles[i].host)
                                                 : SLICE("(host unknown)"));
    }
    fputs(count == HOSTS_NAMED ? ", ...\n" : "\n", to);
}

static bool knows_all_hosts(const struct trend_order *order)
{
    for (size_t i = 0; i < order->count; i++)
        if (!order->bundles[i].host)
            return false;
    return true;
}

static void print_notes(const struct trends *trends, FILE *to)
{
    const struct trend_order *order = &trends->order;
    if (!order->same_host) {
        fputs("NOTE: THE BUNDLES ARE OF DIFFERENT HOSTS", to);
        print_hosts(order, to);
    }
    if (order->same_host && !order->same_boot)
        fputs(knows_all_hosts(order)
                  ? "NOTE: the machine was restarted between the bundles\n"
                  : "NOTE: THE BUNDLES ARE OF DIFFERENT BOOTS, and not all tell their host\n",
              to);
    if (trends->by_program)
        fputs("NOTE: processes are matched by program; figures of one kind are compared, whoever "
              "they are of\n",
              to);
    if (!order->same_kernel)
        fputs("NOTE: the bundles differ in kernel: lines may count other things\n", to);
    if (!order->same_page_size)
        fputs("NOTE: the bundles differ in page size\n", to);
    if (!order->is_timed)
        fputs(
            "NOTE: a bundle does not tell its time: they are in the order given, and there are no "
            "slopes\n",
            to);
    if (trends->incomplete)
        fprintf(to, "NOTE: %" PRIu64 " of the bundles are incomplete\n", trends->incomplete);
}

enum trend_level trend_level_of(enum diff_level level)
{
    static const enum trend_level levels[DIFF_LEVEL_COUNT] = {
        [DIFF_SCREEN] = TREND_LEVEL_COUNT,    [DIFF_BY_LEDGER] = TREND_BY_LEDGER,
        [DIFF_BY_GROUP] = TREND_BY_GROUP,     [DIFF_BY_PROGRAM] = TREND_BY_PROGRAM,
        [DIFF_BY_PROCESS] = TREND_BY_PROCESS, [DIFF_BY_CLASS] = TREND_BY_CLASS,
        [DIFF_BY_OBJECT] = TREND_BY_OBJECT,   [DIFF_BY_MAPPING] = TREND_BY_MAPPING,
        [DIFF_BY_KERNEL] = TREND_BY_KERNEL,
    };
    return levels[level];
}

/* The screen has processes, or programs where processes cannot be matched: they are the same memory. */
static bool is_shown(const struct trends *trends, enum trend_level level)
{
    if (trends->level != TREND_LEVEL_COUNT)
        return trends->level == level;
    return level != (trends->by_program ? TREND_BY_PROCESS : TREND_BY_PROGRAM);
}

static void print_steady(const struct trends *trends, const struct view_options *options)
{
    uint64_t steady = 0;
    for (size_t i = 0; i < trends->table.count; i++) {
        const struct trend_entry *entry = &trends->table.entries[i];
        steady += entry->verdict == TREND_STEADY && is_shown(trends, trend_part_level(entry->part));
    }
    if (steady)
        fprintf(options->to,
                "LEAK? marks %" PRIu64 " figure%s with steady growth beyond noise and scatter\n",
                steady, steady == 1 ? "" : "s");
}

static void print_heading(const struct trends *trends, const struct view_options *options)
{
    const struct trend_order *order = &trends->order;
    const struct trend_bundle *last = &order->bundles[order->count - 1];
    char first_time[64] = "time unknown", last_time[64] = "time unknown";
    if (order->is_timed) {
        format_time(first_time, sizeof first_time, order->bundles[0].taken_at_ns);
        format_time(last_time, sizeof last_time, last->taken_at_ns);
    }
    print_escaped(options->to,
                  last->host ? trend_order_text(order, last->host) : SLICE("(host unknown)"));
    fputs(", Linux ", options->to);
    print_escaped(options->to,
                  last->kernel ? trend_order_text(order, last->kernel) : SLICE("(kernel unknown)"));
    fprintf(options->to, ", %zu snapshots from %s to %s", order->count, first_time, last_time);
    if (options->table.unit != SIZE_HUMAN)
        fprintf(options->to, ", sizes in %s", size_unit_word(options->table.unit));
    fputc('\n', options->to);
    print_steady(trends, options);
    if (!trends->changed)
        fputs("no change beyond noise\n", options->to);
    uint64_t forgotten = 0;
    for (unsigned part = 0; part < TREND_PART_COUNT; part++)
        forgotten += trends->table.forgotten[part];
    if (forgotten)
        fprintf(options->to,
                "%" PRIu64 " small figures that ended early were left out: more than %d ended\n",
                forgotten, TREND_GONE_MOST);
}

bool trend_print(const struct trends *trends, const struct view_options *options,
                 struct failure *why)
{
    if (!options->table.no_headings) {
        print_notes(trends, options->to);
        print_heading(trends, options);
    }
    bool is_only = trends->level != TREND_LEVEL_COUNT, ok = true;
    for (unsigned level = 0; ok && level < TREND_LEVEL_COUNT; level++)
        if (is_shown(trends, (enum trend_level)level))
            ok = print_level(trends, (enum trend_level)level, is_only, options, why);
    return ok;
}
