#include "analyzer/views/summary_view.h"

#include <inttypes.h>

#include "analyzer/views/ledger_view.h"
#include "analyzer/views/rules_view.h"

#define TOP_PROCESSES 8
#define TOP_SUSPECTS  3

static void print_findings(const struct summary *summary, const struct view_options *options)
{
    const struct check_report *checks = summary->checks;
    char text[BYTE_TEXT_MAX], tolerance[BYTE_TEXT_MAX];
    fprintf(options->to, "\nidentities: %zu hold, %zu broken, %zu cannot be checked\n",
            checks->holds, checks->broken, checks->unchecked);
    for (size_t i = 0; i < checks->count; i++) {
        const struct identity_check *check = &checks->checks[i];
        if (check->verdict != VERDICT_BROKEN)
            continue;
        fprintf(options->to, "  broken: %s %s %s: off by %s (tolerance %s): %s\n", check->left_name,
                check->relation, check->right_name,
                format_signed(text, check->difference_bytes, options->table.unit),
                format_bytes(tolerance, check->tolerance_bytes, options->table.unit),
                check->reason);
    }
    rules_print_findings(summary->rules, options);
    for (size_t i = 0; summary->ledger && i < summary->ledger->suspect_count && i < TOP_SUSPECTS;
         i++)
        fprintf(options->to, "  residual, suspect: %s, at most %s: %s\n",
                summary->ledger->suspects[i].id,
                format_bytes(text, summary->ledger->suspects[i].at_most_bytes, options->table.unit),
                summary->ledger->suspects[i].evidence);
}

static void print_coverage_line(const struct summary *summary, const struct view_options *options)
{
    const struct process_totals *totals = &summary->ps->totals;
    fprintf(options->to,
            "coverage: %" PRIu64 " processes and %" PRIu64 " kernel threads seen, %" PRIu64
            " mappings",
            totals->processes - totals->kernel_threads, totals->kernel_threads, totals->mappings);
    if (summary->snapshot->problem_count)
        fprintf(options->to, ", %zu members unusable (memtally info)",
                summary->snapshot->problem_count);
    fputc('\n', options->to);
    print_coverage(totals, options);
}

bool summary_print(const struct summary *summary, const struct view_options *options,
                   struct failure *why)
{
    char text[600];
    print_snapshot_heading(summary->snapshot, options);
    fputc('\n', options->to);
    if (summary->ledger) {
        if (!ledger_print_tree(summary->ledger, options, true, why))
            return false;
    } else {
        fprintf(options->to, "no ledger: %s\n",
                failure_text(summary->ledger_failure, text, sizeof text));
    }
    fputc('\n', options->to);
    if (!ps_print_top(summary->ps, options, TOP_PROCESSES, why))
        return false;
    print_findings(summary, options);
    print_coverage_line(summary, options);
    return true;
}

bool summary_print_json(const struct summary *summary, FILE *to, struct failure *why)
{
    struct json_document document;
    const struct process_totals *totals = &summary->ps->totals;
    json_document_init(&document, "memtally.summary/1");
    json_add_snapshot(&document, "snapshot", summary->snapshot);
    if (summary->ledger) {
        struct json_node *lines = json_add_array(&document, document.root, "lines");
        json_add_number(&document, document.root, "mem_total_bytes",
                        summary->ledger->mem_total_bytes);
        json_add_signed(&document, document.root, "residual_bytes",
                        summary->ledger->residual_bytes);
        for (size_t i = 0; i < summary->ledger->line_count; i++) {
            const struct ledger_line *line = &summary->ledger->lines[i];
            if (line->parent >= 0)
                continue;
            struct json_node *node = json_add_object(&document, lines, NULL);
            json_add_text(&document, node, "id", line->id);
            json_add_text(&document, node, "label", line->label);
            json_add_number(&document, node, "bytes", line->bytes);
        }
    } else {
        json_add_null(&document, document.root, "mem_total_bytes");
        json_add_null(&document, document.root, "residual_bytes");
        json_add_null(&document, document.root, "lines");
    }
    struct json_node *processes = json_add_object(&document, document.root, "processes");
    json_add_number(&document, processes, "seen", totals->processes);
    json_add_amount(&document, processes, "pss_bytes", totals->pss);
    json_add_amount(&document, processes, "rss_bytes", totals->rss);
    json_add_number(&document, processes, "unread", totals->unread);
    json_add_number(&document, processes, "unread_rss_bytes", totals->unread_rss_bytes);
    struct json_node *checks = json_add_object(&document, document.root, "identities");
    json_add_number(&document, checks, "holds", summary->checks->holds);
    json_add_number(&document, checks, "broken", summary->checks->broken);
    json_add_number(&document, checks, "unchecked", summary->checks->unchecked);
    struct json_node *rules = json_add_object(&document, document.root, "rules");
    json_add_number(&document, rules, "ok", summary->rules->ok);
    json_add_number(&document, rules, "warn", summary->rules->warn);
    json_add_number(&document, rules, "unchecked", summary->rules->unchecked);
    struct json_node *warned = json_add_array(&document, rules, "warned");
    for (size_t i = 0; i < summary->rules->count; i++)
        if (summary->rules->results[i].verdict == RULE_WARN)
            json_add_text(&document, warned, NULL, summary->rules->results[i].id);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
