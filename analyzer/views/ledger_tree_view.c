/* The tree of lines as a table. */
#include "analyzer/views/baseline_view.h"
#include "analyzer/views/ledger_view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/cleanup.h"

#define INDENT_MAX 4

/* One printed row: a line of the ledger, MemTotal above it or the residual below. */
struct tree_row {
    char label[96]; /* indented */
    const char *id;
    bool is_signed;
    uint64_t bytes;
    int64_t change;
    const char *grade, *source;
};

struct tree_report {
    const struct ledger *ledger;
    const struct baseline *baseline; /* NULL: none */
    struct tree_row rows[LEDGER_LINES_MAX + 2];
    size_t count;
};

static const struct tree_row *row_at(const void *report, size_t row)
{
    return &((const struct tree_report *)report)->rows[row];
}

static struct cell size_cell(const void *report, size_t row)
{
    const struct tree_row *line = row_at(report, row);
    if (!line->is_signed || line->change >= 0)
        return cell_of_bytes(line->is_signed ? (uint64_t)line->change : line->bytes);
    return cell_of_change(line->change);
}

static struct cell percent_cell(const void *report, size_t row)
{
    const struct tree_report *tree = report;
    const struct tree_row *line = row_at(report, row);
    if (line->is_signed && line->change < 0)
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_percent(line->is_signed ? (uint64_t)line->change : line->bytes,
                           tree->ledger->mem_total_bytes);
}

static struct cell line_cell(const void *report, size_t row)
{
    return cell_of_text(row_at(report, row)->label);
}

static struct cell id_cell(const void *report, size_t row)
{
    return cell_of_text(row_at(report, row)->id);
}

static struct cell grade_cell(const void *report, size_t row)
{
    return cell_of_text(row_at(report, row)->grade);
}

static struct cell source_cell(const void *report, size_t row)
{
    return cell_of_text(row_at(report, row)->source);
}

static const struct baseline_row *usual_of(const void *report, size_t row)
{
    return baseline_find(((const struct tree_report *)report)->baseline, row_at(report, row)->id);
}

static struct cell usual_cell(const void *report, size_t row)
{
    return baseline_usual_cell(usual_of(report, row));
}

static struct cell change_cell(const void *report, size_t row)
{
    return baseline_change_cell(usual_of(report, row));
}

static struct cell mark_cell(const void *report, size_t row)
{
    return baseline_mark_cell(usual_of(report, row));
}

static const struct column tree_columns[] = {
    {"size",   "SIZE",   "size of the line",                  true,  size_cell   },
    {"%",      "%",      "share of MemTotal",                 true,  percent_cell},
    {"grade",  "GRADE",  "exact, derived, bounded, estimate", false, grade_cell  },
    {"line",   "LINE",   "what it is",                        false, line_cell   },
    {"id",     "ID",     "stable name, for scripts",          false, id_cell     },
    {"source", "SOURCE", "fields and formula",                false, source_cell },
    {"usual",  "USUAL",  "size in the baseline",              true,  usual_cell  },
    {"change", "CHANGE", "size - usual",                      true,  change_cell },
    {"mark",   "MARK",   "MORE or LESS than usual here",      false, mark_cell   },
};

const struct column *ledger_columns(size_t *count)
{
    *count = sizeof tree_columns / sizeof tree_columns[0];
    return tree_columns;
}

static unsigned depth_of(const struct ledger *ledger, const struct ledger_line *line)
{
    unsigned depth = 1;
    while (line->parent >= 0 && depth < INDENT_MAX) {
        line = &ledger->lines[line->parent];
        depth++;
    }
    return depth;
}

static void add_tree_row(struct tree_report *tree, unsigned depth, const char *label,
                         const struct tree_row *values)
{
    struct tree_row *row = &tree->rows[tree->count++];
    *row = *values;
    snprintf(row->label, sizeof row->label, "%*s%s", (int)(depth * 2), "", label);
}

static void fill_tree(const struct ledger *ledger, bool all, bool short_form,
                      struct tree_report *tree)
{
    *tree = (struct tree_report){.ledger = ledger};
    add_tree_row(tree, 0, "MemTotal",
                 &(struct tree_row){.id = "mem_total",
                                    .bytes = ledger->mem_total_bytes,
                                    .grade = "exact",
                                    .source = "meminfo MemTotal"});
    for (size_t i = 0; i < ledger->line_count; i++) {
        const struct ledger_line *line = &ledger->lines[i];
        bool always = strcmp(line->id, "free") == 0;
        if ((line->bytes == 0 && !all && !always) ||
            (short_form && line->parent >= 0 && strncmp(line->id, "user.", 5) != 0))
            continue;
        add_tree_row(tree, depth_of(ledger, line), line->label,
                     &(struct tree_row){.id = line->id,
                                        .bytes = line->bytes,
                                        .grade = grade_word(line->grade),
                                        .source = line->source});
    }
    add_tree_row(tree, 1, "Residual: counted nowhere",
                 &(struct tree_row){.id = "residual",
                                    .is_signed = true,
                                    .change = ledger->residual_bytes,
                                    .grade = grade_word(ledger->residual_grade),
                                    .source = "MemTotal - all lines above"});
}

bool ledger_print_tree(const struct ledger *ledger, const struct view_options *options,
                       bool short_form, struct failure *why)
{
    AUTO_FREE struct tree_report *tree = malloc(sizeof *tree);
    if (!tree)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    fill_tree(ledger, options->all, short_form, tree);
    tree->baseline = options->baseline;
    struct table table = {.columns = tree_columns,
                          .column_count = sizeof tree_columns / sizeof tree_columns[0],
                          .default_columns = options->baseline  ? "size,%,usual,change,mark,line"
                                             : options->verbose ? "size,%,grade,line,id,source"
                                             : short_form       ? "size,%,line"
                                                                : "size,%,grade,line",
                          .default_sort = "",
                          .descending = true,
                          .report = tree,
                          .row_count = tree->count};
    struct table_options kept = options->table;
    if (short_form)
        kept.columns = kept.sort = NULL;
    if (short_form)
        kept.rows = 0;
    return table_print(&table, &kept, options->to, why);
}
