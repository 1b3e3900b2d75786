#include "analyzer/views/ledger_view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/cleanup.h"

#define INDENT_MAX 3

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

static const struct column tree_columns[] = {
    {"size",   "SIZE",   "size of the line",                  true,  size_cell   },
    {"%",      "%",      "share of MemTotal",                 true,  percent_cell},
    {"grade",  "GRADE",  "exact, derived, bounded, estimate", false, grade_cell  },
    {"line",   "LINE",   "what it is",                        false, line_cell   },
    {"id",     "ID",     "stable name, for scripts",          false, id_cell     },
    {"source", "SOURCE", "fields and formula",                false, source_cell },
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
    struct table table = {.columns = tree_columns,
                          .column_count = sizeof tree_columns / sizeof tree_columns[0],
                          .default_columns = options->verbose ? "size,%,grade,line,id,source"
                                             : short_form     ? "size,%,line"
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

static const char *sized(char buffer[BYTE_TEXT_MAX], int64_t bytes,
                         const struct view_options *options)
{
    return format_signed(buffer, bytes, options->table.unit);
}

static void print_residual(const struct ledger *ledger, const struct view_options *options)
{
    char low[BYTE_TEXT_MAX], high[BYTE_TEXT_MAX], most[BYTE_TEXT_MAX];
    fprintf(options->to, "\nResidual between %s and %s %s (%zu reading%s of the machine)\n",
            sized(low, ledger->residual_low_bytes, options),
            sized(high, ledger->residual_high_bytes, options), size_unit_word(options->table.unit),
            ledger->samples_used, ledger->samples_used == 1 ? "" : "s");
    if (ledger->residual_bytes < 0)
        fputs("Negative: figures read at different moments overlap by that much\n", options->to);
    for (size_t i = 0; i < ledger->suspect_count; i++) {
        const struct ledger_suspect *suspect = &ledger->suspects[i];
        fprintf(options->to, "  suspect: %s, at most %s %s: ", suspect->id,
                format_bytes(most, suspect->at_most_bytes, options->table.unit),
                size_unit_word(options->table.unit));
        print_escaped(options->to, slice_of(suspect->evidence));
        fprintf(options->to, "; to confirm: %s\n", suspect->confirm);
    }
}

static void print_form(const char *name, struct amount amount, const struct view_options *options)
{
    char text[BYTE_TEXT_MAX];
    fprintf(options->to, "  %-52s %s\n", name,
            amount.known ? format_bytes(text, amount.bytes, options->table.unit) : "-");
}

static void print_forms(const struct ledger *ledger, const struct view_options *options)
{
    fprintf(options->to, "\nUser memory, counted three ways%s%s\n",
            options->table.unit == SIZE_HUMAN ? "" : ", in ", size_unit_word(options->table.unit));
    print_form("by LRU list: active + inactive + unevictable", ledger->user_forms.lru, options);
    print_form("by page cache: anon + cached + buffers + swap cache", ledger->user_forms.page_cache,
               options);
    print_form("by process: PSS + unmapped cache + buffers + swap c.", ledger->user_forms.process,
               options);
}

static void print_beside(const struct ledger *ledger, const struct view_options *options)
{
    fputs("\nPart of the lines above, never to be added\n", options->to);
    for (size_t i = 0; i < ledger->beside_count; i++) {
        const struct ledger_beside *beside = &ledger->beside[i];
        char text[BYTE_TEXT_MAX];
        if (beside->bytes == 0 && !options->all)
            continue;
        fprintf(options->to, "  %12s  %s", format_bytes(text, beside->bytes, options->table.unit),
                beside->label);
        if (beside->also_in[0])
            fprintf(options->to, " (in %s)", beside->also_in);
        fputc('\n', options->to);
    }
}

bool ledger_print(const struct snapshot *snapshot, const struct ledger *ledger,
                  const struct view_options *options, struct failure *why)
{
    if (!options->table.no_headings)
        print_snapshot_heading(snapshot, options);
    if (!ledger_print_tree(ledger, options, false, why))
        return false;
    if (options->table.no_headings || options->table.columns)
        return true;
    print_residual(ledger, options);
    print_forms(ledger, options);
    print_beside(ledger, options);
    for (size_t i = 0; i < ledger->note_count; i++)
        fprintf(options->to, "%snote: %s\n", i ? "" : "\n", ledger->notes[i]);
    return true;
}

static void json_add_line(struct json_document *document, struct json_node *lines,
                          const struct ledger *ledger, const struct ledger_line *line)
{
    struct json_node *node = json_add_object(document, lines, NULL);
    json_add_text(document, node, "id", line->id);
    json_add_text(document, node, "parent",
                  line->parent < 0 ? NULL : ledger->lines[line->parent].id);
    json_add_text(document, node, "label", line->label);
    json_add_number(document, node, "bytes", line->bytes);
    json_add_text(document, node, "grade", grade_word(line->grade));
    json_add_text(document, node, "source", line->source);
    json_add_number(document, node, "low_bytes", line->low_bytes);
    json_add_number(document, node, "high_bytes", line->high_bytes);
}

static void json_add_rest(struct json_document *document, const struct ledger *ledger)
{
    struct json_node *residual = json_add_object(document, document->root, "residual");
    json_add_signed(document, residual, "bytes", ledger->residual_bytes);
    json_add_signed(document, residual, "low_bytes", ledger->residual_low_bytes);
    json_add_signed(document, residual, "high_bytes", ledger->residual_high_bytes);
    json_add_text(document, residual, "grade", grade_word(ledger->residual_grade));
    json_add_number(document, residual, "readings", ledger->samples_used);
    struct json_node *suspects = json_add_array(document, document->root, "suspects");
    for (size_t i = 0; i < ledger->suspect_count; i++) {
        struct json_node *node = json_add_object(document, suspects, NULL);
        json_add_text(document, node, "id", ledger->suspects[i].id);
        json_add_number(document, node, "at_most_bytes", ledger->suspects[i].at_most_bytes);
        json_add_text(document, node, "evidence", ledger->suspects[i].evidence);
        json_add_text(document, node, "confirm", ledger->suspects[i].confirm);
    }
    struct json_node *beside = json_add_array(document, document->root, "beside");
    for (size_t i = 0; i < ledger->beside_count; i++) {
        struct json_node *node = json_add_object(document, beside, NULL);
        json_add_text(document, node, "id", ledger->beside[i].id);
        json_add_text(document, node, "label", ledger->beside[i].label);
        json_add_number(document, node, "bytes", ledger->beside[i].bytes);
        json_add_text(document, node, "also_in", ledger->beside[i].also_in);
        json_add_text(document, node, "source", ledger->beside[i].source);
    }
    struct json_node *forms = json_add_object(document, document->root, "user_memory");
    json_add_amount(document, forms, "lru_bytes", ledger->user_forms.lru);
    json_add_amount(document, forms, "page_cache_bytes", ledger->user_forms.page_cache);
    json_add_amount(document, forms, "process_bytes", ledger->user_forms.process);
    struct json_node *notes = json_add_array(document, document->root, "notes");
    for (size_t i = 0; i < ledger->note_count; i++)
        json_add_text(document, notes, NULL, ledger->notes[i]);
}

bool ledger_print_json(const struct snapshot *snapshot, const struct ledger *ledger, FILE *to,
                       struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.ledger/1");
    json_add_snapshot(&document, "snapshot", snapshot);
    json_add_number(&document, document.root, "mem_total_bytes", ledger->mem_total_bytes);
    struct json_node *lines = json_add_array(&document, document.root, "lines");
    for (size_t i = 0; i < ledger->line_count; i++)
        json_add_line(&document, lines, ledger, &ledger->lines[i]);
    json_add_rest(&document, ledger);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
