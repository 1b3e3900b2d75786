#include "analyzer/views/check_view.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/views/baseline_view.h"
#include "analyzer/views/rules_view.h"

#define DERIVATION_MAX 640

/* What the table shows: the report, and texts that need the unit. */
struct check_page {
    const struct check_report *report;
    const struct baseline *baseline; /* NULL: none */
    char derivations[CHECKS_MAX][DERIVATION_MAX];
};

static const struct identity_check *check_at(const void *page, size_t row)
{
    return &((const struct check_page *)page)->report->checks[row];
}

/* "drift of 2 per-CPU counters 256 + less: Unevictable may be anonymous or shmem 4096" */
static void derive(const struct identity_check *check, enum size_unit unit,
                   char text[DERIVATION_MAX])
{
    char size[BYTE_TEXT_MAX];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < check->part_count && used < DERIVATION_MAX - 1; i++) {
        const struct tolerance_part *part = &check->parts[i];
        bool one_way = part->side != LEFT_EITHER_WAY;
        int written = snprintf(text + used, DERIVATION_MAX - used, "%s%s%s%s %s", i ? " + " : "",
                               one_way ? tolerance_side_word(part->side) : "", one_way ? ": " : "",
                               part->what, format_bytes(size, part->bytes, unit));
        used += written > 0 ? (size_t)written : 0;
    }
}

static struct cell checked(const void *report, size_t row, uint64_t bytes)
{
    if (check_at(report, row)->verdict == VERDICT_UNCHECKED)
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_bytes(bytes);
}

static struct cell id_cell(const void *report, size_t row)
{
    return cell_of_text(check_at(report, row)->id);
}

static struct cell verdict_cell(const void *report, size_t row)
{
    return cell_of_text(verdict_phrase(check_at(report, row)->verdict));
}

static struct cell left_cell(const void *report, size_t row)
{
    return checked(report, row, check_at(report, row)->left_bytes);
}

static struct cell right_cell(const void *report, size_t row)
{
    return checked(report, row, check_at(report, row)->right_bytes);
}

static struct cell difference_cell(const void *report, size_t row)
{
    if (check_at(report, row)->verdict == VERDICT_UNCHECKED)
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_change(check_at(report, row)->difference_bytes);
}

static struct cell tolerance_cell(const void *report, size_t row)
{
    return checked(report, row, check_at(report, row)->tolerance_bytes);
}

static struct cell left_name_cell(const void *report, size_t row)
{
    return cell_of_text(check_at(report, row)->left_name);
}

static struct cell relation_cell(const void *report, size_t row)
{
    return cell_of_text(check_at(report, row)->relation);
}

static struct cell right_name_cell(const void *report, size_t row)
{
    return cell_of_text(check_at(report, row)->right_name);
}

static struct cell reason_cell(const void *report, size_t row)
{
    return cell_of_text(check_at(report, row)->reason);
}

static struct cell needs_cell(const void *report, size_t row)
{
    return cell_of_text(check_at(report, row)->needs);
}

static struct cell derivation_cell(const void *report, size_t row)
{
    const char *text = ((const struct check_page *)report)->derivations[row];
    return cell_of_text(text[0] ? text : NULL);
}

static const struct baseline_row *usual_of(const void *report, size_t row)
{
    return baseline_find(((const struct check_page *)report)->baseline, check_at(report, row)->id);
}

static struct cell usual_cell(const void *report, size_t row)
{
    return baseline_usual_cell(usual_of(report, row));
}

static struct cell mark_cell(const void *report, size_t row)
{
    return baseline_mark_cell(usual_of(report, row));
}

static const struct column columns[] = {
    {"verdict",    "VERDICT",    "holds, broken, cannot be checked",                            false, verdict_cell   },
    {"id",         "IDENTITY",   "stable name",                                                 false, id_cell        },
    {"left",       "LEFT",       "left side",                                                   true,  left_cell      },
    {"right",      "RIGHT",      "right side",                                                  true,  right_cell     },
    {"difference", "DIFFERENCE", "left minus right",                                            true,  difference_cell},
    {"tolerance",  "TOLERANCE",  "largest difference that is explained",                        true,  tolerance_cell },
    {"leftname",   "WHAT",       "what stands on the left",                                     false, left_name_cell },
    {"relation",   "",           "= or <=",                                                     false, relation_cell  },
    {"rightname",  "WITH",       "what stands on the right",                                    false, right_name_cell},
    {"reason",     "REASON",     "why it may differ, or why it cannot be checked",              false, reason_cell    },
    {"needs",      "NEEDS",      "what must be in the bundle",                                  false, needs_cell     },
    {"parts",      "MADE OF",    "what the tolerance is made of; less, more: of the left side", false,
     derivation_cell                                                                                                  },
    {"usual",      "USUAL",      "verdict in the baseline",                                     false, usual_cell     },
    {"mark",       "MARK",       "WORSE or better than usual here",                             false, mark_cell      },
};

const struct column *check_columns(size_t *count)
{
    *count = sizeof columns / sizeof columns[0];
    return columns;
}

/* The last lines: how many of each, and the names of what was found. */
static void count_identities(const struct check_report *report, FILE *to)
{
    fprintf(to, "identities: %zu hold, %zu broken, %zu cannot be checked", report->holds,
            report->broken, report->unchecked);
    for (size_t i = 0, named = 0; i < report->count; i++)
        if (report->checks[i].verdict == VERDICT_BROKEN)
            fprintf(to, "%s%s", named++ ? ", " : "; broken: ", report->checks[i].id);
    fputc('\n', to);
}

static void count_rules(const struct rule_report *rules, FILE *to)
{
    fprintf(to, "rules: %zu ok, %zu warn, %zu cannot be checked", rules->ok, rules->warn,
            rules->unchecked);
    for (size_t i = 0, named = 0; i < rules->count; i++)
        if (rules->results[i].verdict == RULE_WARN)
            fprintf(to, "%s%s", named++ ? ", " : "; warn: ", rules->results[i].id);
    fputc('\n', to);
}

static bool print_identities(const struct check_report *report, const struct view_options *options,
                             struct failure *why)
{
    AUTO_FREE struct check_page *page = calloc(1, sizeof *page);
    if (!page)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    page->report = report;
    page->baseline = options->baseline;
    for (size_t i = 0; i < report->count; i++)
        derive(&report->checks[i], options->table.unit, page->derivations[i]);
    struct table table = {.columns = columns,
                          .column_count = sizeof columns / sizeof columns[0],
                          .default_columns =
                              options->verbose ? "verdict,id,left,right,difference,tolerance,parts,"
                                                 "leftname,relation,rightname,needs,reason"
                              : options->baseline
                                  ? "verdict,usual,mark,id,left,right,difference,tolerance,reason"
                                  : "verdict,id,left,right,difference,tolerance,reason",
                          .default_sort = "",
                          .descending = true,
                          .report = page,
                          .row_count = report->count};
    return table_print(&table, &options->table, options->to, why);
}

bool check_print(const struct snapshot *snapshot, const struct check_report *report,
                 const struct rule_report *rules, const struct view_options *options,
                 struct failure *why)
{
    bool headings = !options->table.no_headings;
    bool shows_identities = options->check_part != CHECK_RULES;
    bool shows_rules = options->check_part != CHECK_IDENTITIES;
    if (headings)
        print_snapshot_heading(snapshot, options);
    if (shows_identities && !print_identities(report, options, why))
        return false;
    if (headings && shows_identities && shows_rules)
        fputc('\n', options->to);
    if (shows_rules)
        rules_print(rules, options);
    if (headings)
        fputc('\n', options->to);
    if (headings && shows_identities)
        count_identities(report, options->to);
    if (headings && shows_rules)
        count_rules(rules, options->to);
    baseline_print(options->baseline, options);
    return true;
}

static void add_parts(struct json_document *document, struct json_node *node,
                      const struct identity_check *check)
{
    struct json_node *parts = json_add_array(document, node, "tolerance_parts");
    for (size_t i = 0; i < check->part_count; i++) {
        struct json_node *part = json_add_object(document, parts, NULL);
        json_add_text(document, part, "what", check->parts[i].what);
        json_add_text(document, part, "side", tolerance_side_word(check->parts[i].side));
        json_add_number(document, part, "bytes", check->parts[i].bytes);
    }
}

static void add_identity(struct json_document *document, struct json_node *list,
                         const struct identity_check *check)
{
    bool known = check->verdict != VERDICT_UNCHECKED;
    struct json_node *node = json_add_object(document, list, NULL);
    json_add_text(document, node, "id", check->id);
    json_add_text(document, node, "verdict", verdict_word(check->verdict));
    json_add_text(document, node, "left", check->left_name);
    json_add_text(document, node, "relation", check->relation);
    json_add_text(document, node, "right", check->right_name);
    json_add_text(document, node, "needs", check->needs);
    json_add_amount(document, node, "left_bytes", (struct amount){check->left_bytes, known});
    json_add_amount(document, node, "right_bytes", (struct amount){check->right_bytes, known});
    if (known)
        json_add_signed(document, node, "difference_bytes", check->difference_bytes);
    else
        json_add_null(document, node, "difference_bytes");
    json_add_amount(document, node, "tolerance_bytes",
                    (struct amount){check->tolerance_bytes, known});
    add_parts(document, node, check);
    json_add_text(document, node, "reason", check->reason);
}

bool check_print_json(const struct snapshot *snapshot, const struct check_report *report,
                      const struct rule_report *rules, const struct baseline *baseline, FILE *to,
                      struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.check/1");
    json_add_snapshot(&document, "snapshot", snapshot);
    struct json_node *list = json_add_array(&document, document.root, "identities");
    for (size_t i = 0; i < report->count; i++)
        add_identity(&document, list, &report->checks[i]);
    json_add_rules(&document, rules);
    json_add_baseline(&document, baseline);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
