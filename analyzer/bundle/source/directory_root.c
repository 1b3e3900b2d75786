#include "analyzer/bundle/source/directory_root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "analyzer/base/array.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/bundle/member_path.h"
#include "analyzer/bundle/source/name_list.h"

enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* A folder still to look into. */
struct candidate {
    char *path; /* "" or ending in '/' */
    uint64_t depth;
};

/* Every folder that was met so far, in the order of depth. */
struct search {
    const struct bundle_limits *limits;
    int top_fd;
    struct candidate *met;
    size_t count, capacity;
};

enum folder_nature { NO_ROOT, IS_ROOT, IS_BARE_ROOT };

void directory_root_deinit(struct directory_root *root)
{
    if (root->fd >= 0)
        close(root->fd);
    free(root->prefix);
    *root = (struct directory_root){.fd = -1};
}

static bool has(int fd, const char *name, mode_t type)
{
    struct stat status;
    return fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           (status.st_mode & S_IFMT) == type;
}

/* Whether `fd`, taken for a /proc, holds something that only a /proc does. `deep` accepts a
 * process by what is in its folder, else its number is enough. */
static bool holds_kernel_files(int fd, const struct name_list *names, bool deep)
{
    char path[64];
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->names[i].text;
        size_t prefix_bytes;
        bool bare;
        if (names->names[i].number != UINT64_MAX && has(fd, name, S_IFDIR)) {
            snprintf(path, sizeof path, "%.40s/stat", name);
            if (!deep || has(fd, path, S_IFREG))
                return true;
        } else if (member_path_tells_root(name, &prefix_bytes, &bare) && bare &&
                   has(fd, name, S_IFREG)) {
            return true;
        }
    }
    return false;
}

static bool holds_proc(int fd, const struct bundle_limits *limits)
{
    struct name_list names = {0};
    AUTO_CLOSE int proc_fd = openat(fd, "proc", FOLDER_FLAGS);
    if (proc_fd < 0 || !name_list_read(proc_fd, limits->members, &names, NULL))
        return false;
    bool holds = holds_kernel_files(proc_fd, &names, false);
    name_list_deinit(&names);
    return holds;
}

static enum folder_nature nature_of(int fd, bool is_top, const struct name_list *names,
                                    const struct bundle_limits *limits)
{
    if (has(fd, "manifest", S_IFREG) &&
        (has(fd, "proc", S_IFDIR) || has(fd, "samples", S_IFDIR) || has(fd, "journal", S_IFREG)))
        return IS_ROOT;
    if (holds_proc(fd, limits))
        return IS_ROOT;
    return is_top && holds_kernel_files(fd, names, true) ? IS_BARE_ROOT : NO_ROOT;
}

/* The folders in `parent` are to be looked into as well, unless the search has enough. */
static bool remember_folders(struct search *search, size_t parent, int fd,
                             const struct name_list *names)
{
    for (size_t i = 0; i < names->count && search->count < ROOT_SEARCH_FOLDERS; i++) {
        if (!has(fd, names->names[i].text, S_IFDIR))
            continue;
        char *path;
        if (asprintf(&path, "%s%s/", search->met[parent].path, names->names[i].text) < 0)
            return false;
        struct candidate *next = ARRAY_PUSH(search->met, search->count, search->capacity);
        if (!next) {
            free(path);
            return false;
        }
        *next = (struct candidate){path, search->met[parent].depth + 1};
    }
    return true;
}

/* Looks into one folder; a first root goes into *root. */
static bool look_into(struct search *search, size_t at, struct directory_root *root,
                      struct failure *why)
{
    struct candidate here = search->met[at];
    struct name_list names = {0};
    AUTO_CLOSE int fd = openat(search->top_fd, here.path[0] ? here.path : ".", FOLDER_FLAGS);
    if (fd < 0 || !name_list_read(fd, search->limits->members, &names, at == 0 ? why : NULL))
        return at > 0; /* an unreadable folder may have neighbours, the top has none */
    enum folder_nature nature = nature_of(fd, at == 0, &names, search->limits);
    bool good = true;
    if (nature != NO_ROOT && root->fd >= 0) {
        root->other_roots++;
    } else if (nature != NO_ROOT) {
        root->prefix = strdup(here.path);
        root->bare = nature == IS_BARE_ROOT;
        root->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        good = root->prefix && root->fd >= 0;
    } else if (root->fd < 0 && here.depth < search->limits->folder_depth) {
        good = remember_folders(search, at, fd, &names);
    }
    name_list_deinit(&names);
    return good || failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

static bool search_all(struct search *search, struct directory_root *root, struct failure *why)
{
    struct candidate *top = ARRAY_PUSH(search->met, search->count, search->capacity);
    if (!top || !(top->path = strdup("")))
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    uint64_t root_depth = UINT64_MAX;
    for (size_t at = 0; at < search->count && search->met[at].depth <= root_depth; at++) {
        if (!look_into(search, at, root, why))
            return false;
        if (root->fd >= 0 && root_depth == UINT64_MAX)
            root_depth = search->met[at].depth;
    }
    if (root->fd >= 0)
        return true;
    return failure_set(why, FAILURE_MALFORMED, 0,
                       "not a bundle: no copy of /proc in this directory or below (%zu folders "
                       "looked into%s)",
                       search->count,
                       search->count >= ROOT_SEARCH_FOLDERS ? ", then given up" : "");
}

bool directory_is_live(int fd)
{
    struct statfs status;
    return fstatfs(fd, &status) == 0 &&
           (status.f_type == PROC_SUPER_MAGIC || status.f_type == SYSFS_MAGIC);
}

/* A live /proc would change while it is read, and parts of it block or have no end. */
static bool refuse_live(const struct directory_root *root, struct failure *why)
{
    static const char *const kernel_folders[] = {".", "proc", "sys"};
    for (size_t i = 0; i < sizeof kernel_folders / sizeof kernel_folders[0]; i++) {
        int fd = openat(root->fd, kernel_folders[i], FOLDER_FLAGS);
        bool live = fd >= 0 && directory_is_live(fd);
        if (fd >= 0)
            close(fd);
        if (live)
            return failure_set(why, FAILURE_USAGE, 0,
                               "this is a running machine's own /proc: take a snapshot with "
                               "memtally-collect first");
    }
    return true;
}

bool directory_root_find(int fd, const struct bundle_limits *limits, struct directory_root *root,
                         struct failure *why)
{
    struct search search = {.limits = limits, .top_fd = fd};
    *root = (struct directory_root){.fd = -1};
    bool found = search_all(&search, root, why) && refuse_live(root, why);
    for (size_t i = 0; i < search.count; i++)
        free(search.met[i].path);
    free(search.met);
    if (!found)
        directory_root_deinit(root);
    return found;
}

bool directory_root_take(int fd, struct directory_root *root, struct failure *why)
{
    *root = (struct directory_root){.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0), .everything = true};
    root->prefix = strdup("");
    bool taken = root->fd >= 0 && root->prefix;
    if (!taken)
        failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    taken = taken && refuse_live(root, why);
    if (!taken)
        directory_root_deinit(root);
    return taken;
}
