#include "analyzer/views/explain_view.h"
#include "analyzer/views/ledger_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TEXT_COLUMN 12
#define TEXT_WIDTH  76

/* The id of the line, or the name of the field as it was asked for. */
static const char *title_of(const struct explained_line *line)
{
    const char *id = line->explanation->id;
    return id && !strchr(id, '*') ? id : line->name;
}

static bool is_residual(const struct explained_line *line)
{
    return line->explanation->id && strcmp(line->explanation->id, "residual") == 0;
}

static struct explained_figure figure_here(const struct explained_line *line)
{
    return explained_figure(line->snapshot, line->ledger, line->explanation, line->name);
}

/* "  counts    Pages of ...", broken between words. */
static void print_paragraph(FILE *to, const char *heading, const char *text)
{
    int column = fprintf(to, "  %-*s", TEXT_COLUMN - 2, heading);
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (column > TEXT_COLUMN && column + length + 1 > TEXT_WIDTH + 2)
            column = fprintf(to, "\n%*s", TEXT_COLUMN, "") - 1;
        column += fprintf(to, "%s%.*s", column > TEXT_COLUMN ? " " : "", length, text);
        text += length + (text[length] == ' ');
    }
    fputc('\n', to);
}

static void print_figure(const char *name, struct amount value, bool is_count, bool is_negative,
                         const struct view_options *options)
{
    char text[BYTE_TEXT_MAX];
    if (!value.known)
        fprintf(options->to, "%*s%-42s not in this bundle\n", TEXT_COLUMN, "", name);
    else if (is_count)
        fprintf(options->to, "%*s%-42s %12" PRIu64 "\n", TEXT_COLUMN, "", name, value.bytes);
    else
        fprintf(options->to, "%*s%-42s %s%12s %s\n", TEXT_COLUMN, "", name, is_negative ? "-" : "",
                format_bytes(text, value.bytes, options->table.unit),
                options->table.unit == SIZE_HUMAN ? "" : size_unit_word(options->table.unit));
}

static void print_here(const struct explained_line *line, const struct view_options *options)
{
    struct explained_input inputs[EXPLAINED_INPUTS_MAX];
    const struct explained_figure here = figure_here(line);
    size_t count =
        explained_inputs(line->snapshot, line->ledger, line->explanation, line->name, inputs);
    fputs("  here\n", options->to);
    print_figure(here.label ? title_of(line) : line->name, here.value, here.is_count,
                 here.is_negative, options);
    if (here.grade)
        fprintf(options->to, "%*s%-42s %12s\n", TEXT_COLUMN, "", "grade", here.grade);
    if (count)
        fputs("  from\n", options->to);
    for (size_t i = 0; i < count; i++)
        print_figure(inputs[i].name, inputs[i].value, inputs[i].unit == INPUT_COUNT, false,
                     options);
}

bool explain_print(const struct explained_line *line, const struct view_options *options,
                   struct failure *why)
{
    const struct explanation *row = line->explanation;
    const struct explained_figure here = figure_here(line);
    (void)why;
    if (!options->table.no_headings)
        print_snapshot_heading(line->snapshot, options);
    fputs(title_of(line), options->to);
    if (here.label)
        fprintf(options->to, ": %s", here.label);
    if (row->field && row->id)
        fprintf(options->to, " (%s of /proc/meminfo)", row->field);
    fputc('\n', options->to);
    print_paragraph(options->to, "counts", row->counts);
    print_paragraph(options->to, "kernel", row->kernel);
    print_paragraph(options->to, "since", row->since);
    print_paragraph(options->to, "overlaps", row->overlaps);
    print_paragraph(options->to, "formula",
                    row->formula ? row->formula : "as the kernel prints it");
    print_here(line, options);
    if (is_residual(line))
        ledger_print_suspects(line->ledger, options);
    return true;
}

bool explain_print_json(const struct explained_line *line, FILE *to, struct failure *why)
{
    const struct explanation *row = line->explanation;
    const struct explained_figure here = figure_here(line);
    struct explained_input inputs[EXPLAINED_INPUTS_MAX];
    size_t count = explained_inputs(line->snapshot, line->ledger, row, line->name, inputs);
    struct json_document document;
    json_document_init(&document, "memtally.explain/1");
    json_add_snapshot(&document, "snapshot", line->snapshot);
    json_add_text(&document, document.root, "name", line->name);
    json_add_text(&document, document.root, "id", row->id);
    json_add_text(&document, document.root, "field", row->field);
    json_add_text(&document, document.root, "label", here.label);
    json_add_text(&document, document.root, "counts", row->counts);
    json_add_text(&document, document.root, "kernel", row->kernel);
    json_add_text(&document, document.root, "since", row->since);
    json_add_text(&document, document.root, "overlaps", row->overlaps);
    json_add_text(&document, document.root, "formula", row->formula);
    json_add_text(&document, document.root, "unit", here.is_count ? "count" : "bytes");
    if (here.is_negative)
        json_add_signed(&document, document.root, "value", -(int64_t)here.value.bytes);
    else
        json_add_amount(&document, document.root, "value", here.value);
    json_add_text(&document, document.root, "grade", here.grade);
    struct json_node *list = json_add_array(&document, document.root, "inputs");
    for (size_t i = 0; i < count; i++) {
        struct json_node *node = json_add_object(&document, list, NULL);
        json_add_text(&document, node, "name", inputs[i].name);
        json_add_text(&document, node, "unit", inputs[i].unit == INPUT_COUNT ? "count" : "bytes");
        json_add_amount(&document, node, "value", inputs[i].value);
    }
    if (is_residual(line)) {
        json_add_number(&document, document.root, "unexplained_bytes",
                        line->ledger->unexplained_low_bytes);
        ledger_json_add_suspects(&document, line->ledger);
    } else {
        json_add_null(&document, document.root, "unexplained_bytes");
        json_add_array(&document, document.root, "suspects");
    }
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}

void explain_print_names(FILE *to)
{
    const struct explanation *row;
    for (size_t i = 0; (row = explanation_at(i)); i++)
        fprintf(to, "%-28s%s\n", row->id ? row->id : "", row->field ? row->field : "");
}
