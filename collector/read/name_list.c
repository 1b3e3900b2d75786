#include "collector/read/name_list.h"

#include "collector/base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

bool name_matches(const char *name, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    if (!star)
        return strcmp(name, pattern) == 0;
    size_t length = strlen(name);
    size_t before = (size_t)(star - pattern);
    size_t after = strlen(star + 1);
    return length >= before + after && memcmp(name, pattern, before) == 0 &&
           memcmp(name + length - after, star + 1, after) == 0;
}

/* File systems that do not tell the type in the entry are asked. */
static unsigned char type_of_entry(DIR *folder, const struct dirent *entry)
{
    struct stat about;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type;
    if (fstatat(dirfd(folder), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return DT_UNKNOWN;
    return (unsigned char)((about.st_mode & S_IFMT) >> 12);
}

static bool is_for_reading(DIR *folder, const char *name)
{
    struct stat about;
    return fstatat(dirfd(folder), name, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
           !S_ISREG(about.st_mode) || (about.st_mode & (S_IRUSR | S_IRGRP | S_IROTH));
}

static bool is_wanted(DIR *folder, const struct dirent *entry, const char *pattern,
                      enum name_kind kind)
{
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
        !name_matches(entry->d_name, pattern))
        return false;
    unsigned char type = type_of_entry(folder, entry);
    switch (kind) {
    case NAMES_READABLE:
        return type != DT_DIR && type != DT_LNK && is_for_reading(folder, entry->d_name);
    case NAMES_LINKS:
        return type == DT_LNK;
    case NAMES_FOLDERS:
        return type == DT_DIR;
    case NAMES_FOLDERLIKE:
        return type == DT_DIR || type == DT_LNK;
    default:
        return true;
    }
}

/* Doubles *capacity until `needed` fits; false if memory is short. */
static bool grow(char **bytes, size_t *capacity, size_t needed)
{
    size_t larger = *capacity ? *capacity : 1024;
    while (larger < needed)
        larger *= 2;
    if (larger == *capacity)
        return true;
    char *moved = realloc(*bytes, larger);
    if (!moved)
        return false;
    *bytes = moved;
    *capacity = larger;
    return true;
}

static int gather(struct name_list *list, DIR *folder, const char *pattern, enum name_kind kind,
                  _Atomic uint32_t *beats, size_t *used)
{
    size_t capacity = 0;
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(folder)); errno = 0) {
        if (beats)
            atomic_fetch_add(beats, 1);
        if (!is_wanted(folder, entry, pattern, kind))
            continue;
        size_t length = strlen(entry->d_name) + 1;
        if (list->count == NAMES_MOST || *used + length > NAMES_MOST_BYTES) {
            list->cut = true;
            return 0;
        }
        if (!grow(&list->bytes, &capacity, *used + length))
            return ENOMEM;
        memcpy(list->bytes + *used, entry->d_name, length);
        *used += length;
        list->count++;
    }
    return errno;
}

/* The pointers, into list->bytes. */
static int point(struct name_list *list, size_t found)
{
    list->count = 0;
    list->names = malloc(found * sizeof *list->names);
    if (!list->names)
        return ENOMEM;
    for (size_t at = 0; list->count < found; at += strlen(list->bytes + at) + 1)
        list->names[list->count++] = list->bytes + at;
    return 0;
}

static int by_bytes(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

int name_list_read(struct name_list *list, int folder, const char *path, const char *pattern,
                   enum name_kind kind, _Atomic uint32_t *beats)
{
    *list = (struct name_list){0};
    int descriptor = openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return errno;
    DIR *stream = fdopendir(descriptor);
    if (!stream) {
        int error = errno;
        close(descriptor);
        return error;
    }
    size_t used = 0;
    int error = gather(list, stream, pattern, kind, beats, &used);
    closedir(stream);
    if (list->count == 0)
        return error;
    if (point(list, list->count) != 0)
        return ENOMEM;
    qsort(list->names, list->count, sizeof *list->names, by_bytes);
    return error;
}

int name_list_copy(struct name_list *list, const char *bytes, size_t length)
{
    size_t found = 0;
    *list = (struct name_list){0};
    for (size_t i = 0; i < length; i++)
        found += bytes[i] == '\0';
    if (found == 0)
        return 0;
    list->bytes = malloc(length);
    if (!list->bytes)
        return ENOMEM;
    memcpy(list->bytes, bytes, length);
    return point(list, found);
}

void name_list_deinit(struct name_list *list)
{
    free(list->names);
    free(list->bytes);
    *list = (struct name_list){0};
}
