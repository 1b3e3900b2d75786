/* What descriptors hold: proc/PID/fd.memory of our own bundles, proc/PID/fd.links of other copies. */
#include "analyzer/model/load_descriptors.h"

#include "analyzer/base/array.h"
#include "analyzer/bundle/derived.h"
#include "analyzer/parse/process/fd_links.h"

/* In all: a machine with a million open memory files or pipes is none we know. */
#define HELD_MAX  1048576u
#define PIPES_MAX 1048576u

struct descriptor_context {
    struct loader *loader;
    uint64_t pid;
};

static bool count_pipe(struct loader *loader, uint64_t inode, struct failure *why)
{
    struct pipe_count *pipes = &loader->snapshot->system.details.pipes;
    bool is_new;
    if (pipes->pipes >= PIPES_MAX)
        return failure_set(why, FAILURE_LIMIT, 0, "more than %u pipes", PIPES_MAX);
    if (!inode_set_add(&loader->pipes, inode, &is_new))
        return OUT_OF_MEMORY(why);
    pipes->descriptors++;
    pipes->pipes += is_new;
    return true;
}

static bool add_held(struct loader *loader, const struct held_memory *held, struct slice name,
                     struct failure *why)
{
    struct system_details *details = &loader->snapshot->system.details;
    uint32_t id;
    if (details->held_count >= HELD_MAX)
        return failure_set(why, FAILURE_LIMIT, 0, "more than %u descriptors that hold memory",
                           HELD_MAX);
    if (!string_pool_add(&loader->snapshot->strings, name, &id))
        return OUT_OF_MEMORY(why);
    struct held_memory *slot =
        ARRAY_PUSH(details->held, details->held_count, details->held_capacity);
    if (!slot)
        return OUT_OF_MEMORY(why);
    *slot = *held;
    slot->name = id;
    return true;
}

static bool find_held_kind(struct slice word, enum held_kind *kind)
{
    for (unsigned i = 0; i < HELD_KIND_COUNT; i++)
        if (slice_equal(word, slice_of(held_kind_word((enum held_kind)i)))) {
            *kind = (enum held_kind)i;
            return true;
        }
    return false;
}

static bool take_record(void *opaque, const struct derived_record *record, struct failure *why)
{
    struct descriptor_context *context = opaque;
    struct held_memory held = {.pid = context->pid};
    if (record->kind == DERIVED_PIPE)
        return count_pipe(context->loader, record->number[DERIVED_INODE], why);
    if (record->kind != DERIVED_HELD || !find_held_kind(record->type, &held.kind))
        return true;
    held.has_identity = record->has_device && record->has[DERIVED_INODE];
    held.major = record->major;
    held.minor = record->minor;
    held.inode = record->number[DERIVED_INODE];
    if (record->has[DERIVED_BYTES])
        held.bytes = amount_of(record->number[DERIVED_BYTES]);
    return add_held(context->loader, &held, record->path, why);
}

static bool first_list(struct process *process, struct failure *why)
{
    if (process->files & PROCESS_DESCRIPTORS)
        return failure_set(why, FAILURE_MALFORMED, 0, "a second list of one process's descriptors");
    process->files |= PROCESS_DESCRIPTORS;
    return true;
}

bool load_fd_memory(struct loader *loader, struct process *process, struct slice text,
                    struct failure *why)
{
    struct descriptor_context context = {.loader = loader, .pid = process->pid};
    if (!first_list(process, why))
        return false;
    loader->snapshot->system.details.pipes.known = true;
    return derived_parse(text, take_record, &context, why);
}

bool load_fd_links(struct loader *loader, struct process *process, struct slice text,
                   struct failure *why)
{
    struct slice target;
    uint64_t inode;
    if (!first_list(process, why))
        return false;
    while (fd_link_next(&text, &target)) {
        struct held_memory held = {.pid = process->pid, .kind = HELD_MEMFD};
        loader->snapshot->system.details.pipes.known = true;
        if (pipe_target_parse(target, &inode) && !count_pipe(loader, inode, why))
            return false;
        if (slice_starts(target, SLICE("/memfd:")) && !add_held(loader, &held, target, why))
            return false;
    }
    return true;
}
