/* Members of one process: proc/PID/FILE, joined into one struct process. */
#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/model/load_descriptors.h"
#include "analyzer/model/shared_address_space.h"
#include "analyzer/parse/process/cgroup.h"
#include "analyzer/parse/process/stat.h"
#include "analyzer/parse/process/statm.h"
#include "analyzer/parse/system/single_number.h"
#include "analyzer/parse/text_cursor.h"

bool process_member_split(struct slice path, struct process_member *out)
{
    struct slice left, right;
    if (!slice_starts(path, SLICE("proc/")) || !split_at(slice_skip(path, 5), '/', &left, &right) ||
        !parse_decimal(left, &out->pid))
        return false;
    out->file = right;
    return true;
}

static bool load_stat(struct loader *loader, struct process *process, struct slice text,
                      struct failure *why)
{
    struct process_stat stat;
    if (!process_stat_parse(text, &stat, why))
        return false;
    uint32_t comm;
    if (!string_pool_add(&loader->snapshot->strings, stat.comm, &comm))
        return OUT_OF_MEMORY(why);
    process->comm = comm; /* whole and unescaped, better than comm and status */
    process->files |= PROCESS_STAT | PROCESS_COMM;
    process->start_time_ticks = stat.start_time_ticks;
    process->ppid = stat.ppid > 0 ? (uint64_t)stat.ppid : 0;
    process->session = stat.session > 0 ? (uint64_t)stat.session : 0;
    process->stat_flags = stat.flags;
    process->minor_faults = stat.minor_faults;
    process->major_faults = stat.major_faults;
    process->vsize_bytes = stat.vsize_bytes;
    process->rss_pages = stat.rss_pages;
    process->start_stack = stat.start_stack;
    process->state = stat.state;
    if (stat.threads >= 0 && !process->threads.known)
        process->threads = amount_of((uint64_t)stat.threads);
    return true;
}

static bool load_statm(struct loader *loader, struct process *process, struct slice text,
                       struct failure *why)
{
    (void)loader;
    struct process_statm statm;
    if (!process_statm_parse(text, &statm, why))
        return false;
    process->statm_size_pages = statm.size_pages;
    process->statm_resident_pages = statm.resident_pages;
    process->statm_shared_pages = statm.shared_pages;
    process->files |= PROCESS_STATM;
    return true;
}

static bool load_status(struct loader *loader, struct process *process, struct slice text,
                        struct failure *why)
{
    struct process_status status;
    if (!process_status_parse(text, &status, why))
        return false;
    process->files |= PROCESS_STATUS;
    if (status.has_uid)
        process->uid = amount_of(status.effective_uid);
    if (status.has_threads)
        process->threads = amount_of(status.threads);
    process->kthread_flag = status.has_kthread && status.kthread;
    if (!(process->files & PROCESS_STAT)) {
        process->state = status.state;
        process->ppid = status.ppid;
    }
    for (unsigned i = 0; i < STATUS_SIZE_COUNT; i++)
        if (status.has_size[i])
            process->status_size[i] = amount_of(status.size_bytes[i]);
    if (process->files & PROCESS_COMM)
        return true;
    process->files |= PROCESS_COMM;
    return string_pool_add(&loader->snapshot->strings, status.name, &process->comm) ||
           OUT_OF_MEMORY(why);
}

/* status of a living thread, where the leader has ended and shows no sizes of its own. */
static bool load_thread_status(struct loader *loader, struct process *process, struct slice text,
                               struct failure *why)
{
    (void)loader;
    struct process_status status;
    if (!process_status_parse(text, &status, why))
        return false;
    for (unsigned i = 0; i < STATUS_SIZE_COUNT; i++)
        if (status.has_size[i] && !process->status_size[i].known)
            process->status_size[i] = amount_of(status.size_bytes[i]);
    return true;
}

static bool load_comm(struct loader *loader, struct process *process, struct slice text,
                      struct failure *why)
{
    if (process->files & PROCESS_STAT)
        return true;
    if (slice_ends(text, SLICE("\n")))
        text.length_bytes--;
    process->files |= PROCESS_COMM;
    return string_pool_add(&loader->snapshot->strings, text, &process->comm) || OUT_OF_MEMORY(why);
}

/* Arguments are separated by NULs, and stay so: views turn them into blanks. */
static bool load_cmdline(struct loader *loader, struct process *process, struct slice text,
                         struct failure *why)
{
    while (text.length_bytes && text.at[text.length_bytes - 1] == '\0')
        text.length_bytes--;
    process->files |= PROCESS_CMDLINE;
    return string_pool_add(&loader->snapshot->strings, text, &process->cmdline) ||
           OUT_OF_MEMORY(why);
}

static bool load_cgroup(struct loader *loader, struct process *process, struct slice text,
                        struct failure *why)
{
    struct process_cgroup cgroup;
    if (!process_cgroup_parse(text, &cgroup, why))
        return false;
    if (!cgroup.found)
        return true;
    process->files |= PROCESS_CGROUP;
    struct string_pool *strings = &loader->snapshot->strings;
    process->memory_cgroup_in_v1 = cgroup.memory_in_v1;
    return (string_pool_add(strings, cgroup.path, &process->cgroup) &&
            string_pool_add(strings, cgroup.memory, &process->memory_cgroup)) ||
           OUT_OF_MEMORY(why);
}

static bool load_exe(struct loader *loader, struct process *process, struct slice text,
                     struct failure *why)
{
    if (slice_ends(text, SLICE("\n")))
        text.length_bytes--;
    process->files |= PROCESS_EXE;
    return string_pool_add(&loader->snapshot->strings, text, &process->exe) || OUT_OF_MEMORY(why);
}

static bool load_oom_score(struct loader *loader, struct process *process, struct slice text,
                           struct failure *why)
{
    (void)loader;
    if (!single_number_parse(text, &process->oom_score, why))
        return false;
    process->files |= PROCESS_OOM_SCORE;
    return true;
}

static bool load_oom_score_adj(struct loader *loader, struct process *process, struct slice text,
                               struct failure *why)
{
    (void)loader;
    if (!single_number_parse(text, &process->oom_score_adj, why))
        return false;
    process->files |= PROCESS_OOM_SCORE_ADJ;
    return true;
}

static void add_block(struct smaps_sums *sums, const struct smaps_mapping *block)
{
    /* What is not present is 0: adding all is quicker than asking for each. */
    for (unsigned field = 0; field < SMAPS_FIELD_COUNT; field++)
        sums->bytes[field] = add_saturating(sums->bytes[field], block->value_bytes[field]);
    sums->present |= block->present;
    sums->blocks++;
}

static bool load_rollup(struct loader *loader, struct process *process, struct slice text,
                        struct failure *why)
{
    (void)loader;
    struct smaps_mapping block;
    if (!smaps_rollup_parse(text, &block, why))
        return false;
    process->rollup = (struct smaps_sums){0};
    add_block(&process->rollup, &block);
    process->files |= PROCESS_ROLLUP;
    return true;
}

static const struct process_route {
    const char *file;
    bool (*load)(struct loader *loader, struct process *process, struct slice text,
                 struct failure *why); /* NULL: streamed */
} process_routes[] = {
    {"stat",          load_stat         },
    {"statm",         load_statm        },
    {"status",        load_status       },
    {"comm",          load_comm         },
    {"cmdline",       load_cmdline      },
    {"cgroup",        load_cgroup       },
    {"exe.link",      load_exe          },
    {"oom_score",     load_oom_score    },
    {"oom_score_adj", load_oom_score_adj},
    {"smaps_rollup",  load_rollup       },
    {"fd.memory",     load_fd_memory    },
    {"fd.links",      load_fd_links     },
    {"smaps",         NULL              },
    {"pages",         NULL              },
};

/* What a living thread tells in place of a leader that has ended: proc/PID/task/TID/FILE. */
static const struct process_route thread_routes[] = {
    {"status",       load_thread_status},
    {"smaps_rollup", load_rollup       },
    {"smaps",        NULL              },
    {"pages",        NULL              },
};

static const struct process_route *find_process_route(struct slice file)
{
    struct slice tid, name = file;
    if (slice_starts(file, SLICE("task/"))) {
        if (!split_at(slice_skip(file, 5), '/', &tid, &name))
            return NULL;
        for (size_t i = 0; i < sizeof thread_routes / sizeof thread_routes[0]; i++)
            if (slice_equal(name, slice_of(thread_routes[i].file)))
                return &thread_routes[i];
        return NULL;
    }
    for (size_t i = 0; i < sizeof process_routes / sizeof process_routes[0]; i++)
        if (slice_equal(file, slice_of(process_routes[i].file)))
            return &process_routes[i];
    return NULL;
}

const struct process_stream *process_member_stream(struct slice file)
{
    const struct process_route *route = find_process_route(file);
    if (!route || route->load)
        return NULL;
    return strcmp(route->file, BUNDLE_PAGES_NAME) == 0 ? &pages_stream : &smaps_stream;
}

bool process_member_wanted(struct slice file)
{
    return find_process_route(file) != NULL;
}

bool load_process_member(struct loader *loader, const struct process_member *member,
                         struct slice text, struct failure *why)
{
    const struct process_route *route = find_process_route(member->file);
    struct process *process = loader_process(loader, member->pid, why);
    if (!process)
        return false;
    if (!route || !route->load)
        return true;
    /* An empty file says nothing; only an empty list of what is held is an answer. */
    if (text.length_bytes == 0 && route->load != load_fd_memory)
        return true;
    return route->load(loader, process, text, why);
}

static bool keeps_mapping(const struct loader *loader, const struct smaps_mapping *block)
{
    switch (loader->options->kept_mappings) {
    case MAPPINGS_ALL:
        return true;
    case MAPPINGS_OF_OWNERS:
        return mapping_name_tells_owner(block->name);
    case MAPPINGS_NONE:
        break;
    }
    return false;
}

bool loader_wants_stream(const struct loader *loader, const struct process_stream *stream,
                         uint64_t pid)
{
    const struct load_options *options = loader->options;
    if (stream == &pages_stream && !options->keep_pages)
        return false;
    for (size_t i = 0; i < options->only_pid_count; i++)
        if (options->only_pids[i] == pid)
            return true;
    return options->only_pid_count == 0;
}

static bool keep_others(struct snapshot *snapshot, const struct smaps_mapping *block)
{
    for (unsigned left = block->others_present; left; left &= left - 1) {
        unsigned key = (unsigned)__builtin_ctz(left);
        struct mapping_extra *extra =
            ARRAY_PUSH(snapshot->extras, snapshot->extra_count, snapshot->extra_capacity);
        if (!extra)
            return false;
        *extra = (struct mapping_extra){snapshot->mappings.count, block->other_number[key], key};
    }
    return true;
}

static bool keep_block(void *context, const struct smaps_mapping *block, struct failure *why)
{
    struct loader *loader = context;
    struct snapshot *snapshot = loader->snapshot;
    struct process *process = &snapshot->processes[loader->smaps_process];
    add_block(&process->smaps, block);
    address_space_digest_add(&process->digest, block);
    uint64_t page = block->value_bytes[SMAPS_KERNEL_PAGE_SIZE];
    if (page && (loader->smallest_page_bytes == 0 || page < loader->smallest_page_bytes))
        loader->smallest_page_bytes = page;
    if (!keeps_mapping(loader, block))
        return true;
    if (snapshot->mappings.count >= loader->options->limits.mappings)
        return failure_set(why, FAILURE_LIMIT, 0, "more than %llu mappings",
                           (unsigned long long)loader->options->limits.mappings);
    if ((loader->options->only_pid_count && !keep_others(snapshot, block)) ||
        !mapping_store_add(&snapshot->mappings, &snapshot->strings, block))
        return OUT_OF_MEMORY(why);
    process->mapping_count++;
    return true;
}

bool smaps_prepare(struct loader *loader, struct failure *why)
{
    loader->smaps = smaps_parser_create(keep_block, loader);
    return loader->smaps || OUT_OF_MEMORY(why);
}

static bool smaps_begin(struct loader *loader, uint64_t pid, struct failure *why)
{
    struct process *process = loader_process(loader, pid, why);
    if (!process)
        return false;
    if (process->smaps.blocks)
        return failure_set(why, FAILURE_MALFORMED, 0, "a second smaps of one process");
    loader->smaps_process = (size_t)(process - loader->snapshot->processes);
    loader->smaps_unknown_before = smaps_parser_counts(loader->smaps).unknown_lines;
    process->first_mapping = loader->snapshot->mappings.count;
    process->files |= PROCESS_SMAPS;
    return true;
}

static bool smaps_feed(struct loader *loader, struct slice chunk, struct failure *why)
{
    return smaps_parser_feed(loader->smaps, chunk, why);
}

static bool smaps_end(struct loader *loader, bool cut, struct failure *why)
{
    bool whole = smaps_parser_finish(loader->smaps, cut, why);
    if (cut || !whole)
        loader->snapshot->processes[loader->smaps_process].files |= PROCESS_SMAPS_CUT;
    loader->snapshot->unknown_fields +=
        smaps_parser_counts(loader->smaps).unknown_lines - loader->smaps_unknown_before;
    return whole;
}

const struct process_stream smaps_stream = {smaps_begin, smaps_feed, smaps_end, PROCESS_SMAPS_CUT};
