#include "analyzer/views/baseline_view.h"

struct cell baseline_usual_cell(const struct baseline_row *row)
{
    if (row && row->usual_word)
        return cell_of_text(row->usual_word);
    if (!row || !row->has_bytes)
        return (struct cell){.kind = CELL_ABSENT};
    return row->usual_bytes < 0 ? cell_of_change(row->usual_bytes)
                                : cell_of_bytes((uint64_t)row->usual_bytes);
}

struct cell baseline_change_cell(const struct baseline_row *row)
{
    if (!row || !row->has_bytes)
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_change(row->now_bytes - row->usual_bytes);
}

struct cell baseline_mark_cell(const struct baseline_row *row)
{
    return cell_of_text(row && row->mark != BASELINE_USUAL ? baseline_mark_word(row->mark) : NULL);
}

void baseline_print(const struct baseline *baseline, const struct view_options *options)
{
    char when[64] = "unknown time";
    if (!baseline || options->table.no_headings)
        return;
    const struct identity *identity = &baseline->snapshot->identity;
    if (identity->taken_at_source)
        format_time(when, sizeof when, identity->taken_at_ns);
    fprintf(options->to, "%zu of %zu unusual against the baseline of %s", baseline->unusual,
            baseline->count, when);
    if (identity->text[IDENTITY_LABEL]) {
        fputs(", label: ", options->to);
        print_escaped(options->to, slice_of(identity->text[IDENTITY_LABEL]));
    }
    fputs(baseline->same_host ? "\n" : "; THE BASELINE IS OF ANOTHER HOST\n", options->to);
}

static void add_row(struct json_document *document, struct json_node *list,
                    const struct baseline_row *row)
{
    struct json_node *node = json_add_object(document, list, NULL);
    json_add_text(document, node, "id", row->id);
    json_add_amount(document, node, "pid", (struct amount){row->pid, row->pid != 0});
    json_add_text(document, node, "mark", baseline_mark_word(row->mark));
    json_add_bool(document, node, "unusual", baseline_mark_is_unusual(row->mark));
    if (row->has_bytes) {
        json_add_signed(document, node, "usual_bytes", row->usual_bytes);
        json_add_signed(document, node, "change_bytes", row->now_bytes - row->usual_bytes);
    } else {
        json_add_null(document, node, "usual_bytes");
        json_add_null(document, node, "change_bytes");
    }
    json_add_text(document, node, "usual_verdict", row->usual_word);
}

void json_add_baseline(struct json_document *document, const struct baseline *baseline)
{
    if (!baseline)
        return;
    json_add_snapshot(document, "baseline", baseline->snapshot);
    struct json_node *list = json_add_array(document, document->root, "against_baseline");
    for (size_t i = 0; i < baseline->count; i++)
        add_row(document, list, &baseline->rows[i]);
}
