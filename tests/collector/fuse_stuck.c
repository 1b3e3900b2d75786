/* A process that holds its own mmap lock for writing, for as long as a file system likes.
 *
 *     fuse_stuck serve FOLDER SECONDS    a file system with the one file `file`, until unmounted
 *     fuse_stuck hang FILE               a process that gets stuck in mmap()
 *
 * The file system keeps a write-back cache, answers reads at once and writes after SECONDS.
 * The first open of its file is cached, all later ones are direct. The process dirties a page
 * through the first; mmap() of the second must drop the cached pages, and waits until they are
 * written, with its mmap lock taken. */
#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FILE_NAME  "/file"
#define FILE_BYTES 65536

static _Atomic unsigned opened;
static unsigned write_seconds;

static void *start(struct fuse_conn_info *connection, struct fuse_config *config)
{
    config->kernel_cache = 1;
    connection->want |= connection->capable & FUSE_CAP_WRITEBACK_CACHE;
    return NULL;
}

static int tell(const char *path, struct stat *about, struct fuse_file_info *file)
{
    (void)file;
    *about = (struct stat){.st_mode = S_IFDIR | 0755, .st_nlink = 2};
    if (strcmp(path, "/") == 0)
        return 0;
    *about = (struct stat){.st_mode = S_IFREG | 0644, .st_nlink = 1, .st_size = FILE_BYTES};
    return strcmp(path, FILE_NAME) == 0 ? 0 : -ENOENT;
}

static int open_file(const char *path, struct fuse_file_info *file)
{
    if (strcmp(path, FILE_NAME) != 0)
        return -ENOENT;
    file->direct_io = atomic_fetch_add(&opened, 1) > 0;
    return 0;
}

static int read_file(const char *path, char *bytes, size_t length, off_t from,
                     struct fuse_file_info *file)
{
    (void)path;
    (void)file;
    if (from >= FILE_BYTES)
        return 0;
    if (length > (size_t)(FILE_BYTES - from))
        length = (size_t)(FILE_BYTES - from);
    memset(bytes, 'x', length);
    return (int)length;
}

static int write_file(const char *path, const char *bytes, size_t length, off_t to,
                      struct fuse_file_info *file)
{
    (void)path;
    (void)bytes;
    (void)to;
    (void)file;
    sleep(write_seconds);
    return (int)length;
}

static int serve(char *program, char *folder, const char *seconds)
{
    static const struct fuse_operations operations = {
        .init = start, .getattr = tell, .open = open_file, .read = read_file, .write = write_file};
    char foreground[] = "-f";
    char *arguments[] = {program, foreground, folder, NULL};
    write_seconds = (unsigned)strtoul(seconds, NULL, 10);
    return fuse_main(3, arguments, &operations, NULL);
}

static int hang(const char *path)
{
    int cached = open(path, O_RDWR);
    int direct = open(path, O_RDWR);
    char *page = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, cached, 0);
    if (cached < 0 || direct < 0 || page == MAP_FAILED) {
        fprintf(stderr, "fuse_stuck: %s: %s\n", path, strerror(errno));
        return 1;
    }
    page[0] = 'y';
    puts("hanging");
    fflush(stdout);
    void *second = mmap(NULL, FILE_BYTES, PROT_READ, MAP_PRIVATE, direct, 0);
    puts(second == MAP_FAILED ? strerror(errno) : "free");
    fflush(stdout);
    pause();
    return 0;
}

int main(int count, char **arguments)
{
    if (count == 4 && strcmp(arguments[1], "serve") == 0)
        return serve(arguments[0], arguments[2], arguments[3]);
    if (count == 3 && strcmp(arguments[1], "hang") == 0)
        return hang(arguments[2]);
    fputs("usage: fuse_stuck serve FOLDER SECONDS | hang FILE\n", stderr);
    return 2;
}
