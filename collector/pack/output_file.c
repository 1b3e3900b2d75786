#include "collector/pack/output_file.h"

#include "collector/base/interrupt.h"
#include "collector/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define TEMPORARY_TRIES 100
#define FLUSH_BYTES     ((uint64_t)1024 * 1024)
#define TMPFS_TYPE      0x01021994u /* linux/magic.h */
#define RAMFS_TYPE      0x858458f6u

bool output_to_stdout(struct output_file *output, struct failure *why)
{
    *output = (struct output_file){
        .descriptor = STDOUT_FILENO, .folder = -1, .to_stdout = true, .path = "standard output"};
    if (isatty(STDOUT_FILENO))
        return failure_set(why, FAILURE_USAGE, 0,
                           "standard output is a terminal: send it to a file or a pipe");
    return true;
}

/* "DIR/" of "DIR/NAME", or "". */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

static bool target_is_free(const struct output_file *output, struct failure *why)
{
    struct stat about;
    if (lstat(output->path, &about) != 0)
        return true;
    if (!output->replace)
        return failure_set(why, FAILURE_SYSTEM, 0, "'%s' exists already; name a file with -o",
                           output->path);
    if (S_ISDIR(about.st_mode))
        return failure_set(why, FAILURE_USAGE, 0,
                           "'%s' is a directory: with a slash behind it the file gets a name in it",
                           output->path);
    if (!S_ISREG(about.st_mode))
        return failure_set(why, FAILURE_USAGE, 0,
                           "'%s' exists and is not a regular file; use -o - to stream",
                           output->path);
    return true;
}

static bool create_temporary(struct output_file *output, struct failure *why)
{
    size_t folder = folder_length(output->path);
    for (unsigned try = 0; try < TEMPORARY_TRIES; try++) {
        struct text name = TEXT_OVER(output->temporary);
        text_bytes(&name, output->path, folder);
        text_add(&name, ".memtally-collect.");
        text_decimal(&name, (uint64_t)getpid());
        text_add(&name, ".");
        text_decimal(&name, try);
        text_add(&name, ".tmp");
        text_string(&name);
        if (name.overflow) {
            output->temporary[0] = '\0';
            return failure_set(why, FAILURE_USAGE, 0, "the path of the output file is too long");
        }
        output->descriptor =
            open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (output->descriptor >= 0)
            return true;
        if (errno != EEXIST)
            break;
    }
    int error = errno;
    output->temporary[0] = '\0';
    return failure_set(why, FAILURE_SYSTEM, 0, "cannot create a file in '%.*s': %s",
                       folder ? (int)folder : 1, folder ? output->path : ".", strerror(error));
}

bool output_to_file(struct output_file *output, const char *path, bool replace, struct failure *why)
{
    *output =
        (struct output_file){.descriptor = -1, .folder = -1, .replace = replace, .path = path};
    if (!target_is_free(output, why))
        return false;
    interrupt_hold(true);
    bool created = create_temporary(output, why);
    if (created)
        interrupt_removes(output->temporary);
    interrupt_hold(false);
    if (!created)
        return false;
    struct statfs about = {0};
    output->in_memory =
        fstatfs(output->descriptor, &about) == 0 &&
        ((uint32_t)about.f_type == TMPFS_TYPE || (uint32_t)about.f_type == RAMFS_TYPE);
    return true;
}

bool output_has_room(const struct output_file *output, uint64_t bytes, struct failure *why)
{
    struct statvfs about;
    if (output->to_stdout || fstatvfs(output->descriptor, &about) != 0 || about.f_blocks == 0)
        return true;
    uint64_t room = (uint64_t)about.f_bavail * about.f_frsize + output->bytes;
    return room >= bytes ||
           failure_set(why, FAILURE_SYSTEM, 0,
                       "'%s': %s: %llu KiB are free, and at least %llu KiB are needed",
                       output->path, strerror(ENOSPC), (unsigned long long)(room / 1024),
                       (unsigned long long)(bytes / 1024));
}

/* The bundle shall not push out of the page cache what others need: written out early, and
 * forgotten once it is. Where it cannot be asked for, nothing is lost. */
static void flush(struct output_file *output, bool all)
{
    if (output->to_stdout || (!all && output->bytes - output->flushed < FLUSH_BYTES))
        return;
    sync_file_range(output->descriptor, (off_t)output->flushed,
                    (off_t)(output->bytes - output->flushed), SYNC_FILE_RANGE_WRITE);
    output->flushed = output->bytes;
    posix_fadvise(output->descriptor, 0, (off_t)output->bytes, POSIX_FADV_DONTNEED);
}

bool output_write(struct output_file *output, const void *bytes, size_t length, struct failure *why)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t written = write(output->descriptor, at, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return failure_set(why, FAILURE_SYSTEM, 0, "cannot write to %s%s%s: %s",
                               output->to_stdout ? "" : "'", output->path,
                               output->to_stdout ? "" : "'", strerror(errno));
        at += written;
        length -= (size_t)written;
        output->bytes += (uint64_t)written;
    }
    flush(output, false);
    return true;
}

/* Not every file system can refuse to replace, and no kernel before 3.15: link(2) refuses as
 * well, and where there are no hard links either we look first. */
static bool rename_without_replacing(const char *from, const char *to)
{
#ifdef RENAME_NOREPLACE
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno == EEXIST)
        return false;
#endif
    if (link(from, to) == 0)
        return unlink(from) == 0;
    if (errno == EEXIST)
        return false;
    struct stat about;
    if (lstat(to, &about) == 0) {
        errno = EEXIST;
        return false;
    }
    return rename(from, to) == 0;
}

/* The name is safe on disk once its folder is; not every file system can do it. */
static void sync_folder(const char *path)
{
    char name[PATH_MAX];
    struct text text = TEXT_OVER(name);
    size_t length = folder_length(path);
    if (length)
        text_bytes(&text, path, length);
    else
        text_add(&text, ".");
    if (text.overflow)
        return;
    int folder = open(text_string(&text), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return;
    fsync(folder);
    close(folder);
}

static bool close_descriptor(struct output_file *output)
{
    int descriptor = output->descriptor;
    output->descriptor = -1;
    return close(descriptor) == 0 || errno == EINTR;
}

bool output_publish(struct output_file *output, struct failure *why)
{
    if (output->to_stdout)
        return close_descriptor(output) ||
               failure_set(why, FAILURE_SYSTEM, 0, "cannot write to standard output: %s",
                           strerror(errno));
    if (fsync(output->descriptor) != 0 && errno != EINVAL && errno != EROFS)
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot write '%s' to disk: %s", output->path,
                           strerror(errno));
    flush(output, true);
    if (!close_descriptor(output))
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot write '%s': %s", output->path,
                           strerror(errno));
    if (output->replace && !target_is_free(output, why))
        return false;
    bool named = output->replace ? rename(output->temporary, output->path) == 0
                                 : rename_without_replacing(output->temporary, output->path);
    if (!named)
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot give the bundle its name '%s': %s",
                           output->path, strerror(errno));
    interrupt_removes(NULL);
    output->temporary[0] = '\0';
    sync_folder(output->path);
    return true;
}

void output_deinit(struct output_file *output)
{
    if (output->descriptor >= 0 && !output->to_stdout)
        close(output->descriptor);
    output->descriptor = -1;
    if (output->temporary[0]) {
        unlink(output->temporary);
        interrupt_removes(NULL);
        output->temporary[0] = '\0';
    }
}
