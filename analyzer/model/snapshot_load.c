#include "analyzer/model/snapshot_load.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/model/load_details.h"
#include "analyzer/model/shared_address_space.h"

#define PROGRESS_STEP 64 /* members between two calls of the progress function */

/* A member that is collected before it is parsed. */
struct whole_member {
    char *bytes;
    size_t used, capacity;
};

/* The member that is under way; a member in parts stays under way over all of them. */
struct current_member {
    char *path; /* owned, reused */
    size_t path_capacity;
    const struct process_stream *stream; /* NULL: it is collected whole */
    bool open, is_process, is_journal, cut, failed;
    unsigned next_part;
    uint64_t bytes;
    int64_t mtime_ns;
    struct process_member process; /* slices into path */
    struct whole_member whole;
};

static bool append_whole(struct whole_member *whole, struct slice chunk, uint64_t limit,
                         struct failure *why)
{
    size_t needed = whole->used + chunk.length_bytes;
    if (needed > limit)
        return failure_set(why, FAILURE_LIMIT, 0, "member larger than %llu bytes",
                           (unsigned long long)limit);
    if (needed > whole->capacity) {
        size_t wanted = whole->capacity ? whole->capacity : 65536;
        while (wanted < needed)
            wanted *= 2;
        char *grown = realloc(whole->bytes, wanted);
        if (!grown)
            return OUT_OF_MEMORY(why);
        whole->bytes = grown;
        whole->capacity = wanted;
    }
    memcpy(whole->bytes + whole->used, chunk.at, chunk.length_bytes);
    whole->used = needed;
    return true;
}

static bool parse_whole(struct loader *loader, struct current_member *current, struct failure *why)
{
    struct slice text = {current->whole.bytes, current->whole.used};
    struct slice path = slice_of(current->path);
    /* A journal that is cut in a line still tells all before that line. */
    while (current->cut && current->is_journal && text.length_bytes &&
           text.at[text.length_bytes - 1] != '\n')
        text.length_bytes--;
    if (slice_equal(path, SLICE(BUNDLE_MANIFEST_NAME)))
        return load_manifest(loader, text, why);
    if (current->is_journal)
        return load_journal(loader, text, why);
    if (current->is_process)
        return load_process_member(loader, &current->process, text, why);
    struct member_path member = {.whole = path, .mtime_ns = current->mtime_ns};
    bool ok = true;
    return !load_system_member(loader, &member, text, &ok, why) || ok;
}

/* Ends the member under way. What cannot be parsed becomes a problem, and the rest goes on;
 * false only for what ends the whole load. */
static bool end_member(struct loader *loader, struct current_member *current, struct failure *why)
{
    if (!current->open)
        return true;
    current->open = false;
    struct failure problem = {0};
    bool ok = true;
    if (current->stream)
        ok = current->stream->end(loader, current->cut || current->failed, &problem);
    else if (current->cut && !current->is_journal)
        ok = failure_set(&problem, FAILURE_TRUNCATED, 0,
                         "cut after %llu bytes; left out of the analysis",
                         (unsigned long long)current->whole.used);
    else if (!current->failed)
        ok = parse_whole(loader, current, &problem);
    if (problem.kind == FAILURE_UNSUPPORTED && strcmp(current->path, BUNDLE_MANIFEST_NAME) == 0) {
        *why = problem;
        return failure_in(why, current->path);
    }
    /* A failed read was told when it failed, and a parser says its reason again at the end. */
    if (!ok && problem.kind != FAILURE_NONE && !current->failed)
        loader_problem(loader, current->path, &problem);
    return loader_met_member(
        loader, slice_of(current->path), current->bytes,
        current->cut ? OUTCOME_CUT : (current->bytes ? OUTCOME_READ : OUTCOME_EMPTY), why);
}

static bool remember_path(struct current_member *current, const char *path)
{
    size_t bytes = strlen(path) + 1;
    if (bytes > current->path_capacity) {
        char *grown = realloc(current->path, bytes + 256);
        if (!grown)
            return false;
        current->path = grown;
        current->path_capacity = bytes + 256;
    }
    memcpy(current->path, path, bytes);
    return true;
}

/* Whether `member` is the next part of the one under way; a gap is told as a cut. */
static bool continues(struct loader *loader, struct current_member *current,
                      const struct bundle_member *member)
{
    if (!current->open || member->part < 2 || strcmp(current->path, member->path) != 0)
        return false;
    if (member->part != current->next_part) {
        struct failure problem = {0};
        failure_set(&problem, FAILURE_MALFORMED, 0, "part %u follows part %u", member->part,
                    current->next_part - 1);
        loader_problem(loader, current->path, &problem);
        current->cut = true;
        return false;
    }
    return true;
}

/* A part that came too late is left out: the figures are lower bounds then. */
static void mark_cut(struct loader *loader, const struct process_stream *stream, uint64_t pid)
{
    struct failure ignored = {0};
    struct process *process = loader_process(loader, pid, &ignored);
    if (process)
        process->files |= stream->cut_mark;
}

static bool begin_member(struct loader *loader, struct current_member *current,
                         const struct bundle_member *member, bool *wanted, struct failure *why)
{
    if (!remember_path(current, member->path))
        return OUT_OF_MEMORY(why);
    struct slice path = slice_of(current->path);
    current->is_journal = slice_equal(path, SLICE(BUNDLE_JOURNAL_NAME));
    current->is_process = process_member_split(path, &current->process);
    current->stream = current->is_process ? process_member_stream(current->process.file) : NULL;
    current->cut = current->failed = false;
    current->bytes = 0;
    current->whole.used = 0;
    current->mtime_ns = member->has_mtime ? member->mtime_ns : 0;
    if (slice_starts(path, SLICE("proc/")) || slice_starts(path, SLICE("sys/")))
        loader->proc_members++;
    bool left_out =
        current->stream && !loader_wants_stream(loader, current->stream, current->process.pid);
    *wanted = current->is_journal || slice_equal(path, SLICE(BUNDLE_MANIFEST_NAME)) ||
              (current->is_process ? !left_out && process_member_wanted(current->process.file)
                                   : system_member_wanted(path));
    if (!*wanted) {
        current->open = false;
        return loader_met_member(loader, path, member->has_size ? member->size_bytes : 0,
                                 OUTCOME_READ, why);
    }
    current->open = true;
    struct failure problem = {0};
    if (current->stream && !current->stream->begin(loader, current->process.pid, &problem)) {
        current->failed = true;
        if (member->part > 1)
            mark_cut(loader, current->stream, current->process.pid);
        current->stream = NULL;
        loader_problem(loader, current->path, &problem);
    } else if (member->part > 1 && !current->is_journal) {
        failure_set(&problem, FAILURE_MALFORMED, 0, "begins with part %u", member->part);
        loader_problem(loader, current->path, &problem);
        current->cut = true;
    }
    return true;
}

/* Reads one entry of the archive into the member under way. False when the archive broke. */
static bool read_entry(struct loader *loader, struct bundle *bundle, struct current_member *current,
                       struct failure *why)
{
    struct slice chunk;
    enum bundle_result result;
    while ((result = bundle_read(bundle, &chunk, why)) == BUNDLE_DATA) {
        struct failure problem = {0};
        current->bytes += chunk.length_bytes;
        bool taken =
            current->failed ||
            (current->stream ? current->stream->feed(loader, chunk, &problem)
                             : append_whole(&current->whole, chunk,
                                            loader->options->limits.member_bytes, &problem));
        if (!taken) {
            current->failed = true;
            loader_problem(loader, current->path, &problem);
        }
    }
    if (result == BUNDLE_END)
        return true;
    current->cut = true;
    return false;
}

static bool load_entry(struct loader *loader, struct bundle *bundle, struct current_member *current,
                       const struct bundle_member *member, struct failure *broken,
                       struct failure *why)
{
    bool wanted = true;
    if (!continues(loader, current, member)) {
        if (!end_member(loader, current, why) ||
            !begin_member(loader, current, member, &wanted, why))
            return false;
    }
    current->next_part = member->part + 1;
    if (wanted && !read_entry(loader, bundle, current, broken))
        failure_in(broken, current->path);
    /* Parts of the journal lie between other members, and each is parsed by itself. */
    return !current->is_journal || end_member(loader, current, why);
}

static void report_progress(const struct loader *loader, const struct bundle *bundle)
{
    struct bundle_facts facts = bundle_facts(bundle);
    if (loader->options->progress)
        loader->options->progress(loader->options->progress_context, facts.packed_bytes,
                                  facts.packed_size_bytes);
}

static bool has_enough(const struct loader *loader)
{
    return loader->options->identity_only && loader->met_manifest;
}

static bool load_members(struct loader *loader, struct bundle *bundle, struct failure *why)
{
    struct current_member current = {0};
    struct bundle_member member;
    struct failure broken = {0}; /* of the last read: one member's, if another one follows */
    bool ok = true;
    for (uint64_t n = 0; ok && !has_enough(loader); n++) {
        struct failure end = {0};
        if (bundle_next(bundle, &member, &end) != BUNDLE_MEMBER) {
            loader->snapshot->broken = broken.kind != FAILURE_NONE ? broken : end;
            /* Where the archive broke behind a part, others may have been to come. */
            if (loader->snapshot->broken.kind != FAILURE_NONE && current.next_part > 1)
                current.cut = true;
            break;
        }
        if (broken.kind != FAILURE_NONE)
            loader_problem(loader, NULL, &broken);
        ok = load_entry(loader, bundle, &current, &member, &broken, why);
        if (n % PROGRESS_STEP == 0)
            report_progress(loader, bundle);
    }
    ok = ok && end_member(loader, &current, why);
    free(current.path);
    free(current.whole.bytes);
    return ok;
}

static int compare_pids(const void *a, const void *b)
{
    uint64_t left = ((const struct process *)a)->pid, right = ((const struct process *)b)->pid;
    return left < right ? -1 : left > right;
}

/* A bundle without anything of /proc answers no question, however well it reads. */
static bool check_content(const struct loader *loader, struct failure *why)
{
    const struct snapshot *snapshot = loader->snapshot;
    if (loader->proc_members || has_enough(loader))
        return true;
    if (snapshot->broken.kind != FAILURE_NONE) {
        *why = snapshot->broken;
        return false;
    }
    return failure_set(why, FAILURE_MALFORMED, 0,
                       "not a bundle: no copy of /proc in it (no proc/meminfo, no proc/PID)");
}

static bool keep_smaps_columns(struct loader *loader)
{
    struct snapshot *snapshot = loader->snapshot;
    struct smaps_key keys[SMAPS_KEYS_MAX];
    snapshot->smaps_column_count = smaps_parser_keys(loader->smaps, keys);
    for (size_t i = 0; i < snapshot->smaps_column_count; i++) {
        struct smaps_column *column = &snapshot->smaps_columns[i];
        *column = (struct smaps_column){.kind = keys[i].kind, .index = keys[i].index};
        if (!string_pool_add(&snapshot->strings, slice_of(keys[i].name), &column->name))
            return false;
    }
    return true;
}

static void keep_smaps_names(struct loader *loader)
{
    struct smaps_parser_counts counts = smaps_parser_counts(loader->smaps);
    for (size_t i = 0; i < counts.unknown_name_count; i++)
        loader_unknown_field(loader, "smaps", counts.unknown_names[i]);
}

static bool finish_load(struct loader *loader, struct bundle *bundle, struct failure *why)
{
    struct snapshot *snapshot = loader->snapshot;
    struct bundle_facts facts = bundle_facts(bundle);
    snapshot->form = strdup(facts.form);
    snapshot->skipped_unsafe = facts.skipped_unsafe;
    snapshot->skipped_special = facts.skipped_special;
    snapshot->skipped_other_root = facts.skipped_other_root;
    snapshot->unreadable = facts.unreadable;
    if (!snapshot->form)
        return OUT_OF_MEMORY(why);
    if (!check_content(loader, why))
        return false;
    keep_smaps_names(loader);
    if (!keep_smaps_columns(loader))
        return OUT_OF_MEMORY(why);
    if (snapshot->process_count)
        qsort(snapshot->processes, snapshot->process_count, sizeof *snapshot->processes,
              compare_pids);
    if (!address_spaces_find(snapshot))
        return OUT_OF_MEMORY(why);
    if (!pages_complete(loader, why))
        return false;
    snapshot->complete =
        snapshot->broken.kind == FAILURE_NONE && (!snapshot->is_ours || snapshot->has_end);
    if (snapshot->is_ours && !snapshot->has_end)
        failure_set(&snapshot->broken, FAILURE_TRUNCATED, 0,
                    "the journal has no end record: this bundle was cut");
    if (!identity_complete(loader, why))
        return false;
    details_scale_pages(loader);
    return true;
}

struct snapshot *snapshot_load(const char *path, const struct load_options *options,
                               struct failure *why)
{
    struct bundle *bundle = bundle_open(path, &options->limits, why);
    if (!bundle)
        return NULL;
    struct loader loader = {.options = options, .snapshot = calloc(1, sizeof(struct snapshot))};
    bool ok = loader.snapshot && (loader.snapshot->file = strdup(path)) &&
              string_pool_init(&loader.snapshot->strings) &&
              mapping_store_init(&loader.snapshot->mappings);
    if (!ok)
        OUT_OF_MEMORY(why);
    ok = ok && smaps_prepare(&loader, why) && load_members(&loader, bundle, why) &&
         finish_load(&loader, bundle, why);
    bundle_close(bundle);
    smaps_parser_destroy(loader.smaps);
    pages_load_destroy(loader.pages);
    key_index_deinit(&loader.by_pid);
    inode_set_deinit(&loader.pipes);
    free(loader.version_storage);
    free(loader.cpuinfo_storage);
    if (ok)
        return loader.snapshot;
    snapshot_free(loader.snapshot);
    return NULL;
}
