#include "collector/read/tree.h"

#include "collector/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define PROCFS_MAGIC 0x9fa0 /* linux/magic.h: PROC_SUPER_MAGIC */

static bool holds_procfs_files(int proc)
{
    static const char *const telling[] = {"meminfo", "1/stat", "1/smaps", "version", "self"};
    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++)
        if (faccessat(proc, telling[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            return true;
    return false;
}

bool tree_init(struct tree *tree, const char *dir, struct failure *why)
{
    const char *name = dir ? dir : "/";
    *tree = (struct tree){.root = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), .dir = dir};
    if (tree->root < 0)
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot open '%s': %s", name, strerror(errno));
    AUTO_CLOSE int proc = openat(tree->root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0)
        return failure_set(why, FAILURE_USAGE, 0, "'%s' has no proc/ in it: %s", name,
                           strerror(errno));
    struct statfs about;
    tree->live = fstatfs(proc, &about) == 0 && about.f_type == PROCFS_MAGIC;
    if (!tree->live && !holds_procfs_files(proc))
        return failure_set(why, dir ? FAILURE_USAGE : FAILURE_SYSTEM, 0,
                           dir ? "'%s/proc' holds neither a mounted nor a copied /proc"
                               : "'%sproc' is not mounted",
                           name);
    return true;
}

void tree_deinit(struct tree *tree)
{
    if (tree->root >= 0)
        close(tree->root);
    tree->root = -1;
}

int small_file_open(int folder, const char *name)
{
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat about;
    if (file < 0)
        return -1;
    int error = fstat(file, &about) != 0 ? errno : S_ISREG(about.st_mode) ? 0 : EINVAL;
    if (error == 0)
        return file;
    close(file);
    errno = error;
    return -1;
}

long small_file_bytes(int file, char *buffer, size_t capacity)
{
    size_t length = 0;
    while (length < capacity - 1) {
        ssize_t got = pread(file, buffer + length, capacity - 1 - length, (off_t)length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    buffer[length] = '\0';
    return (long)length;
}

long small_file_read(int folder, const char *name, char *buffer, size_t capacity)
{
    AUTO_CLOSE int file = small_file_open(folder, name);
    return file < 0 ? -1 : small_file_bytes(file, buffer, capacity);
}

long small_line_read(int folder, const char *name, char *buffer, size_t capacity)
{
    long length = small_file_read(folder, name, buffer, capacity);
    if (length > 0 && buffer[length - 1] == '\n')
        buffer[--length] = '\0';
    return length;
}
