/* A file system that shows another folder, but for one fault.
 *
 *     fuse_faults list BEHIND FOLDER PATH      listing PATH never answers
 *     fuse_faults lookup BEHIND FOLDER PATH    nor does looking for PATH, once BEHIND/hang is there
 *     fuse_faults read BEHIND FOLDER BYTES     nor does /proc/1/smaps behind BYTES
 *     fuse_faults silent BEHIND FOLDER NAME    nor does any file of that name
 *     fuse_faults write BEHIND FOLDER BYTES    writing behind the first BYTES: EIO
 *     fuse_faults fsync BEHIND FOLDER          EIO
 *
 * Nothing is kept by the kernel: each look for a name comes here. */
#define FUSE_USE_VERSION 31

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int behind; /* the folder that is shown */
static const char *fault, *fault_path = "";
static off_t fault_bytes;

static bool is_fault(const char *kind)
{
    return strcmp(fault, kind) == 0;
}

static void hang_if(bool fits)
{
    if (!fits)
        return;
    for (;;)
        pause();
}

/* "/a/b" relative to the folder behind. */
static const char *below(const char *path)
{
    return path[1] ? path + 1 : ".";
}

static int status(int result)
{
    return result < 0 ? -errno : result;
}

static void *start(struct fuse_conn_info *connection, struct fuse_config *config)
{
    (void)connection;
    config->entry_timeout = config->attr_timeout = 0;
    config->intr = 0;
    return NULL;
}

static int tell(const char *path, struct stat *about, struct fuse_file_info *file)
{
    (void)file;
    hang_if(is_fault("lookup") && strcmp(path, fault_path) == 0 &&
            faccessat(behind, "hang", F_OK, 0) == 0);
    return status(fstatat(behind, below(path), about, AT_SYMLINK_NOFOLLOW));
}

static int list(const char *path, void *names, fuse_fill_dir_t fill, off_t from,
                struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
    (void)from;
    (void)file;
    (void)flags;
    hang_if(is_fault("list") && strcmp(path, fault_path) == 0);
    int folder = openat(behind, below(path), O_RDONLY | O_DIRECTORY);
    DIR *stream = folder < 0 ? NULL : fdopendir(folder);
    if (!stream)
        return -errno;
    for (const struct dirent *entry; (entry = readdir(stream));)
        fill(names, entry->d_name, NULL, 0, 0);
    closedir(stream);
    return 0;
}

static int take(int descriptor, struct fuse_file_info *file)
{
    file->fh = (uint64_t)descriptor;
    return descriptor < 0 ? -errno : 0;
}

static int open_file(const char *path, struct fuse_file_info *file)
{
    file->direct_io = is_fault("read"); /* then a short answer ends a read(2) */
    return take(openat(behind, below(path), file->flags & ~O_EXCL), file);
}

static int create_file(const char *path, mode_t mode, struct fuse_file_info *file)
{
    return take(openat(behind, below(path), file->flags | O_CREAT, mode), file);
}

static int read_file(const char *path, char *bytes, size_t length, off_t from,
                     struct fuse_file_info *file)
{
    hang_if(is_fault("silent") && strcmp(strrchr(path, '/') + 1, fault_path) == 0);
    if (is_fault("read") && strcmp(path, "/proc/1/smaps") == 0) {
        hang_if(from >= fault_bytes);
        if (from + (off_t)length > fault_bytes)
            length = (size_t)(fault_bytes - from);
    }
    return status((int)pread((int)file->fh, bytes, length, from));
}

static int write_file(const char *path, const char *bytes, size_t length, off_t to,
                      struct fuse_file_info *file)
{
    (void)path;
    if (is_fault("write") && to + (off_t)length > fault_bytes)
        return -EIO;
    return status((int)pwrite((int)file->fh, bytes, length, to));
}

static int sync_file(const char *path, int data_only, struct fuse_file_info *file)
{
    (void)path;
    (void)data_only;
    return is_fault("fsync") ? -EIO : status(fsync((int)file->fh));
}

static int close_file(const char *path, struct fuse_file_info *file)
{
    (void)path;
    return status(close((int)file->fh));
}

static int rename_file(const char *from, const char *to, unsigned flags)
{
    return flags ? -EINVAL : status(renameat(behind, below(from), behind, below(to)));
}

static int link_file(const char *from, const char *to)
{
    return status(linkat(behind, below(from), behind, below(to), 0));
}

static int remove_file(const char *path)
{
    return status(unlinkat(behind, below(path), 0));
}

static int tell_room(const char *path, struct statvfs *about)
{
    (void)path;
    return status(fstatvfs(behind, about));
}

int main(int count, char **arguments)
{
    static const struct fuse_operations operations = {
        .init = start,
        .getattr = tell,
        .readdir = list,
        .open = open_file,
        .create = create_file,
        .read = read_file,
        .write = write_file,
        .fsync = sync_file,
        .release = close_file,
        .rename = rename_file,
        .link = link_file,
        .unlink = remove_file,
        .statfs = tell_room,
    };
    char foreground[] = "-f";
    if (count < 4) {
        fputs("usage: fuse_faults list|lookup|read|write|fsync BEHIND FOLDER [PATH|BYTES]\n",
              stderr);
        return 2;
    }
    fault = arguments[1];
    behind = open(arguments[2], O_RDONLY | O_DIRECTORY);
    if (count > 4) {
        fault_path = arguments[4];
        fault_bytes = strtol(arguments[4], NULL, 10);
    }
    char *given[] = {arguments[0], foreground, arguments[3], NULL};
    return fuse_main(3, given, &operations, NULL);
}
