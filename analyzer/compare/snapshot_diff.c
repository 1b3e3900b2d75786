#include "analyzer/compare/snapshot_diff.h"

#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/compare/diff_parts.h"

const char *match_status_word(enum match_status status)
{
    static const char *const words[] = {"same", "restarted", "new", "gone"};
    return words[status];
}

int64_t difference(uint64_t before, uint64_t after)
{
    return to_signed(after) - to_signed(before);
}

int compare_magnitudes(int64_t a, int64_t b)
{
    uint64_t left = a < 0 ? (uint64_t)-a : (uint64_t)a;
    uint64_t right = b < 0 ? (uint64_t)-b : (uint64_t)b;
    return left > right ? -1 : left < right;
}

bool in_scope(void *scope, const struct snapshot *snapshot, const struct process *process)
{
    const struct diff_scope *wanted = scope;
    (void)snapshot;
    for (size_t i = 0; i < wanted->pid_count; i++)
        if (wanted->pids[i] == process->pid)
            return true;
    return wanted->pid_count == 0;
}

static bool differs(const struct snapshot_diff *diff, enum identity_fact fact)
{
    const char *before = diff->before->identity.text[fact];
    const char *after = diff->after->identity.text[fact];
    return before && after && strcmp(before, after) != 0;
}

static void compare_machines(struct snapshot_diff *diff)
{
    uint64_t before, after;
    diff->same_host = !differs(diff, IDENTITY_HOST);
    bool boots_known = diff->before->identity.text[IDENTITY_BOOT_ID] &&
                       diff->after->identity.text[IDENTITY_BOOT_ID];
    diff->same_boot = boots_known ? !differs(diff, IDENTITY_BOOT_ID) : diff->same_host;
    diff->same_kernel = !differs(diff, IDENTITY_KERNEL);
    diff->same_page_size = !snapshot_page_size(diff->before, &before) ||
                           !snapshot_page_size(diff->after, &after) || before == after;
}

static void find_changed(struct snapshot_diff *diff)
{
    for (size_t i = 0; i < diff->ledger_count && !diff->changed; i++)
        diff->changed = diff->ledger[i].beyond_noise;
    for (size_t i = 0; i < diff->beside_count && !diff->changed; i++)
        diff->changed = diff->beside[i].beyond_noise;
    for (size_t i = 0; i < diff->process_count && !diff->changed; i++)
        diff->changed = diff->processes[i].beyond_noise;
    for (size_t i = 0; i < diff->object_count && !diff->changed; i++)
        diff->changed = diff->objects[i].beyond_noise;
    for (size_t i = 0; i < diff->kernel_count && !diff->changed; i++)
        diff->changed = diff->kernel[i].beyond_noise;
}

static bool match_objects(struct snapshot_diff *diff, struct failure *why)
{
    const struct object_match_scope scope = {diff->same_host, diff->same_boot};
    return object_match(diff->before, diff->after, &scope, &diff->object_matches) ||
           DIFF_OUT_OF_MEMORY(why);
}

bool snapshot_diff_compute(const struct snapshot *before, const struct snapshot *after,
                           const struct diff_scope *scope, struct snapshot_diff *out,
                           struct failure *why)
{
    *out = (struct snapshot_diff){.before = before, .after = after};
    if (scope)
        out->scope = *scope;
    compare_machines(out);
    if (match_objects(out, why) && diff_ledgers(out, why) && diff_processes(out, why) &&
        diff_groups_compute(out, out->scope.group ? out->scope.group : "program", &out->groups,
                            why) &&
        diff_objects(out, why) && diff_kernels(out, why)) {
        diff_ledgers_quiet_shared(out);
        diff_waterfall_compute(out, out->waterfall);
        find_changed(out);
        return true;
    }
    snapshot_diff_deinit(out);
    return false;
}

void snapshot_diff_deinit(struct snapshot_diff *diff)
{
    free(diff->before_ledger);
    free(diff->after_ledger);
    free(diff->ledger);
    free(diff->noise);
    free(diff->waterfall);
    free(diff->beside);
    free(diff->processes);
    free(diff->before_compared);
    free(diff->after_compared);
    diff_groups_deinit(&diff->groups);
    free(diff->mappings);
    free(diff->objects);
    free(diff->kernel);
    object_matches_deinit(&diff->object_matches);
    objects_deinit(&diff->before_objects);
    objects_deinit(&diff->after_objects);
    kernel_usage_deinit(&diff->before_kernel);
    kernel_usage_deinit(&diff->after_kernel);
    shared_memory_deinit(&diff->before_shared);
    shared_memory_deinit(&diff->after_shared);
    *diff = (struct snapshot_diff){0};
}
