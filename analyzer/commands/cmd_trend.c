/* diff of three bundles or more: each is read twice, the first time only for who and when. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/commands/commands.h"
#include "analyzer/compare/trend.h"
#include "analyzer/views/trend_view.h"

/* Two moments are a change, but no trend; still it is what is left when others cannot be read. */
#define LEAST_BUNDLES 2

static bool can_be_read_twice(const struct request *request)
{
    for (unsigned i = 0; i < request->bundle_count; i++) {
        if (strcmp(request->bundles[i], "-") != 0)
            continue;
        fprintf(stderr,
                "memtally: -: standard input can be read only once: name a file where there "
                "are three bundles or more\n");
        return false;
    }
    return true;
}

/* The same snapshot twice would be a second measurement that always agrees. */
static void leave_out_copies(struct trend_order *order)
{
    size_t i = 1;
    while (i < order->count && order->count > LEAST_BUNDLES) {
        struct failure copy = {0};
        if (!trend_order_is_copy(order, i)) {
            i++;
            continue;
        }
        failure_set(&copy, FAILURE_MALFORMED, 0, "the same snapshot as %s, left out",
                    order->bundles[i - 1].file);
        report_failure(order->bundles[i].file, &copy);
        trend_order_remove(order, i);
    }
}

/* A bundle that cannot be read is told and left out. */
static bool list_bundles(const struct request *request, struct trend_order *order, bool *all_read,
                         struct failure *why)
{
    const struct load_options options = {
        .limits = BUNDLE_LIMITS_DEFAULT, .kept_mappings = MAPPINGS_NONE, .identity_only = true};
    for (unsigned i = 0; i < request->bundle_count; i++) {
        struct failure unreadable = {0};
        struct snapshot *snapshot = snapshot_load(request->bundles[i], &options, &unreadable);
        if (!snapshot) {
            report_failure(request->bundles[i], &unreadable);
            *all_read = false;
            continue;
        }
        bool ok = trend_order_add(order, request->bundles[i], i, &snapshot->identity, why);
        snapshot_free(snapshot);
        if (!ok)
            return false;
    }
    trend_order_sort(order);
    leave_out_copies(order);
    return order->count >= LEAST_BUNDLES ||
           failure_set(why, FAILURE_MALFORMED, 0, "fewer than two bundles could be read");
}

/* A process may come and go, so that one bundle is enough. */
static bool check_pids(const struct diff_scope *scope, const bool *seen, struct failure *why)
{
    for (size_t i = 0; i < scope->pid_count; i++)
        if (!seen[i])
            return failure_set(why, FAILURE_USAGE, 0,
                               "no process %" PRIu64 " in any of the bundles", scope->pids[i]);
    return true;
}

static bool add_bundles(const struct request *request, struct trends *trends, bool *all_read,
                        struct failure *why)
{
    const struct diff_scope *scope = &trends->scope;
    AUTO_FREE bool *seen = calloc(scope->pid_count + 1, sizeof *seen);
    if (!seen)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    while (trends->next < trends->order.count) {
        unsigned bundle = (unsigned)trends->order.bundles[trends->next].given;
        struct snapshot *snapshot = request_load(request, bundle, false, MAPPINGS_ALL);
        bool ok = snapshot && trends_add(trends, snapshot, why);
        if (!snapshot)
            trend_order_remove(&trends->order, trends->next);
        *all_read = *all_read && snapshot;
        for (size_t i = 0; snapshot && i < scope->pid_count; i++)
            seen[i] = seen[i] || snapshot_process(snapshot, scope->pids[i]);
        snapshot_free(snapshot);
        if (snapshot && !ok)
            return false;
    }
    return check_pids(scope, seen, why) && trends_finish(trends, why);
}

int command_trend(struct request *request, const struct diff_scope *scope)
{
    struct failure why = {0};
    struct trend_order order = {0};
    struct trends trends = {0};
    bool all_read = true;
    if (!can_be_read_twice(request))
        return STATUS_USAGE;
    bool ok = trend_order_init(&order, &why) && list_bundles(request, &order, &all_read, &why) &&
              trends_init(&trends, &order, scope, trend_level_of(request->view.diff_level), &why) &&
              add_bundles(request, &trends, &all_read, &why) &&
              (request->json ? trend_print_json(&trends, request->view.all, stdout, &why)
                             : trend_print(&trends, &request->view, &why));
    int status = finish_output(ok, NULL, &why, trends.changed ? STATUS_FOUND : STATUS_FINE);
    trends_deinit(&trends);
    trend_order_deinit(&order);
    return all_read ? status : STATUS_UNREADABLE;
}
