#include "analyzer/bundle/source/name_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/array.h"
#include "analyzer/bundle/limits.h"
#include "analyzer/bundle/plain_text.h"

void name_list_deinit(struct name_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->names[i].text);
    free(list->names);
    *list = (struct name_list){0};
}

bool name_list_add(struct name_list *list, const char *text)
{
    struct folder_name *name = ARRAY_PUSH(list->names, list->count, list->capacity);
    if (!name)
        return false;
    name->number = UINT64_MAX;
    parse_decimal(slice_of(text), &name->number);
    name->text = strdup(text);
    return name->text != NULL;
}

static int compare_names(const void *left, const void *right)
{
    const struct folder_name *a = left, *b = right;
    bool a_is_word = a->number == UINT64_MAX, b_is_word = b->number == UINT64_MAX;
    if (a_is_word != b_is_word)
        return a_is_word ? -1 : 1;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return strcmp(a->text, b->text);
}

static bool read_names(DIR *folder, uint64_t most, struct name_list *list, struct failure *why)
{
    errno = 0;
    for (struct dirent *entry; (entry = readdir(folder)); errno = 0) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (!limit_holds("members: names in one folder", list->count + 1, most, why))
            return false;
        if (!name_list_add(list, entry->d_name))
            return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    return errno == 0 || failure_set(why, FAILURE_SYSTEM, 0, "%s", strerror(errno));
}

bool name_list_read(int fd, uint64_t most, struct name_list *list, struct failure *why)
{
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = own < 0 ? NULL : fdopendir(own);
    if (!folder) {
        failure_set(why, FAILURE_SYSTEM, 0, "%s", strerror(errno));
        if (own >= 0)
            close(own);
        return false;
    }
    bool good = read_names(folder, most, list, why);
    closedir(folder);
    if (!good)
        name_list_deinit(list);
    else if (list->count > 0)
        qsort(list->names, list->count, sizeof *list->names, compare_names);
    return good;
}
