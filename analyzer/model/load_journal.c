/* The journal, and for foreign bundles the record of what was met. */
#include "analyzer/base/array.h"
#include "analyzer/bundle/journal.h"
#include "analyzer/model/loader.h"

static bool keep_note(struct loader *loader, struct slice text, struct failure *why)
{
    struct snapshot *snapshot = loader->snapshot;
    char **slot = ARRAY_PUSH(snapshot->notes, snapshot->note_count, snapshot->note_capacity);
    if (!slot)
        return OUT_OF_MEMORY(why);
    *slot = strndup(text.at ? text.at : "", text.length_bytes);
    if (!*slot) {
        snapshot->note_count--;
        return OUT_OF_MEMORY(why);
    }
    return true;
}

static bool add_member(struct loader *loader, struct slice path, struct member_record record,
                       struct failure *why)
{
    struct snapshot *snapshot = loader->snapshot;
    if (!string_pool_add(&snapshot->strings, path, &record.path))
        return OUT_OF_MEMORY(why);
    struct member_record *slot =
        ARRAY_PUSH(snapshot->members, snapshot->member_count, snapshot->member_capacity);
    if (!slot)
        return OUT_OF_MEMORY(why);
    *slot = record;
    return true;
}

/* What was read before that is in the bundle, and not all. */
static bool stopped_early(const struct journal_record *record)
{
    bool is_part = record->outcome == OUTCOME_ABANDONED || record->outcome == OUTCOME_FAILED;
    return record->outcome == OUTCOME_CUT || record->outcome == OUTCOME_TIMED_OUT ||
           (is_part && record->bytes);
}

/* What the journal says of a process's smaps and rollup decides what its absence means. */
static void note_process_outcome(struct loader *loader, const struct journal_record *record)
{
    struct process_member member;
    struct failure ignored = {0};
    if (!process_member_split(record->text, &member))
        return;
    struct process *process = loader_process(loader, member.pid, &ignored);
    if (!process)
        return;
    const struct process_stream *stream = process_member_stream(member.file);
    if (stream == &pages_stream) {
        /* Empty is that of a leader that has ended: its threads may tell. */
        if (record->outcome != OUTCOME_READ && record->outcome != OUTCOME_EMPTY)
            process->files |= PROCESS_PAGES_CUT;
    } else if (stream) {
        process->smaps_outcome = record->outcome;
        process->has_smaps_outcome = true;
        if (stopped_early(record))
            process->files |= PROCESS_SMAPS_CUT;
    } else if (slice_equal(member.file, SLICE("smaps_rollup"))) {
        process->rollup_outcome = record->outcome;
        process->has_rollup_outcome = true;
    }
}

static bool take_record(void *context, const struct journal_record *record, struct failure *why)
{
    struct loader *loader = context;
    struct snapshot *snapshot = loader->snapshot;
    switch (record->kind) {
    case JOURNAL_MEMBER:
        note_process_outcome(loader, record);
        if (!loader->options->keep_members &&
            (record->outcome == OUTCOME_READ || record->outcome == OUTCOME_EMPTY))
            return true;
        return add_member(loader, record->text,
                          (struct member_record){.outcome = record->outcome,
                                                 .bytes = record->bytes,
                                                 .start_ns = record->start_ns,
                                                 .duration_ns = record->duration_ns,
                                                 .pass = record->pass,
                                                 .error_number = record->error_number,
                                                 .parts = record->parts,
                                                 .from_journal = true},
                          why);
    case JOURNAL_PROCESS: {
        struct process *process = loader_process(loader, record->pid, why);
        if (!process)
            return false;
        process->outcome = record->outcome;
        process->has_outcome = true;
        if (!(process->files & PROCESS_STAT))
            process->start_time_ticks = record->start_time_ticks;
        return true;
    }
    case JOURNAL_NOTE:
        return snapshot->note_count >= PROBLEMS_KEPT || keep_note(loader, record->text, why);
    case JOURNAL_END:
        snapshot->has_end = true;
        snapshot->duration_ns = record->duration_ns;
        return true;
    default:
        return true;
    }
}

bool load_journal(struct loader *loader, struct slice text, struct failure *why)
{
    return journal_parse(text, take_record, loader, why);
}

bool loader_met_member(struct loader *loader, struct slice path, uint64_t bytes,
                       enum outcome outcome, struct failure *why)
{
    loader->snapshot->members_read++;
    if (!loader->options->keep_members || loader->met_manifest)
        return true;
    return add_member(
        loader, path,
        (struct member_record){.outcome = outcome, .bytes = bytes, .in_archive = true}, why);
}
