#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/commands/commands.h"
#include "analyzer/views/diff_view.h"

#define PID_LIST "--pid takes PIDs, separated by commas"

struct pid_list {
    uint64_t *pids; /* owned */
    size_t count, capacity;
};

static bool read_pids(const char *list, struct pid_list *out, struct failure *why)
{
    for (const char *at = list; at;) {
        char *end;
        errno = 0;
        unsigned long long pid = strtoull(at, &end, 10);
        if (*at < '0' || *at > '9' || errno || (*end && *end != ','))
            return failure_set(why, FAILURE_USAGE, 0, PID_LIST);
        uint64_t *slot = ARRAY_PUSH(out->pids, out->count, out->capacity);
        if (!slot)
            return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
        *slot = pid;
        at = *end ? end + 1 : NULL;
    }
    return true;
}

/* A process may have come or gone, so that one side is enough. */
static bool check_pids(const struct pid_list *list, const struct snapshot *before,
                       const struct snapshot *after, struct failure *why)
{
    for (size_t i = 0; i < list->count; i++)
        if (!snapshot_process(before, list->pids[i]) && !snapshot_process(after, list->pids[i]))
            return failure_set(why, FAILURE_USAGE, 0, "no process %" PRIu64 " in either bundle",
                               list->pids[i]);
    return true;
}

/* --group alone means its level; the level alone has nothing to group by. */
static bool choose_level(struct request *request, struct failure *why)
{
    enum diff_level *level = &request->view.diff_level;
    if (request->group && *level != DIFF_SCREEN && *level != DIFF_BY_GROUP)
        return failure_set(why, FAILURE_USAGE, 0, "--group KEY goes with --by group only");
    if (request->group)
        *level = DIFF_BY_GROUP;
    return request->group || *level != DIFF_BY_GROUP ||
           failure_set(why, FAILURE_USAGE, 0, "--by group needs --group KEY");
}

static int print(const struct request *request, const struct snapshot *before,
                 const struct snapshot *after, const struct pid_list *list)
{
    struct failure why = {0};
    struct snapshot_diff diff = {0};
    const struct diff_scope scope = {
        .pids = list->pids, .pid_count = list->count, .group = request->group};
    bool ok = check_pids(list, before, after, &why) &&
              snapshot_diff_compute(before, after, &scope, &diff, &why) &&
              (request->json ? diff_print_json(&diff, stdout, &why)
                             : diff_print(&diff, &request->view, &why));
    int status = finish_output(ok, after->file, &why, diff.changed ? STATUS_FOUND : STATUS_FINE);
    snapshot_diff_deinit(&diff);
    return status;
}

int command_diff(struct request *request)
{
    struct failure why = {0};
    struct pid_list list = {0};
    struct snapshot *before = NULL, *after = NULL;
    int status = STATUS_UNREADABLE;
    if (!choose_level(request, &why) || (request->pids && !read_pids(request->pids, &list, &why))) {
        free(list.pids);
        return report_failure(NULL, &why);
    }
    if (request->bundle_count > 2) {
        const struct diff_scope scope = {
            .pids = list.pids, .pid_count = list.count, .group = request->group};
        status = command_trend(request, &scope);
        free(list.pids);
        return status;
    }
    before = request_load(request, 0, false, MAPPINGS_ALL);
    after = before ? request_load(request, 1, false, MAPPINGS_ALL) : NULL;
    if (after)
        status = print(request, before, after, &list);
    snapshot_free(before);
    snapshot_free(after);
    free(list.pids);
    return status;
}
