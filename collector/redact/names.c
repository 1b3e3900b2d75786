#include "collector/redact/names.h"

#include <string.h>

/* Folders and devices that every machine has; their names tell nothing. A path's leading
 * components stay as long as they are in this list. */
static const char *const standard_folders[] = {"/bin",
                                               "/boot",
                                               "/dev",
                                               "/dev/hugepages",
                                               "/dev/mapper",
                                               "/dev/mem",
                                               "/dev/null",
                                               "/dev/shm",
                                               "/dev/zero",
                                               "/etc",
                                               "/home",
                                               "/lib",
                                               "/lib32",
                                               "/lib64",
                                               "/libx32",
                                               "/media",
                                               "/mnt",
                                               "/opt",
                                               "/proc",
                                               "/root",
                                               "/run",
                                               "/run/lock",
                                               "/run/user",
                                               "/sbin",
                                               "/srv",
                                               "/sys",
                                               "/sys/fs",
                                               "/sys/fs/cgroup",
                                               "/sys/fs/cgroup/memory",
                                               "/sys/fs/cgroup/unified",
                                               "/tmp",
                                               "/usr",
                                               "/usr/bin",
                                               "/usr/lib",
                                               "/usr/lib/locale",
                                               "/usr/lib32",
                                               "/usr/lib64",
                                               "/usr/libexec",
                                               "/usr/libx32",
                                               "/usr/local",
                                               "/usr/local/bin",
                                               "/usr/local/lib",
                                               "/usr/local/sbin",
                                               "/usr/local/share",
                                               "/usr/sbin",
                                               "/usr/share",
                                               "/var",
                                               "/var/cache",
                                               "/var/lib",
                                               "/var/log",
                                               "/var/run",
                                               "/var/tmp"};

/* Where names of libraries stay; also in a folder of an architecture below. */
static const char *const library_folders[] = {
    "/lib", "/lib32", "/lib64", "/libx32", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32"};

static const char *const extensions[] = {
    "archive", "bin",   "cache", "conf", "dat",    "data", "db",  "gz",  "idx",   "img",  "jar",
    "jsa",     "log",   "mo",    "node", "oat",    "odex", "pak", "pyc", "qcow2", "raw",  "scope",
    "service", "slice", "so",    "sock", "socket", "swap", "tmp", "ttc", "ttf",   "vdex", "wal"};

static const char *const kernel_names[] = {
    "[heap]",     "[stack]",        "[vdso]",         "[vvar]",    "[vvar_vclock]",
    "[vsyscall]", "[vectors]",      "[sigpage]",      "[uprobes]", "[rollup]",
    "[anon]",     "[gate]",         "[shadow stack]", "[guard]",   "/anon_hugepage",
    "/[aio]",     "/drm mm object", "/i915",          "/dev/zero"};

static const char *const cgroup_names[] = {"system.slice", "user.slice", "machine.slice",
                                           "init.scope",   "memory",     "unified"};

#define IS_IN(list, bytes, length) is_in((list), sizeof(list) / sizeof(list)[0], (bytes), (length))

static bool is_in(const char *const *list, size_t count, const char *bytes, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i]) == length && memcmp(list[i], bytes, length) == 0)
            return true;
    return false;
}

static bool starts(const char *bytes, size_t length, const char *with)
{
    return length >= strlen(with) && memcmp(bytes, with, strlen(with)) == 0;
}

/* Are these all of `set`? */
static bool is_made_of(const char *bytes, size_t length, const char *set)
{
    for (size_t i = 0; i < length; i++)
        if (!bytes[i] || !strchr(set, bytes[i]))
            return false;
    return true;
}

static bool is_octal(const char *at)
{
    return at[0] >= '0' && at[0] <= '3' && at[1] >= '0' && at[1] <= '7' && at[2] >= '0' &&
           at[2] <= '7';
}

size_t unescape_octal(char *to, const char *from, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char byte = from[i];
        if (byte == '\\' && length - i > 3 && is_octal(from + i + 1)) {
            byte = (char)((from[i + 1] - '0') * 64 + (from[i + 2] - '0') * 8 + (from[i + 3] - '0'));
            i += 3;
        }
        to[used++] = byte;
    }
    return used;
}

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* How much of the component stands before what stays: ".so", ".so.6", ".so.1.2.34", ".jar". */
static size_t stem_length(const char *name, size_t length)
{
    size_t at = length;
    for (unsigned groups = 0; at > 1 && groups < 4; groups++) {
        const char *dot = memrchr(name + 1, '.', at - 1);
        if (!dot)
            break;
        size_t from = (size_t)(dot - name);
        size_t bytes = at - from - 1;
        if (groups == 0 && IS_IN(extensions, dot + 1, bytes))
            return from;
        if (bytes == 2 && memcmp(dot + 1, "so", 2) == 0)
            return from;
        if (bytes == 0 || bytes > 3 || !is_made_of(dot + 1, bytes, DIGITS))
            break;
        at = from;
    }
    return length;
}

static void add_component(const struct redact *redact, struct text *text, const char *name,
                          size_t length)
{
    if (is_made_of(name, length, ".") && length <= 2) {
        text_bytes(text, name, length);
        return;
    }
    size_t stem = stem_length(name, length);
    redact_hash(redact, text, name, stem);
    text_bytes(text, name + stem, length - stem);
}

/* "x86_64-linux-gnu", "arm-linux-gnueabihf", "aarch64-linux-musl" */
static bool is_architecture(const char *name, size_t length)
{
    static const char *const systems[] = {"-linux-gnu",      "-linux-gnueabi", "-linux-gnueabihf",
                                          "-linux-gnuabi64", "-linux-gnux32",  "-linux-musl"};
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
        size_t bytes = strlen(systems[i]);
        if (length > bytes && length - bytes <= 11 &&
            memcmp(name + length - bytes, systems[i], bytes) == 0)
            return is_made_of(name, length - bytes, LETTERS DIGITS "_");
    }
    return false;
}

static bool is_library(const char *name, size_t length)
{
    return (starts(name, length, "lib") || starts(name, length, "ld-") ||
            starts(name, length, "ld64.")) &&
           memmem(name, length, ".so", 3) && is_made_of(name, length, LETTERS DIGITS "._+-");
}

/* Does the component that ends at `end` and starts at `from` stay, all before it having stayed?
 * *libraries: it is a folder where names of libraries stay. */
static bool stays(const char *path, size_t from, size_t end, bool is_last, bool *libraries)
{
    bool in_libraries = *libraries;
    *libraries = IS_IN(library_folders, path, end);
    if (IS_IN(standard_folders, path, end))
        return true;
    if (in_libraries && !is_last && is_architecture(path + from, end - from)) {
        *libraries = true;
        return true;
    }
    return in_libraries && is_last && is_library(path + from, end - from);
}

void redact_path(const struct redact *redact, struct text *text, const char *path, size_t length)
{
    bool standard = length > 0 && path[0] == '/';
    bool libraries = false;
    for (size_t at = 0; at < length;) {
        if (path[at] == '/') {
            text_bytes(text, "/", 1);
            at++;
            continue;
        }
        const char *slash = memchr(path + at, '/', length - at);
        size_t end = slash ? (size_t)(slash - path) : length;
        standard = standard && stays(path, at, end, end == length, &libraries);
        if (standard)
            text_bytes(text, path + at, end - at);
        else
            add_component(redact, text, path + at, end - at);
        at = end;
    }
}

void redact_cgroup_path(const struct redact *redact, struct text *text, const char *path,
                        size_t length)
{
    for (size_t at = 0; at < length;) {
        const char *slash = memchr(path + at, '/', length - at);
        size_t bytes = slash ? (size_t)(slash - path) - at : length - at;
        if (IS_IN(cgroup_names, path + at, bytes))
            text_bytes(text, path + at, bytes);
        else
            add_component(redact, text, path + at, bytes);
        at += bytes;
        if (slash) {
            text_bytes(text, "/", 1);
            at++;
        }
    }
}

/* "pid:[4026531836]", "socket:[17]", "anon_inode:[eventfd]", "[stack:41]", "/SYSV0000beef" */
static bool is_kernel_name(const char *name, size_t length)
{
    const char *colon = memchr(name, ':', length);
    if (IS_IN(kernel_names, name, length))
        return true;
    if (starts(name, length, "[stack:"))
        return is_made_of(name + 7, length - 7, DIGITS "]");
    if (starts(name, length, "/SYSV"))
        return length == 13 && is_made_of(name + 5, 8, DIGITS "abcdef");
    if (starts(name, length, "anon_inode:"))
        return is_made_of(name, length, LETTERS DIGITS "_-.:[]");
    return colon && length > 3 && is_made_of(name, (size_t)(colon - name), LETTERS "_") &&
           colon[1] == '[' &&
           is_made_of(colon + 1, (size_t)(name + length - colon) - 1, DIGITS "[]");
}

/* Names that a program gave, between what the kernel puts around them. */
static bool add_given_name(const struct redact *redact, struct text *text, const char *name,
                           size_t length)
{
    static const struct {
        const char *before;
        const char *after;
    } forms[] = {
        {"[anon:",       "]"},
        {"[anon_shmem:", "]"},
        {"/memfd:",      "" },
        {"/dmabuf:",     "" },
        {"[",            "]"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t before = strlen(forms[i].before), after = strlen(forms[i].after);
        if (length < before + after || !starts(name, length, forms[i].before) ||
            memcmp(name + length - after, forms[i].after, after) != 0)
            continue;
        text_add(text, forms[i].before);
        redact_hash(redact, text, name + before, length - before - after);
        text_add(text, forms[i].after);
        return true;
    }
    return false;
}

void redact_mapping_name(const struct redact *redact, struct text *text, const char *name,
                         size_t length)
{
    static const char deleted[] = " (deleted)";
    size_t suffix = sizeof deleted - 1;
    bool is_deleted = length >= suffix && memcmp(name + length - suffix, deleted, suffix) == 0;
    if (is_deleted)
        length -= suffix;
    if (is_kernel_name(name, length))
        text_bytes(text, name, length);
    else if (!add_given_name(redact, text, name, length))
        redact_path(redact, text, name, length);
    text_add(text, is_deleted ? deleted : "");
}
