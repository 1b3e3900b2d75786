/* What the descriptors of a process hold: memfd, shared memory and DMA buffers that no mapping
 * needs to show, and pipes, whose buffers no counter of the kernel knows. Only links are read,
 * and only inodes that live in memory are asked for their size: a pipe is never opened, and a file
 * of a dead NFS server is never touched. */
#include "collector/read/fetching.h"

#include "collector/base/cleanup.h"
#include "collector/base/text.h"
#include "schema/bundle_format.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define BLOCK_BYTES     512 /* of st_blocks, whatever the file system */
#define LINE_MOST_BYTES (4 * (size_t)PATH_MAX + 256)

/* Names that the kernel gives to what lives on its own file systems, and what they are. */
static const struct held_name {
    const char *start, *kind;
    bool has_blocks; /* stat(2) of the inode tells its size and cannot block */
} held_names[] = {
    {"/memfd:",    "memfd",  true },
    {"/SYSV",      "sysv",   true },
    {"/dev/zero ", "shm",    true }, /* "(deleted)": shared anonymous memory */
    {"/dev/shm/",  "shm",    true },
    {"/dmabuf:",   "dmabuf", true },
    {"/dev/dri/",  "gpu",    false},
};

static const struct held_name *held_name_of(const char *target, size_t length)
{
    for (size_t i = 0; i < sizeof held_names / sizeof held_names[0]; i++) {
        size_t start = strlen(held_names[i].start);
        if (length >= start && memcmp(target, held_names[i].start, start) == 0)
            return &held_names[i];
    }
    return NULL;
}

static void add_number(struct text *line, const char *key, uint64_t number)
{
    text_add(line, key);
    text_decimal(line, number);
}

/* "pipe:[4711]" */
static bool add_pipe(struct text *line, const char *target, size_t length)
{
    static const char start[] = "pipe:[";
    uint64_t inode = 0;
    if (length < sizeof start || memcmp(target, start, sizeof start - 1) != 0 ||
        decimal_read(target + sizeof start - 1, length - (sizeof start - 1), &inode) == 0)
        return false;
    add_number(line, "pipe inode ", inode);
    text_add(line, "\n");
    return true;
}

static void add_held(struct text *line, const struct held_name *held, const struct stat *about,
                     const char *target, size_t length)
{
    text_add(line, "held kind ");
    text_add(line, held->kind);
    if (about) {
        add_number(line, " device ", major(about->st_dev));
        add_number(line, ":", minor(about->st_dev));
        add_number(line, " inode ", about->st_ino);
    }
    if (about && held->has_blocks)
        add_number(line, " bytes ", (uint64_t)about->st_blocks * BLOCK_BYTES);
    text_add(line, " path ");
    text_escaped(line, target, length);
    text_add(line, "\n");
}

/* Adds the line of one descriptor, if it has one. */
static void look_at(const struct fetching *p, int folder, const char *name, struct text *line)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(folder, name, target, sizeof target);
    if (length <= 0 || add_pipe(line, target, (size_t)length))
        return;
    const struct held_name *held = held_name_of(target, (size_t)length);
    struct stat about;
    if (!held)
        return;
    /* In a copy of /proc the link would lead to a file of this machine. */
    bool asked = !p->request->check_first && fstatat(folder, name, &about, 0) == 0;
    add_held(line, held, asked ? &about : NULL, target, (size_t)length);
}

static bool list(struct fetching *p, DIR *stream, struct failure *why)
{
    struct fetcher *fetcher = p->fetcher;
    struct text lines = {fetcher->buffer, 0, fetcher->capacity, false};
    const struct dirent *entry;
    enum outcome outcome = OUTCOME_READ;
    errno = 0;
    while ((entry = readdir(stream))) {
        if (fetching_must_stop(p->request)) {
            outcome = OUTCOME_CUT;
            break;
        }
        if (lines.capacity - lines.length < LINE_MOST_BYTES) {
            if (!fetching_emit(p, lines.length, false, why))
                return false;
            fetcher->renew(fetcher, fetcher->buffer, 0);
            lines = (struct text){fetcher->buffer, 0, fetcher->capacity, false};
        }
        if (entry->d_name[0] != '.')
            look_at(p, dirfd(stream), entry->d_name, &lines);
        atomic_store(&fetcher->watch->held, (uint32_t)lines.length);
        atomic_fetch_add(&fetcher->watch->beats, 1);
        errno = 0;
    }
    int error = errno;
    if (error)
        outcome = outcome_from_errno(error);
    else if (outcome == OUTCOME_READ && p->result->bytes + lines.length == 0)
        outcome = OUTCOME_EMPTY;
    fetching_finish(p->result, outcome, error);
    return fetching_emit(p, lines.length, true, why);
}

bool fetch_descriptors(struct fetching *p, struct failure *why)
{
    int folder = openat(p->request->folder, p->request->name,
                        O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *stream = folder < 0 ? NULL : fdopendir(folder);
    if (!stream) {
        fetching_finish(p->result, outcome_from_errno(errno), errno);
        if (folder >= 0)
            close(folder);
        return true;
    }
    if (p->fetcher->capacity < FETCH_BUFFER_BYTES)
        p->fetcher->renew(p->fetcher, p->fetcher->buffer, 0);
    bool fine = list(p, stream, why);
    closedir(stream);
    return fine;
}
