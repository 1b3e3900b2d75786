#include "analyzer/bundle/member_path.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "schema/bundle_format.h"

#define FOLDER_START "memtally-" /* of a bundle's top folder */

/* Below proc/, any of these says that it is the kernel's. A number does so too. */
static const char *const proc_names[] = {
    "meminfo",     "vmstat",      "zoneinfo", "buddyinfo",  "pagetypeinfo", "slabinfo",
    "vmallocinfo", "allocinfo",   "modules",  "swaps",      "iomem",        "version",
    "cmdline",     "uptime",      "loadavg",  "mounts",     "stat",         "cpuinfo",
    "filesystems", "cgroups",     "sysvipc",  "net",        "sys",          "pressure",
    "spl",         "fs",          "self",     "partitions", "diskstats",    "interrupts",
    "softirqs",    "kallsyms",    "misc",     "locks",      "devices",      "kpageflags",
    "kpagecount",  "kpagecgroup",
};

/* Below sys/. "kernel" and "fs" alone would also fit /proc/sys in a copy of /proc itself. */
static const char *const sys_starts[] = {
    "devices/", "module/", "block/", "bus/", "class/", "kernel/mm/", "kernel/slab/", "fs/cgroup/",
};

/* In a copy of /proc without "proc/" above it, as smemcap writes: only what cannot be mistaken. */
static const char *const bare_names[] = {"meminfo", "vmstat", "zoneinfo"};
static const char *const bare_process_names[] = {
    "smaps", "smaps_rollup", "stat", "statm", "status", "cmdline", "maps",
};

static const char *const top_folders[] = {
    "proc", "sys", "meta", BUNDLE_SAMPLES_FOLDER, "derived",
};

static bool is_one_of(struct slice word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(word, slice_of(words[i])))
            return true;
    return false;
}

#define IS_ONE_OF(word, words) is_one_of(word, words, sizeof(words) / sizeof(words)[0])

static bool starts_like_one_of(struct slice text, const char *const *starts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_starts(text, slice_of(starts[i])))
            return true;
    return false;
}

static bool is_number(struct slice word)
{
    for (size_t i = 0; i < word.length_bytes; i++)
        if (word.at[i] < '0' || word.at[i] > '9')
            return false;
    return word.length_bytes > 0;
}

/* The component at the start of `path`. */
static struct slice first_component(const char *path)
{
    return (struct slice){path, strcspn(path, "/")};
}

/* The path behind its first component and slash; "" if there is no more. */
static const char *behind(const char *path)
{
    path += strcspn(path, "/");
    return *path == '/' ? path + 1 : path;
}

bool member_path_clean(char *path)
{
    char *to = path;
    for (const char *from = path; *from; from = behind(from)) {
        struct slice component = first_component(from);
        if (slice_equal(component, SLICE("..")))
            return false;
        if (component.length_bytes == 0 || slice_equal(component, SLICE(".")))
            continue;
        if (to != path)
            *to++ = '/';
        memmove(to, component.at, component.length_bytes);
        to += component.length_bytes;
    }
    *to = '\0';
    return to != path;
}

/* "proc/meminfo", "proc/12/stat", "sys/module/...", "samples/1/meminfo" */
static bool starts_kernel_tree(const char *path)
{
    struct slice top = first_component(path), second = first_component(behind(path));
    const char *third = behind(behind(path));
    if (slice_equal(top, SLICE("proc")))
        return IS_ONE_OF(second, proc_names) || (is_number(second) && *third);
    if (slice_equal(top, SLICE("sys")))
        return starts_like_one_of(slice_of(behind(path)), sys_starts,
                                  sizeof sys_starts / sizeof sys_starts[0]);
    if (slice_equal(top, SLICE(BUNDLE_SAMPLES_FOLDER)))
        return is_number(second) && IS_ONE_OF(first_component(third), bare_names);
    return strcmp(path, BUNDLE_STATFS_NAME) == 0;
}

static bool starts_bare_tree(const char *path)
{
    struct slice top = first_component(path), second = first_component(behind(path));
    if (second.length_bytes == 0)
        return IS_ONE_OF(top, bare_names);
    return is_number(top) && IS_ONE_OF(second, bare_process_names) && !*behind(behind(path));
}

/* A manifest or journal tells its folder only where our own bundles have it, at the top or in a
 * folder with our name: elsewhere such names are too common. */
static bool is_own_record(const char *path, size_t *prefix_bytes)
{
    struct slice folder = {path, 0};
    const char *name = path;
    for (; *behind(name); name = behind(name))
        folder = first_component(name);
    if (strcmp(name, BUNDLE_MANIFEST_NAME) != 0 && strcmp(name, BUNDLE_JOURNAL_NAME) != 0)
        return false;
    *prefix_bytes = (size_t)(name - path);
    return !*behind(behind(path)) || slice_starts(folder, SLICE(FOLDER_START));
}

bool member_path_tells_root(const char *path, size_t *prefix_bytes, bool *bare)
{
    *bare = false;
    for (const char *at = path; *at; at = behind(at)) {
        if (starts_kernel_tree(at)) {
            *prefix_bytes = (size_t)(at - path);
            return true;
        }
    }
    if (is_own_record(path, prefix_bytes))
        return true;
    *prefix_bytes = 0;
    *bare = starts_bare_tree(path);
    return *bare;
}

/* Takes ".part-NNNN" off the end of `name`. */
static unsigned take_part(char *name)
{
    char *mark = NULL;
    for (char *at = strstr(name, BUNDLE_PART_INFIX); at; at = strstr(at + 1, BUNDLE_PART_INFIX))
        mark = at;
    if (!mark || mark == name || mark[-1] == '/')
        return 0;
    struct slice digits = slice_of(mark + sizeof BUNDLE_PART_INFIX - 1);
    if (digits.length_bytes < 4 || digits.length_bytes > 9 || !is_number(digits))
        return 0;
    unsigned part = 0;
    for (size_t i = 0; i < digits.length_bytes; i++)
        part = part * 10 + (unsigned)(digits.at[i] - '0');
    if (part > 0)
        *mark = '\0';
    return part;
}

void member_root_deinit(struct member_root *root)
{
    free(root->prefix);
    *root = (struct member_root){0};
}

static bool in_root(const char *name)
{
    struct slice top = first_component(name);
    if (name[top.length_bytes] == '/')
        return IS_ONE_OF(top, top_folders);
    return strcmp(name, BUNDLE_MANIFEST_NAME) == 0 || strcmp(name, BUNDLE_JOURNAL_NAME) == 0;
}

/* The verdict on a clean path once the root is known; moves the name to the start of `path`. */
static enum path_verdict place(const struct member_root *root, char *path)
{
    size_t prefix_bytes = strlen(root->prefix), told_bytes;
    bool below = strncmp(path, root->prefix, prefix_bytes) == 0, bare;
    if (below && !root->bare && in_root(path + prefix_bytes)) {
        memmove(path, path + prefix_bytes, strlen(path + prefix_bytes) + 1);
        return PATH_IN_ROOT;
    }
    bool tells = member_path_tells_root(path, &told_bytes, &bare);
    if (root->bare)
        return tells && !bare && told_bytes > 0 ? PATH_OTHER_ROOT : PATH_IN_ROOT;
    if (tells)
        return PATH_OTHER_ROOT;
    if (below)
        memmove(path, path + prefix_bytes, strlen(path + prefix_bytes) + 1);
    return PATH_BESIDE;
}

/* False when memory ran out. */
static bool learn_root(struct member_root *root, const char *path)
{
    size_t prefix_bytes;
    if (root->prefix || !member_path_tells_root(path, &prefix_bytes, &root->bare))
        return true;
    root->prefix = strndup(path, prefix_bytes);
    return root->prefix != NULL;
}

enum path_verdict member_path_resolve(struct member_root *root, const char *raw, char **name,
                                      unsigned *part)
{
    char *path = strdup(raw);
    if (!path)
        return PATH_NO_MEMORY;
    free(*name);
    *name = path;
    *part = 0;
    if (!member_path_clean(path))
        return PATH_UNSAFE;
    *part = take_part(path);
    if (!learn_root(root, path))
        return PATH_NO_MEMORY;
    if (!root->prefix)
        return PATH_BESIDE;
    enum path_verdict verdict = place(root, path);
    if (!root->bare || verdict != PATH_IN_ROOT)
        return verdict;
    char *whole;
    if (asprintf(&whole, "proc/%s", path) < 0)
        return PATH_NO_MEMORY;
    free(path);
    *name = whole;
    return PATH_IN_ROOT;
}
