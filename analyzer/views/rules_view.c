#include "analyzer/views/rules_view.h"

#include "analyzer/views/baseline_view.h"

#include <inttypes.h>

#define EVIDENCE_MAX 900

static int format_figure(const struct rule_figure *figure, enum size_unit unit, char *text,
                         size_t text_bytes)
{
    char size[BYTE_TEXT_MAX];
    switch (figure->unit) {
    case RULE_BYTES:
        return snprintf(text, text_bytes, "%s %s%s%s", figure->name,
                        format_bytes(size, figure->value, unit), *size_unit_word(unit) ? " " : "",
                        size_unit_word(unit));
    case RULE_PERCENT:
        return snprintf(text, text_bytes, "%" PRIu64 ".%" PRIu64 " %% %s", figure->value / 10,
                        figure->value % 10, figure->name);
    case RULE_NUMBER:
        break;
    }
    return snprintf(text, text_bytes, "%s %" PRIu64, figure->name, figure->value);
}

/* "residual 12.3M, 2.1 % of MemTotal; first suspect: balloon" */
static void format_evidence(const struct rule_result *result, enum size_unit unit,
                            char text[EVIDENCE_MAX])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < result->figure_count && used + 4 < EVIDENCE_MAX; i++) {
        if (i)
            used += (size_t)snprintf(text + used, EVIDENCE_MAX - used, ", ");
        int written = format_figure(&result->figures[i], unit, text + used, EVIDENCE_MAX - used);
        used += written > 0 ? (size_t)written : 0;
    }
    if (result->detail[0] && used < EVIDENCE_MAX)
        snprintf(text + used, EVIDENCE_MAX - used, "%s%s", used ? "; " : "", result->detail);
}

static void print_words(FILE *to, const char *what, const char *words)
{
    fprintf(to, "       %s: %s\n", what, words);
}

static void print_usual(const struct baseline_row *row, FILE *to)
{
    if (!row || !row->usual_word)
        return;
    if (row->mark == BASELINE_WORSE || row->mark == BASELINE_BETTER)
        fprintf(to, "; %s than usual here: %s in the baseline", baseline_mark_word(row->mark),
                row->usual_word);
    else
        fprintf(to, "; %s in the baseline%s", row->usual_word,
                row->mark == BASELINE_USUAL ? ", too" : "");
}

void rules_print(const struct rule_report *report, const struct view_options *options)
{
    char evidence[EVIDENCE_MAX];
    for (size_t i = 0; i < report->count; i++) {
        const struct rule_result *result = &report->results[i];
        format_evidence(result, options->table.unit, evidence);
        fprintf(options->to, "%-6s %s (%s): ", rule_verdict_phrase(result->verdict), result->title,
                result->id);
        print_escaped(options->to, slice_of(evidence));
        print_usual(baseline_find(options->baseline, result->id), options->to);
        fputc('\n', options->to);
        if (options->table.no_headings || (result->verdict != RULE_WARN && !options->verbose))
            continue;
        print_words(options->to, "threshold", result->threshold);
        print_words(options->to, "meaning", result->meaning);
        print_words(options->to, "remedy", result->remedy);
        if (options->verbose)
            print_words(options->to, "sources", result->sources);
    }
}

void rules_print_findings(const struct rule_report *report, const struct view_options *options)
{
    char evidence[EVIDENCE_MAX];
    fprintf(options->to, "rules: %zu ok, %zu warn, %zu cannot be checked\n", report->ok,
            report->warn, report->unchecked);
    for (size_t i = 0; i < report->count; i++) {
        const struct rule_result *result = &report->results[i];
        if (result->verdict != RULE_WARN)
            continue;
        format_evidence(result, options->table.unit, evidence);
        fprintf(options->to, "  warn: %s (%s): ", result->title, result->id);
        print_escaped(options->to, slice_of(evidence));
        fputc('\n', options->to);
    }
}

static void add_figure(struct json_document *document, struct json_node *figures,
                       const struct rule_figure *figure)
{
    static const char *const keys[] = {
        [RULE_BYTES] = "bytes", [RULE_PERCENT] = "percent_tenths", [RULE_NUMBER] = "number"};
    struct json_node *node = json_add_object(document, figures, NULL);
    json_add_text(document, node, "name", figure->name);
    json_add_number(document, node, keys[figure->unit], figure->value);
}

void json_add_rules(struct json_document *document, const struct rule_report *report)
{
    char evidence[EVIDENCE_MAX];
    struct json_node *list = json_add_array(document, document->root, "rules");
    for (size_t i = 0; i < report->count; i++) {
        const struct rule_result *result = &report->results[i];
        struct json_node *node = json_add_object(document, list, NULL);
        format_evidence(result, SIZE_BYTES, evidence);
        json_add_text(document, node, "id", result->id);
        json_add_text(document, node, "title", result->title);
        json_add_text(document, node, "verdict", rule_verdict_word(result->verdict));
        json_add_text(document, node, "threshold", result->threshold);
        json_add_text(document, node, "evidence", evidence);
        struct json_node *figures = json_add_array(document, node, "figures");
        for (size_t j = 0; j < result->figure_count; j++)
            add_figure(document, figures, &result->figures[j]);
        json_add_text(document, node, "meaning", result->meaning);
        json_add_text(document, node, "remedy", result->remedy);
        json_add_text(document, node, "sources", result->sources);
    }
}
