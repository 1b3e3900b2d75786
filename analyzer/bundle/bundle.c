#include "analyzer/bundle/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/bundle/member_path.h"
#include "analyzer/bundle/source/archive_source.h"
#include "analyzer/bundle/source/directory_source.h"
#include "schema/bundle_format.h"

struct bundle {
    char *file_name; /* for failures */
    struct bundle_limits limits;
    struct source *source;
    struct member_root root;
    char *member_path;
    char *link_target; /* data of the current member if it is a link, not yet handed out */
    bool is_link;
    uint64_t member_bytes, delivered_bytes;
    uint64_t entries;
    bool ended;
    bool everything;
    bundle_tap *tap;
    void *tap_context;
    struct bundle_facts facts;
    struct failure failed; /* of bundle_next(): final */
};

static bool open_input(const char *path, int *fd, struct failure *why)
{
    bool standard_input = strcmp(path, "-") == 0;
    *fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (*fd >= 0)
        return true;
    return failure_set(why, FAILURE_SYSTEM, 0, "cannot open: %s", strerror(errno));
}

static bool start(struct bundle *bundle, const char *path, struct failure *why)
{
    int fd;
    struct stat status;
    struct byte_input input;
    if (!open_input(path, &fd, why))
        return false;
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        /* The source finds its root itself, and gives paths below it. */
        bundle->root.prefix = strdup("");
        bundle->source = directory_source_open(fd, &bundle->limits, bundle->everything, why);
    } else if (byte_input_init(&input, fd, fd != STDIN_FILENO, why)) {
        bundle->source =
            archive_source_open(&input, &bundle->limits, bundle->tap, bundle->tap_context, why);
    }
    return bundle->source != NULL;
}

static struct bundle *open_bundle(const char *path, const struct bundle_limits *limits,
                                  bundle_tap *tap, void *context, struct failure *why)
{
    const char *file_name = strcmp(path, "-") == 0 ? "standard input" : path;
    struct bundle *bundle = calloc(1, sizeof *bundle);
    if (bundle)
        bundle->file_name = strdup(file_name);
    if (!bundle || !bundle->file_name) {
        failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    } else {
        bundle->limits = *limits;
        bundle->everything = tap != NULL;
        bundle->tap = tap;
        bundle->tap_context = context;
        if (start(bundle, path, why))
            return bundle;
    }
    failure_in(why, file_name);
    bundle_close(bundle);
    return NULL;
}

struct bundle *bundle_open(const char *path, const struct bundle_limits *limits,
                           struct failure *why)
{
    return open_bundle(path, limits, NULL, NULL, why);
}

struct bundle *bundle_open_everything(const char *path, const struct bundle_limits *limits,
                                      bundle_tap *tap, void *context, struct failure *why)
{
    return open_bundle(path, limits, tap, context, why);
}

void bundle_close(struct bundle *bundle)
{
    if (!bundle)
        return;
    if (bundle->source)
        bundle->source->kind->close(bundle->source);
    member_root_deinit(&bundle->root);
    free(bundle->member_path);
    free(bundle->link_target);
    free(bundle->file_name);
    free(bundle);
}

/* The final failure of bundle_next(). */
static enum bundle_result stop(struct bundle *bundle, struct failure *why)
{
    failure_in(&bundle->failed, bundle->file_name);
    if (why && why->kind == FAILURE_NONE)
        *why = bundle->failed;
    return BUNDLE_BROKEN;
}

/* The data of a link is its target, and ".link" goes behind its path. */
static bool become_link(struct bundle *bundle, const char *target)
{
    char *path;
    if (asprintf(&path, "%s" BUNDLE_LINK_SUFFIX, bundle->member_path) < 0)
        return failure_set(&bundle->failed, FAILURE_SYSTEM, 0, "out of memory");
    free(bundle->member_path);
    bundle->member_path = path;
    bundle->link_target = strdup(target);
    bundle->is_link = true;
    return bundle->link_target || failure_set(&bundle->failed, FAILURE_SYSTEM, 0, "out of memory");
}

static bool limits_hold(struct bundle *bundle, const struct source_entry *entry)
{
    const struct bundle_limits *limits = &bundle->limits;
    struct failure *failed = &bundle->failed;
    uint64_t target_bytes = entry->kind == ENTRY_LINK ? strlen(entry->link_target) : 0;
    return limit_holds("members", ++bundle->entries, limits->members, failed) &&
           limit_holds("path_bytes", strlen(entry->path), limits->path_bytes, failed) &&
           limit_holds("path_bytes: a link's target", target_bytes, limits->path_bytes, failed);
}

/* Any entry, as it is. */
static bool accept_any(struct bundle *bundle, const struct source_entry *entry)
{
    const char *slash = strrchr(entry->path, '/');
    free(bundle->member_path);
    bundle->member_path = strdup(entry->path);
    bundle->facts.members++;
    if (strcmp(slash ? slash + 1 : entry->path, BUNDLE_MANIFEST_NAME) == 0)
        bundle->facts.has_manifest = true;
    return bundle->member_path || failure_set(&bundle->failed, FAILURE_SYSTEM, 0, "out of memory");
}

/* Whether the entry is a member to hand out. Counts it if not; sets `failed` if all ends. */
static bool accept(struct bundle *bundle, const struct source_entry *entry, unsigned *part)
{
    struct bundle_facts *facts = &bundle->facts;
    if (bundle->everything)
        return accept_any(bundle, entry);
    if (entry->kind == ENTRY_FOLDER)
        return false;
    enum path_verdict verdict =
        member_path_resolve(&bundle->root, entry->path, &bundle->member_path, part);
    facts->skipped_unsafe += verdict == PATH_UNSAFE;
    facts->skipped_other_root += verdict == PATH_OTHER_ROOT;
    if (verdict == PATH_NO_MEMORY)
        return failure_set(&bundle->failed, FAILURE_SYSTEM, 0, "out of memory");
    if (verdict == PATH_UNSAFE || verdict == PATH_OTHER_ROOT)
        return false;
    if (entry->kind == ENTRY_OTHER) {
        facts->skipped_special++;
        return false;
    }
    bool in_root = verdict == PATH_IN_ROOT;
    facts->proc_members += in_root && strncmp(bundle->member_path, "proc/", 5) == 0;
    facts->has_manifest =
        facts->has_manifest || (in_root && strcmp(bundle->member_path, BUNDLE_MANIFEST_NAME) == 0);
    facts->members++;
    return entry->kind != ENTRY_LINK || become_link(bundle, entry->link_target);
}

static enum bundle_result reach_end(struct bundle *bundle, bool end_mark, struct failure *why)
{
    if (end_mark || !bundle->facts.has_manifest) {
        bundle->ended = true;
        return BUNDLE_END;
    }
    failure_set(&bundle->failed, FAILURE_TRUNCATED, bundle_facts(bundle).packed_bytes,
                "ends between two members, without the tar's end mark");
    return stop(bundle, why);
}

enum bundle_result bundle_next(struct bundle *bundle, struct bundle_member *member,
                               struct failure *why)
{
    struct source_entry entry;
    unsigned part = 0;
    free(bundle->link_target);
    bundle->link_target = NULL;
    bundle->is_link = false;
    bundle->member_bytes = 0;
    do {
        bool end_mark = false;
        if (bundle->failed.kind != FAILURE_NONE)
            return stop(bundle, why);
        if (bundle->ended)
            return BUNDLE_END;
        enum bundle_result result =
            bundle->source->kind->next(bundle->source, &entry, &end_mark, &bundle->failed);
        if (result == BUNDLE_END)
            return reach_end(bundle, end_mark, why);
        if (result == BUNDLE_BROKEN || !limits_hold(bundle, &entry))
            return stop(bundle, why);
    } while (!accept(bundle, &entry, &part));
    if (bundle->failed.kind != FAILURE_NONE)
        return stop(bundle, why);
    *member = (struct bundle_member){
        .path = bundle->member_path,
        .part = part,
        .link_target = bundle->everything && entry.link_target && entry.link_target[0]
                           ? entry.link_target
                           : NULL,
        .has_mtime = entry.has_mtime,
        .mtime_ns = entry.mtime_ns,
        .has_size = entry.has_size,
        .size_bytes = entry.size_bytes,
    };
    return BUNDLE_MEMBER;
}

static enum bundle_result read_link(struct bundle *bundle, struct slice *chunk)
{
    *chunk = bundle->link_target ? slice_of(bundle->link_target) : (struct slice){"", 0};
    if (bundle->member_bytes > 0 || chunk->length_bytes == 0)
        return BUNDLE_END;
    return BUNDLE_DATA;
}

enum bundle_result bundle_read(struct bundle *bundle, struct slice *chunk, struct failure *why)
{
    struct failure failed = {0};
    enum bundle_result result = bundle->is_link
                                    ? read_link(bundle, chunk)
                                    : bundle->source->kind->read(bundle->source, chunk, &failed);
    if (result == BUNDLE_DATA) {
        const struct bundle_limits *limits = &bundle->limits;
        bundle->member_bytes += chunk->length_bytes;
        bundle->delivered_bytes += chunk->length_bytes;
        if (!limit_holds("stream_bytes", bundle->member_bytes, limits->stream_bytes, &failed))
            failure_in(&failed, bundle->member_path);
        else
            limit_holds("total_bytes", bundle->delivered_bytes, limits->total_bytes, &failed);
        if (bundle->delivered_bytes > limits->total_bytes)
            bundle->failed = failed;
    }
    if (failed.kind == FAILURE_NONE)
        return result;
    failure_in(&failed, bundle->file_name);
    if (why && why->kind == FAILURE_NONE)
        *why = failed;
    return BUNDLE_BROKEN;
}

struct bundle_facts bundle_facts(const struct bundle *bundle)
{
    struct bundle_facts facts = bundle->facts;
    facts.root = bundle->root.prefix;
    bundle->source->kind->describe(bundle->source, &facts);
    return facts;
}
