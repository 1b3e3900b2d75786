/* Reading stat_refresh makes every processor fold its counters, and waits for each of them: on
 * a sick machine for ever. So a reader reads it, as everything, and what it says is nothing. */
#include "collector/passes/run.h"

#include <unistd.h>

#define REFRESH_PATH "proc/sys/vm/stat_refresh"

static bool drop(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    (void)context;
    (void)chunk;
    (void)why;
    return true;
}

bool run_refresh(struct run *run, struct failure *why)
{
    /* Of a copied tree there is nothing to refresh, and only root may. */
    if (!run->tree.live || geteuid() != 0)
        return run_record_outcome(run, REFRESH_PATH, OUTCOME_SKIPPED, 0, why);
    const struct fetch_request request = {.folder = run->tree.root, .name = REFRESH_PATH};
    struct member member = {0};
    return readers_fetch(&run->readers, &request, drop, NULL, &member.fetched, why) &&
           run_record(run, REFRESH_PATH, &member, why);
}
