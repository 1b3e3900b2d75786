#include "collector/read/folder_walk.h"

#include "collector/base/interrupt.h"
#include "collector/read/name_list.h"

#include <errno.h>
#include <string.h>

static bool walk_steps(struct folder_walk *walk, const char *steps, struct failure *why);

/* Appends "/NAME"; false, and walk->cut, if the path gets too long. */
static bool enter(struct folder_walk *walk, const char *name, size_t name_length)
{
    size_t slash = walk->length ? 1 : 0;
    if (walk->length + slash + name_length >= sizeof walk->path) {
        walk->cut = true;
        return false;
    }
    if (slash)
        walk->path[walk->length++] = '/';
    memcpy(walk->path + walk->length, name, name_length);
    walk->length += name_length;
    walk->path[walk->length] = '\0';
    return true;
}

static void leave(struct folder_walk *walk, size_t length)
{
    walk->length = length;
    walk->path[length] = '\0';
}

static bool visit(struct folder_walk *walk, struct failure *why)
{
    if (interrupt_signal())
        return true;
    if (walk->folders == WALK_MOST_FOLDERS) {
        walk->cut = true;
        return true;
    }
    walk->folders++;
    return walk->visit(walk->context, walk->path, why);
}

/* The names in the present folder. */
static bool list(struct folder_walk *walk, struct name_list *names, const char *pattern,
                 enum name_kind kind, struct failure *why)
{
    const struct name_query query = {walk->path, pattern, kind};
    int error = 0;
    if (!walk->list(walk->context, &query, names, &error, why))
        return false;
    if (error && error != ENOENT && error != ENOTDIR && walk->error == 0)
        walk->error = error;
    if (names->cut)
        walk->cut = true;
    return true;
}

/* The present folder and all below it. */
static bool walk_down(struct folder_walk *walk, unsigned depth, struct failure *why)
{
    if (!visit(walk, why))
        return false;
    if (depth == WALK_MOST_DEPTH || interrupt_signal()) {
        walk->cut = true;
        return true;
    }
    struct name_list names;
    size_t length = walk->length;
    bool fine = list(walk, &names, "*", NAMES_FOLDERS, why);
    for (size_t i = 0; fine && i < names.count; i++) {
        if (!enter(walk, names.names[i], strlen(names.names[i])))
            continue;
        fine = walk_down(walk, depth + 1, why);
        leave(walk, length);
    }
    name_list_deinit(&names);
    return fine;
}

/* Each folder that matches the step "NAME*", and then the rest of the steps. */
static bool walk_matches(struct folder_walk *walk, const char *step, const char *rest,
                         struct failure *why)
{
    struct name_list names;
    size_t length = walk->length;
    bool fine = list(walk, &names, step, NAMES_FOLDERLIKE, why);
    for (size_t i = 0; fine && i < names.count && !interrupt_signal(); i++) {
        if (!enter(walk, names.names[i], strlen(names.names[i])))
            continue;
        fine = walk_steps(walk, rest, why);
        leave(walk, length);
    }
    name_list_deinit(&names);
    return fine;
}

static bool walk_steps(struct folder_walk *walk, const char *steps, struct failure *why)
{
    if (*steps == '\0')
        return visit(walk, why);
    size_t length = strcspn(steps, "/");
    const char *rest = steps[length] ? steps + length + 1 : steps + length;
    if (length == 2 && memcmp(steps, "**", 2) == 0)
        return walk_down(walk, 0, why);
    char step[NAME_MAX + 1];
    if (length < sizeof step && memchr(steps, '*', length)) {
        memcpy(step, steps, length);
        step[length] = '\0';
        return walk_matches(walk, step, rest, why);
    }
    size_t before = walk->length;
    bool fine = !enter(walk, steps, length) || walk_steps(walk, rest, why);
    leave(walk, before);
    return fine;
}

bool folder_walk(struct folder_walk *walk, const char *pattern, struct failure *why)
{
    return walk_steps(walk, pattern, why);
}
