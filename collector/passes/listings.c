/* Folders, seen through a reader: the list of a file system's folder takes as long as it likes. */
#include "collector/passes/run.h"

#include <errno.h>
#include <string.h>

struct listing {
    struct name_list *names;
    int error;
};

static bool keep(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    struct listing *listing = context;
    (void)why;
    name_list_deinit(listing->names);
    listing->error = name_list_copy(listing->names, chunk->bytes, chunk->length);
    return true;
}

static bool nothing_to_keep(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    (void)context;
    (void)chunk;
    (void)why;
    return true;
}

bool run_is_stuck(const struct run *run, const char *path)
{
    size_t length = 0;
    for (const char *folder = run->stuck; folder < run->stuck + run->stuck_length;
         folder += length + 1) {
        length = strlen(folder);
        if (strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/'))
            return true;
    }
    return false;
}

/* Each costs one deadline, not one for everything in it. What finds no room here costs more. */
static void remember(struct run *run, const char *folder)
{
    size_t bytes = strlen(folder) + 1;
    if (bytes > sizeof run->stuck - run->stuck_length)
        return;
    memcpy(run->stuck + run->stuck_length, folder, bytes);
    run->stuck_length += bytes;
}

static bool record_stuck(struct run *run, const char *folder, const struct fetch_result *result,
                         struct failure *why)
{
    char names[2][PATH_MAX + 1];
    struct text path = TEXT_OVER(names[0]);
    struct text other = TEXT_OVER(names[1]);
    const struct member member = {.fetched = *result};
    remember(run, folder);
    text_add(&path, folder);
    text_add(&path, "/"); /* its last step is a folder's name, too: so redaction knows */
    const char *told = run_path_to_tell(run, text_string(&path), &other);
    return run_note_stuck(run, told, 0, result->outcome, why) &&
           run_record(run, names[0], &member, why);
}

bool run_names(struct run *run, const struct name_query *query, struct name_list *names, int *error,
               struct failure *why)
{
    struct listing listing = {.names = names};
    struct fetch_result result;
    const struct fetch_request request = {.folder = run->tree.root,
                                          .name = query->folder,
                                          .kind = FETCH_NAMES,
                                          .pattern = query->pattern,
                                          .wanted = query->kind};
    *names = (struct name_list){0};
    *error = ETIMEDOUT;
    if (run_is_stuck(run, query->folder))
        return true;
    readers_fetch(&run->readers, &request, keep, &listing, &result, why);
    names->cut = result.outcome == OUTCOME_CUT;
    *error = listing.error ? listing.error : result.error;
    if (result.outcome != OUTCOME_TIMED_OUT && result.outcome != OUTCOME_ABANDONED)
        return true;
    *error = ETIMEDOUT;
    return record_stuck(run, query->folder, &result, why);
}

bool run_is_there(struct run *run, const char *path)
{
    struct fetch_result result;
    const struct fetch_request request = {
        .folder = run->tree.root, .name = path, .kind = FETCH_PRESENCE};
    readers_fetch(&run->readers, &request, nothing_to_keep, NULL, &result, NULL);
    return result.outcome == OUTCOME_EMPTY;
}
