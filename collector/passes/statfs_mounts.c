/* derived/statfs: how much the file systems that live in memory hold. No /proc file says it.
 * Only their own mount points are ever touched: statfs(2) on a dead NFS server never returns. */
#include "collector/passes/run.h"

#include "collector/base/cleanup.h"
#include "collector/redact/names.h"
#include "schema/bundle_format.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/vfs.h>

/* Each takes its deadline, and they tend to lie on one dead file system. */
#define LATE_MOST 3

#define MOUNTS_FILE  "proc/self/mountinfo"
#define MOUNTS_BYTES ((size_t)256 * 1024)
#define STATFS_BYTES ((size_t)64 * 1024)

/* One line of mountinfo: the fields that matter here, not ended with NUL. */
struct mount {
    const char *device, *point, *type;
    size_t device_length, point_length, type_length;
};

/* The end of the field that starts at `at`. */
static const char *field_end(const char *at, const char *end)
{
    while (at < end && *at != ' ')
        at++;
    return at;
}

static bool parse_mount(const char *line, const char *end, struct mount *mount)
{
    const char *at = line;
    const char *starts[5] = {0};
    size_t lengths[5] = {0};
    for (unsigned field = 0; field < 5; field++) { /* id, parent, device, root, point */
        const char *stop = field_end(at, end);
        if (stop == end)
            return false;
        starts[field] = at;
        lengths[field] = (size_t)(stop - at);
        at = stop + 1;
    }
    const char *dash = memmem(at - 1, (size_t)(end - at) + 1, " - ", 3);
    if (!dash)
        return false;
    const char *type = dash + 3;
    *mount = (struct mount){starts[2],  starts[4],  type,
                            lengths[2], lengths[4], (size_t)(field_end(type, end) - type)};
    return true;
}

static bool lives_in_memory(const struct mount *mount)
{
    static const char *const types[] = {"tmpfs", "devtmpfs", "ramfs", "rootfs", "hugetlbfs"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strlen(types[i]) == mount->type_length &&
            memcmp(types[i], mount->type, mount->type_length) == 0)
            return true;
    return false;
}

/* Does `other`, mounted later, lie over the mount point or a folder on the way to it? */
static bool covers(const struct mount *other, const struct mount *mount)
{
    size_t length = other->point_length;
    if (length == 1 && other->point[0] == '/')
        return true;
    return length <= mount->point_length && memcmp(other->point, mount->point, length) == 0 &&
           (length == mount->point_length || mount->point[length] == '/');
}

static bool is_covered(const char *rest, const char *end, const struct mount *mount)
{
    struct mount other;
    while (rest < end) {
        const char *newline = memchr(rest, '\n', (size_t)(end - rest));
        const char *stop = newline ? newline : end;
        if (parse_mount(rest, stop, &other) && covers(&other, mount))
            return true;
        rest = stop + 1;
    }
    return false;
}

static bool is_octal(char byte)
{
    return byte >= '0' && byte <= '7';
}

/* mountinfo writes space, tab, newline and backslash as \NNN. */
static void add_unescaped(struct text *path, const char *at, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char byte = at[i];
        if (byte == '\\' && length - i > 3 && is_octal(at[i + 1]) && is_octal(at[i + 2]) &&
            is_octal(at[i + 3])) {
            byte = (char)((at[i + 1] - '0') * 64 + (at[i + 2] - '0') * 8 + (at[i + 3] - '0'));
            i += 3;
        }
        text_bytes(path, &byte, 1);
    }
}

static void add_number(struct text *text, const char *key, uint64_t number)
{
    text_add(text, key);
    text_decimal(text, number);
}

static void add_point(const struct run *run, struct text *text, const struct text *path)
{
    char storage[2 * PATH_MAX];
    struct text hashed = TEXT_OVER(storage);
    if (!run->redact.options.paths) {
        text_escaped(text, path->at, path->length);
        return;
    }
    redact_path(&run->redact, &hashed, path->at, path->length);
    text_escaped(text, hashed.at, hashed.length);
}

static bool keep(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    (void)why;
    if (chunk->length == sizeof(struct statfs))
        memcpy(context, chunk->bytes, sizeof(struct statfs));
    return true;
}

/* statfs(2) by a reader: 0 or an errno. A folder on the way to the mount point may be anyone's. */
static int ask(struct run *run, const char *path, struct statfs *about, unsigned *late)
{
    struct fetch_result result;
    const struct fetch_request request = {.name = path, .kind = FETCH_STATFS};
    if (*late == LATE_MOST)
        return ETIMEDOUT;
    readers_fetch(&run->readers, &request, keep, about, &result, NULL);
    if (result.outcome == OUTCOME_TIMED_OUT || result.outcome == OUTCOME_ABANDONED) {
        ++*late;
        return ETIMEDOUT;
    }
    if (result.outcome == OUTCOME_SKIPPED) /* no reader is left */
        return EAGAIN;
    return result.error;
}

/* Adds a whole line or, if it does not fit, nothing. */
static void add_mount(struct run *run, struct text *text, const struct mount *mount, unsigned *late)
{
    char storage[PATH_MAX];
    struct text path = TEXT_OVER(storage);
    add_unescaped(&path, mount->point, mount->point_length);
    if (path.overflow)
        return;
    struct statfs about = {0};
    int error = ask(run, text_string(&path), &about, late);
    size_t before = text->length;
    text_add(text, "mount type ");
    text_bytes(text, mount->type, mount->type_length);
    text_add(text, " device ");
    text_bytes(text, mount->device, mount->device_length);
    if (error) {
        add_number(text, " errno ", (uint64_t)error);
    } else {
        add_number(text, " block_bytes ", (uint64_t)about.f_bsize);
        add_number(text, " blocks ", (uint64_t)about.f_blocks);
        add_number(text, " free_blocks ", (uint64_t)about.f_bfree);
        add_number(text, " files ", (uint64_t)about.f_files);
        add_number(text, " free_files ", (uint64_t)about.f_ffree);
    }
    text_add(text, " path ");
    add_point(run, text, &path);
    text_add(text, "\n");
    if (text->overflow)
        text->length = before;
}

static void add_mounts(struct run *run, struct text *text, const char *mounts, size_t length)
{
    unsigned late = 0;
    const char *end = mounts + length;
    for (const char *line = mounts; line < end && !text->overflow;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *stop = newline ? newline : end;
        const char *rest = newline ? newline + 1 : end;
        struct mount mount;
        if (parse_mount(line, stop, &mount) && lives_in_memory(&mount) &&
            !is_covered(rest, end, &mount))
            add_mount(run, text, &mount, &late);
        line = rest;
    }
}

static bool keep_text(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    struct text *text = context;
    (void)why;
    text_bytes(text, chunk->bytes, chunk->length);
    return true;
}

/* What there is of the list of mounts; the result tells whether it is all of it. */
static void read_mounts(struct run *run, struct text *mounts, struct fetch_result *result)
{
    const struct fetch_request request = {
        .folder = run->tree.root, .name = MOUNTS_FILE, .most_bytes = MOUNTS_BYTES};
    readers_fetch(&run->readers, &request, keep_text, mounts, result, NULL);
}

bool run_statfs(struct run *run, struct failure *why)
{
    /* The mount points of another root are not ours to look at. */
    if (run->tree.dir)
        return run_record_outcome(run, BUNDLE_STATFS_NAME, OUTCOME_SKIPPED, 0, why);
    AUTO_FREE char *mounts = malloc(MOUNTS_BYTES + 1 + STATFS_BYTES);
    if (!mounts)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    struct text list = {mounts, 0, MOUNTS_BYTES + 1, false};
    struct member member = {0};
    read_mounts(run, &list, &member.fetched);
    enum outcome outcome = member.fetched.outcome;
    if (list.length == 0)
        return run_record(run, BUNDLE_STATFS_NAME, &member, why);
    struct text text = {mounts + MOUNTS_BYTES + 1, 0, STATFS_BYTES, false};
    add_mounts(run, &text, list.at, list.length);
    if (!run_archive_bytes(run, BUNDLE_STATFS_NAME, text.at, text.length, &member, why))
        return false;
    if (outcome != OUTCOME_READ)
        member.fetched.outcome = outcome;
    else if (text.overflow || list.overflow)
        member.fetched.outcome = OUTCOME_CUT;
    return run_record(run, BUNDLE_STATFS_NAME, &member, why);
}
