#include "analyzer/views/info_view.h"

#include <inttypes.h>

#include "analyzer/views/ps_view.h"

static const char *const fact_names[] = {
#define FACT_NAME(constant, key) [IDENTITY_##constant] = key,
    IDENTITY_FACTS(FACT_NAME)
#undef FACT_NAME
};

static void print_identity(const struct identity *identity, FILE *to)
{
    char when[64];
    for (unsigned i = 0; i < IDENTITY_FACT_COUNT; i++) {
        if (!identity->text[i] &&
            (i == IDENTITY_LABEL || i == IDENTITY_FORMAT || i == IDENTITY_COLLECTOR))
            continue;
        fprintf(to, "%-16s ", fact_names[i]);
        if (identity->text[i]) {
            print_escaped(to, slice_of(identity->text[i]));
            fprintf(to, "  (%s)\n", identity->source[i]);
        } else {
            fputs("absent: neither manifest nor tree tells\n", to);
        }
    }
    if (identity->page_size_source)
        fprintf(to, "%-16s %" PRIu64 " bytes  (%s)\n", "page_size", identity->page_size_bytes,
                identity->page_size_source);
    else
        fprintf(to, "%-16s absent: neither manifest nor tree tells\n", "page_size");
    if (identity->taken_at_source)
        fprintf(to, "%-16s %s  (%s)\n", "taken_at",
                format_time(when, sizeof when, identity->taken_at_ns), identity->taken_at_source);
    else
        fprintf(to, "%-16s absent: neither manifest nor tree tells\n", "taken_at");
}

static void print_totals(const struct info_report *report, const struct view_options *options)
{
    const struct process_totals *totals = &report->totals;
    fprintf(options->to, "\nprocesses: %" PRIu64, totals->processes);
    for (unsigned i = 0; i < PROCESS_STATE_COUNT; i++)
        if (totals->by_state[i])
            fprintf(options->to, ", %" PRIu64 " %s", totals->by_state[i], process_state_word(i));
    fprintf(options->to, "\nmappings: %" PRIu64 "\n", totals->mappings);
    print_coverage(totals, options);
    const struct snapshot *snapshot = report->snapshot;
    if (snapshot->unknown_fields)
        fprintf(options->to, "lines with fields that this version does not know: %" PRIu64 "\n",
                snapshot->unknown_fields);
    for (size_t i = 0; i < snapshot->unknown_name_count; i++) {
        fputs("  ", options->to);
        print_escaped(options->to, snapshot_text(snapshot, snapshot->unknown_names[i]));
        fputc('\n', options->to);
    }
}

static void print_problems(const struct snapshot *snapshot, FILE *to)
{
    char text[600];
    for (size_t i = 0; i < snapshot->problem_count; i++)
        fprintf(to, "%s%s\n", i ? "" : "\nmembers that could not be used:\n",
                failure_text(&snapshot->problems[i], text, sizeof text));
    if (snapshot->problems_dropped)
        fprintf(to, "... and %" PRIu64 " more\n", snapshot->problems_dropped);
    const struct {
        uint64_t count;
        const char *what;
    } left_out[] = {
        {snapshot->skipped_unsafe,     "members with unsafe paths were skipped"                 },
        {snapshot->skipped_special,    "members that are no files were skipped"                 },
        {snapshot->skipped_other_root, "members of a second tree were skipped"                  },
        {snapshot->unreadable,         "files of the directory could not be read and are absent"},
    };
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        if (left_out[i].count)
            fprintf(to, "%" PRIu64 " %s\n", left_out[i].count, left_out[i].what);
}

/* Members that the collector could not read; all members with -a. */
static void print_members(const struct snapshot *snapshot, const struct view_options *options)
{
    size_t shown = 0;
    for (size_t i = 0; i < snapshot->member_count; i++) {
        const struct member_record *member = &snapshot->members[i];
        bool fine = member->outcome == OUTCOME_READ || member->outcome == OUTCOME_EMPTY;
        if (fine && !options->all)
            continue;
        if (!shown++)
            fputs(options->all ? "\nmembers:\n" : "\nnot read:\n", options->to);
        fprintf(options->to, "  %-10s %10" PRIu64 "  ", outcome_word(member->outcome),
                member->bytes);
        print_escaped(options->to, snapshot_text(snapshot, member->path));
        if (member->error_number)
            fprintf(options->to, "  (errno %" PRIu64 ")", member->error_number);
        fputc('\n', options->to);
    }
}

bool info_print(const struct info_report *report, const struct view_options *options,
                struct failure *why)
{
    const struct snapshot *snapshot = report->snapshot;
    (void)why;
    if (!options->table.no_headings)
        print_snapshot_heading(snapshot, options);
    fprintf(options->to, "\n%-16s %s%s\n", "form", snapshot->form,
            snapshot->is_ours ? "" : ", foreign: a copy of /proc and /sys without manifest");
    fprintf(options->to, "%-16s %s\n", "complete",
            !snapshot->complete ? "no"
            : snapshot->is_ours ? "yes"
                                : "the archive is; no journal says what was left out");
    print_identity(&snapshot->identity, options->to);
    print_totals(report, options);
    print_problems(snapshot, options->to);
    for (size_t i = 0; i < snapshot->note_count; i++) {
        fputs(i ? "note: " : "\nnote: ", options->to);
        print_escaped(options->to, slice_of(snapshot->notes[i]));
        fputc('\n', options->to);
    }
    print_members(snapshot, options);
    return true;
}

static void json_add_manifest(struct json_document *document, const struct identity *identity)
{
    struct json_node *manifest = json_add_object(document, document->root, "manifest");
    for (unsigned i = 0; i < IDENTITY_FACT_COUNT; i++)
        json_add_text(document, manifest, fact_names[i], identity->text[i]);
    json_add_amount(document, manifest, "page_size_bytes",
                    (struct amount){identity->page_size_bytes, identity->page_size_source});
    if (identity->taken_at_source)
        json_add_signed(document, manifest, "taken_at_ns", identity->taken_at_ns);
    else
        json_add_null(document, manifest, "taken_at_ns");
    json_add_amount(document, manifest, "collector_pid",
                    (struct amount){identity->collector_pid, identity->collector_pid != 0});
    json_add_amount(document, manifest, "collector_uid",
                    (struct amount){identity->collector_uid, identity->has_collector_uid});
    struct json_node *sources = json_add_object(document, manifest, "sources");
    for (unsigned i = 0; i < IDENTITY_FACT_COUNT; i++)
        json_add_text(document, sources, fact_names[i], identity->source[i]);
    json_add_text(document, sources, "page_size_bytes", identity->page_size_source);
    json_add_text(document, sources, "taken_at_ns", identity->taken_at_source);
}

static void json_add_coverage(struct json_document *document, const struct process_totals *totals)
{
    struct json_node *coverage = json_add_object(document, document->root, "coverage");
    json_add_number(document, coverage, "processes", totals->processes);
    const struct {
        const char *key;
        enum process_read_state state;
    } states[] = {
        {"read",           PROCESS_READ_STATE         },
        {"kernel_threads", PROCESS_KERNEL_THREAD_STATE},
        {"zombies",        PROCESS_ZOMBIE_STATE       },
        {"vanished",       PROCESS_VANISHED_STATE     },
        {"refused",        PROCESS_REFUSED_STATE      },
        {"timed_out",      PROCESS_TIMED_OUT_STATE    },
        {"cut",            PROCESS_CUT_STATE          },
        {"absent",         PROCESS_ABSENT_STATE       },
        {"failed",         PROCESS_FAILED_STATE       },
    };
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        json_add_number(document, coverage, states[i].key, totals->by_state[states[i].state]);
    json_add_number(document, coverage, "unread", totals->unread);
    json_add_number(document, coverage, "unread_rss_bytes", totals->unread_rss_bytes);
    json_add_number(document, coverage, "mappings", totals->mappings);
}

static void json_add_members(struct json_document *document, const struct snapshot *snapshot)
{
    char text[600];
    struct json_node *problems = json_add_array(document, document->root, "problems");
    for (size_t i = 0; i < snapshot->problem_count; i++) {
        const struct failure *problem = &snapshot->problems[i];
        struct json_node *node = json_add_object(document, problems, NULL);
        json_add_text(document, node, "kind", failure_kind_word(problem->kind));
        json_add_text(document, node, "member", problem->member);
        json_add_number(document, node, "position", problem->position);
        json_add_text(document, node, "message", failure_text(problem, text, sizeof text));
    }
    struct json_node *notes = json_add_array(document, document->root, "notes");
    for (size_t i = 0; i < snapshot->note_count; i++)
        json_add_text(document, notes, NULL, snapshot->notes[i]);
    struct json_node *members = json_add_array(document, document->root, "members");
    for (size_t i = 0; i < snapshot->member_count; i++) {
        const struct member_record *member = &snapshot->members[i];
        struct json_node *node = json_add_object(document, members, NULL);
        json_add_slice(document, node, "path", snapshot_text(snapshot, member->path));
        json_add_text(document, node, "outcome", outcome_word(member->outcome));
        json_add_number(document, node, "bytes", member->bytes);
        struct amount none = AMOUNT_UNKNOWN;
        bool known = member->from_journal;
        json_add_amount(document, node, "pass", known ? amount_of(member->pass) : none);
        json_add_amount(document, node, "start_ns", known ? amount_of(member->start_ns) : none);
        json_add_amount(document, node, "duration_ns",
                        known ? amount_of(member->duration_ns) : none);
        json_add_amount(document, node, "errno",
                        known && member->error_number ? amount_of(member->error_number) : none);
    }
}

bool info_print_json(const struct info_report *report, FILE *to, struct failure *why)
{
    const struct snapshot *snapshot = report->snapshot;
    char text[600];
    struct json_document document;
    json_document_init(&document, "memtally.info/1");
    json_add_snapshot(&document, "snapshot", snapshot);
    json_add_text(&document, document.root, "form", snapshot->form);
    json_add_bool(&document, document.root, "foreign", !snapshot->is_ours);
    json_add_bool(&document, document.root, "complete", snapshot->complete);
    json_add_text(&document, document.root, "broken",
                  snapshot->complete ? NULL : failure_text(&snapshot->broken, text, sizeof text));
    json_add_manifest(&document, &snapshot->identity);
    json_add_coverage(&document, &report->totals);
    json_add_number(&document, document.root, "unknown_fields", snapshot->unknown_fields);
    struct json_node *names = json_add_array(&document, document.root, "unknown_field_names");
    for (size_t i = 0; i < snapshot->unknown_name_count; i++)
        json_add_slice(&document, names, NULL, snapshot_text(snapshot, snapshot->unknown_names[i]));
    json_add_number(&document, document.root, "unsafe_members_skipped", snapshot->skipped_unsafe);
    json_add_number(&document, document.root, "special_members_skipped", snapshot->skipped_special);
    json_add_number(&document, document.root, "other_tree_members_skipped",
                    snapshot->skipped_other_root);
    json_add_number(&document, document.root, "unreadable_files", snapshot->unreadable);
    json_add_members(&document, snapshot);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
