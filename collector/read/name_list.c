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

static bool is_wanted(DIR *folder, const struct dirent *entry, const char *pattern,
                      enum name_kind kind)
{
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
        !name_matches(entry->d_name, pattern))
        return false;
    unsigned char type = type_of_entry(folder, entry);
    switch (kind) {
    case NAMES_ANY_FILE:
        return type != DT_DIR && type != DT_LNK;
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
                  size_t *used)
{
    size_t capacity = 0;
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(folder)); errno = 0) {
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

static int by_bytes(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

int name_list_read(struct name_list *list, int folder, const char *path, const char *pattern,
                   enum name_kind kind)
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
    int error = gather(list, stream, pattern, kind, &used);
    closedir(stream);
    size_t found = list->count;
    list->count = 0;
    if (found == 0)
        return error;
    list->names = malloc(found * sizeof *list->names);
    if (!list->names)
        return ENOMEM;
    for (size_t at = 0; list->count < found; at += strlen(list->bytes + at) + 1)
        list->names[list->count++] = list->bytes + at;
    qsort(list->names, list->count, sizeof *list->names, by_bytes);
    return error;
}

void name_list_deinit(struct name_list *list)
{
    free(list->names);
    free(list->bytes);
    *list = (struct name_list){0};
}
