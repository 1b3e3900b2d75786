#include "analyzer/bundle/source/directory_source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/array.h"
#include "analyzer/bundle/source/directory_root.h"
#include "analyzer/bundle/source/name_list.h"
#include "schema/bundle_format.h"

enum { READ_BYTES = 256 << 10 };

/* What is walked in a root, in this order, so that a manifest comes first; the journal, whole or in
 * parts, comes last. */
static const char *const top_names[] = {
    BUNDLE_MANIFEST_NAME, "meta", BUNDLE_SAMPLES_FOLDER, "derived", "proc", "sys",
};

/* A folder that is being walked; the walk is a stack of them. */
struct folder {
    int fd;
    char *path; /* owned; "" or ending in '/' */
    struct name_list names;
    size_t at;
};

struct directory_source {
    struct source base;
    struct bundle_limits limits;
    struct directory_root root;
    struct folder *folders;
    size_t depth, capacity;
    char *path; /* of the current entry */
    char link_target[PATH_MAX];
    char *buffer;
    int file; /* of the current member, else -1 */
    uint64_t read_bytes;
    uint64_t unreadable;
    struct failure first_unreadable;
};

static struct directory_source *of(struct source *source)
{
    return (struct directory_source *)source;
}

static bool out_of_memory(struct failure *why)
{
    return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

/* Counts what cannot be read; the walk goes on. */
static void note_unreadable(struct directory_source *source, const char *reason)
{
    source->unreadable++;
    failure_set(&source->first_unreadable, FAILURE_SYSTEM, 0, "%s", reason);
    failure_in(&source->first_unreadable, source->path);
}

static void folder_deinit(struct folder *folder)
{
    name_list_deinit(&folder->names);
    free(folder->path);
    if (folder->fd >= 0)
        close(folder->fd);
}

static bool push_folder(struct directory_source *source, struct folder *folder, struct failure *why)
{
    struct folder *top = ARRAY_PUSH(source->folders, source->depth, source->capacity);
    if (top) {
        *top = *folder;
        return true;
    }
    folder_deinit(folder);
    return out_of_memory(why);
}

/* Makes the current entry, a folder, the one that is walked next. False only if all ends. */
static bool enter_folder(struct directory_source *source, int parent, const char *name,
                         struct failure *why)
{
    struct folder folder = {.fd = -1};
    struct failure reason = {0};
    if (!limit_holds("folder_depth", source->depth, source->limits.folder_depth, why))
        return failure_in(why, source->path);
    folder.fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder.fd < 0) {
        note_unreadable(source, strerror(errno));
        return true;
    }
    if (source->root.everything && directory_is_live(folder.fd)) {
        folder_deinit(&folder);
        note_unreadable(source, "is /proc or /sys of this machine");
        return true;
    }
    if (name_list_read(folder.fd, source->limits.members, &folder.names, &reason)) {
        if (asprintf(&folder.path, "%s/", source->path) >= 0)
            return push_folder(source, &folder, why);
        folder.path = NULL;
        failure_set(&reason, FAILURE_LIMIT, 0, "out of memory");
    }
    folder_deinit(&folder);
    if (reason.kind == FAILURE_LIMIT)
        return failure_set(why, reason.kind, 0, "%s", reason.message);
    note_unreadable(source, reason.message);
    return true;
}

/* Opens the current entry, a regular file. False if it cannot be read: then it is counted. */
static bool open_file(struct directory_source *source, int parent, const char *name)
{
    struct stat status;
    source->file = openat(parent, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
    if (source->file < 0) {
        note_unreadable(source, strerror(errno));
        return false;
    }
    if (fstat(source->file, &status) == 0 && S_ISREG(status.st_mode))
        return true;
    note_unreadable(source, "became another kind of file");
    close(source->file);
    source->file = -1;
    return false;
}

static bool read_link(struct directory_source *source, int parent, const char *name)
{
    ssize_t length = readlinkat(parent, name, source->link_target, sizeof source->link_target - 1);
    if (length >= 0) {
        source->link_target[length] = '\0';
        return true;
    }
    note_unreadable(source, strerror(errno));
    return false;
}

static enum entry_kind kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return ENTRY_FILE;
    case S_IFLNK:
        return ENTRY_LINK;
    case S_IFDIR:
        return ENTRY_FOLDER;
    default:
        return ENTRY_OTHER;
    }
}

static void describe_entry(const struct directory_source *source, const struct stat *status,
                           struct source_entry *entry)
{
    *entry = (struct source_entry){
        .path = source->path,
        .link_target = S_ISLNK(status->st_mode) ? source->link_target : NULL,
        .kind = kind_of(status->st_mode),
        .has_mtime = true,
        .has_size = true,
        .size_bytes = status->st_size > 0 ? (uint64_t)status->st_size : 0,
    };
    int64_t seconds = status->st_mtim.tv_sec, nanoseconds = status->st_mtim.tv_nsec;
    if (__builtin_mul_overflow(seconds, INT64_C(1000000000), &entry->mtime_ns) ||
        __builtin_add_overflow(entry->mtime_ns, nanoseconds, &entry->mtime_ns))
        entry->has_mtime = false;
}

/* Looks at one name. MEMBER: *entry is it; DATA: nothing to tell, go on; BROKEN. */
static enum bundle_result visit(struct directory_source *source, int parent, const char *name,
                                struct source_entry *entry, struct failure *why)
{
    struct stat status;
    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        note_unreadable(source, strerror(errno));
        return BUNDLE_DATA;
    }
    describe_entry(source, &status, entry);
    if (entry->kind == ENTRY_FOLDER && !enter_folder(source, parent, name, why))
        return BUNDLE_BROKEN;
    if (entry->kind == ENTRY_FILE && !open_file(source, parent, name))
        return BUNDLE_DATA;
    if (entry->kind == ENTRY_LINK && !read_link(source, parent, name))
        return BUNDLE_DATA;
    return BUNDLE_MEMBER;
}

static void close_file(struct directory_source *source)
{
    if (source->file >= 0)
        close(source->file);
    source->file = -1;
}

static enum bundle_result source_next(struct source *base, struct source_entry *entry,
                                      bool *end_mark, struct failure *why)
{
    struct directory_source *source = of(base);
    close_file(source);
    while (source->depth > 0) {
        struct folder *top = &source->folders[source->depth - 1];
        if (top->at == top->names.count) {
            folder_deinit(top);
            source->depth--;
            continue;
        }
        const char *name = top->names.names[top->at++].text;
        free(source->path);
        if (asprintf(&source->path, "%s%s", top->path, name) < 0) {
            source->path = NULL;
            out_of_memory(why);
            return BUNDLE_BROKEN;
        }
        enum bundle_result result = visit(source, top->fd, name, entry, why);
        if (result != BUNDLE_DATA)
            return result;
    }
    *end_mark = true;
    return BUNDLE_END;
}

static enum bundle_result source_read(struct source *base, struct slice *chunk, struct failure *why)
{
    struct directory_source *source = of(base);
    if (source->file < 0)
        return BUNDLE_END;
    ssize_t got;
    do
        got = read(source->file, source->buffer, READ_BYTES);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        failure_set(why, FAILURE_SYSTEM, 0, "cannot read: %s", strerror(errno));
        failure_in(why, source->path);
        close_file(source);
        return BUNDLE_BROKEN;
    }
    if (got == 0)
        return BUNDLE_END;
    source->read_bytes += (uint64_t)got;
    *chunk = (struct slice){source->buffer, (size_t)got};
    return BUNDLE_DATA;
}

static void source_describe(const struct source *base, struct bundle_facts *facts)
{
    const struct directory_source *source = (const struct directory_source *)base;
    facts->form = "directory";
    facts->root = source->root.prefix;
    facts->packed_bytes = facts->unpacked_bytes = source->read_bytes;
    facts->skipped_other_root = source->root.other_roots;
    facts->unreadable = source->unreadable;
    facts->first_unreadable = source->first_unreadable;
}

static void source_close(struct source *base)
{
    struct directory_source *source = of(base);
    close_file(source);
    while (source->depth > 0)
        folder_deinit(&source->folders[--source->depth]);
    free(source->folders);
    directory_root_deinit(&source->root);
    free(source->path);
    free(source->buffer);
    free(source);
}

static const struct source_kind directory_kind = {
    .next = source_next,
    .read = source_read,
    .describe = source_describe,
    .close = source_close,
};

/* "journal", "journal.part-0001", ...: sorted, as all names are. */
static bool add_journals(struct directory_source *source, int fd, struct name_list *to,
                         struct failure *why)
{
    struct name_list all = {0};
    size_t length = sizeof BUNDLE_JOURNAL_NAME - 1;
    bool good = name_list_read(fd, source->limits.members, &all, why);
    for (size_t i = 0; good && i < all.count; i++) {
        const char *name = all.names[i].text;
        if (strncmp(name, BUNDLE_JOURNAL_NAME, length) == 0 &&
            (name[length] == '\0' ||
             strncmp(name + length, BUNDLE_PART_INFIX, sizeof BUNDLE_PART_INFIX - 1) == 0))
            good = name_list_add(to, name);
    }
    name_list_deinit(&all);
    return good;
}

/* The first folder on the stack: the root, with only those names that belong to a bundle; or all
 * names, of a bare copy of /proc or where everything is asked for. */
static bool start_walk(struct directory_source *source, struct failure *why)
{
    struct folder top = {.fd = fcntl(source->root.fd, F_DUPFD_CLOEXEC, 0)};
    struct stat status;
    bool good = top.fd >= 0;
    bool all_names = source->root.bare || source->root.everything;
    top.path = strdup(source->root.bare ? "proc/" : "");
    if (all_names)
        good = good && name_list_read(top.fd, source->limits.members, &top.names, why);
    for (size_t i = 0; !all_names && i < sizeof top_names / sizeof top_names[0]; i++)
        if (fstatat(top.fd, top_names[i], &status, AT_SYMLINK_NOFOLLOW) == 0)
            good = good && name_list_add(&top.names, top_names[i]);
    if (!all_names)
        good = good && add_journals(source, top.fd, &top.names, why);
    if (good && top.path)
        return push_folder(source, &top, why);
    folder_deinit(&top);
    return out_of_memory(why);
}

struct source *directory_source_open(int fd, const struct bundle_limits *limits, bool everything,
                                     struct failure *why)
{
    struct directory_source *source = calloc(1, sizeof *source);
    if (source) {
        source->base.kind = &directory_kind;
        source->limits = *limits;
        source->file = source->root.fd = -1;
        source->buffer = malloc(READ_BYTES);
    }
    bool good = source && source->buffer;
    if (!good)
        out_of_memory(why);
    if (good && everything)
        good = directory_root_take(fd, &source->root, why);
    else if (good)
        good = directory_root_find(fd, limits, &source->root, why);
    good = good && start_walk(source, why);
    close(fd);
    if (good)
        return &source->base;
    if (source)
        source_close(&source->base);
    return NULL;
}
