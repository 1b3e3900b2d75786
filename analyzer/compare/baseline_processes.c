/* What a program takes here usually. */
#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/compare/baseline.h"
#include "analyzer/compare/diff_noise.h"
#include "analyzer/parse/system/meminfo.h"

/* A process of the baseline, to be found by name. */
struct usual_process {
    struct slice name;
    struct process_usage usage;
};

static int by_name(const void *a, const void *b)
{
    struct slice left = ((const struct usual_process *)a)->name;
    struct slice right = ((const struct usual_process *)b)->name;
    size_t least = left.length_bytes < right.length_bytes ? left.length_bytes : right.length_bytes;
    int order = least ? memcmp(left.at, right.at, least) : 0;
    return order ? order
                 : (left.length_bytes > right.length_bytes) -
                       (left.length_bytes < right.length_bytes);
}

/* The sizes of two processes: PSS where both have it, else RSS, so that like is held against like. */
struct sizes {
    bool known;
    int64_t usual_bytes, now_bytes;
};

static struct sizes sizes_of(const struct process_usage *usual, const struct process_usage *now)
{
    bool by_pss = usual->pss.known && now->pss.known;
    struct amount before = by_pss ? usual->pss : usual->rss;
    struct amount after = by_pss ? now->pss : now->rss;
    return (struct sizes){.known = before.known && after.known && !process_usage_is_cut(usual) &&
                                   !process_usage_is_cut(now),
                          .usual_bytes = to_signed(before.bytes),
                          .now_bytes = to_signed(after.bytes)};
}

/* How far apart they are; those that cannot be compared are farthest. */
static uint64_t distance(const struct process_usage *usual, const struct process_usage *now)
{
    struct sizes sizes = sizes_of(usual, now);
    return sizes.known ? (uint64_t)llabs(sizes.now_bytes - sizes.usual_bytes) : UINT64_MAX;
}

static size_t list_usual(const struct snapshot *usual, struct usual_process *list)
{
    size_t count = 0;
    for (size_t i = 0; i < usual->process_count; i++) {
        const struct process *process = &usual->processes[i];
        struct usual_process *row = &list[count];
        process_usage_compute(usual, process, &row->usage);
        if (!row->usage.rss.known || !(process->files & PROCESS_COMM))
            continue;
        row->name = snapshot_text(usual, process->comm);
        count++;
    }
    qsort(list, count, sizeof *list, by_name);
    return count;
}

static bool same_boot(const struct snapshot *usual, const struct snapshot *now)
{
    const char *before = usual->identity.text[IDENTITY_BOOT_ID];
    const char *after = now->identity.text[IDENTITY_BOOT_ID];
    return before && after && strcmp(before, after) == 0;
}

/* Those of the same name: the process itself if it lives on, else the one that is nearest in size. */
static const struct usual_process *find_usual(const struct usual_process *list, size_t count,
                                              struct slice name, bool one_boot,
                                              const struct process_usage *now)
{
    const struct usual_process *best = NULL;
    const struct usual_process wanted = {.name = name};
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_name(&list[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < count && by_name(&list[i], &wanted) == 0; i++) {
        const struct process *process = list[i].usage.process;
        if (one_boot && process->pid == now->process->pid &&
            process->start_time_ticks == now->process->start_time_ticks)
            return &list[i];
        if (!best || distance(&list[i].usage, now) < distance(&best->usage, now))
            best = &list[i];
    }
    return best;
}

static struct baseline_row judge(const struct snapshot *now, const struct process_usage *usage,
                                 const struct usual_process *list, size_t count, bool one_boot,
                                 uint64_t mem_total_bytes)
{
    struct baseline_row row = {.pid = usage->process->pid, .mark = BASELINE_INCOMPARABLE};
    if (!usage->rss.known || !(usage->process->files & PROCESS_COMM))
        return row;
    const struct usual_process *was =
        find_usual(list, count, snapshot_text(now, usage->process->comm), one_boot, usage);
    if (!was) {
        row.mark = process_usage_has_none(usage) ? BASELINE_USUAL : BASELINE_NEW;
        return row;
    }
    const struct sizes sizes = sizes_of(&was->usage, usage);
    if (!sizes.known)
        return row;
    uint64_t noise = add_saturating(diff_noise_of_process(was->usage.process, usage->process),
                                    diff_noise_of_pss(was->usage.mappings, usage->mappings));
    row.has_bytes = true;
    row.usual_bytes = sizes.usual_bytes;
    row.now_bytes = sizes.now_bytes;
    row.mark = baseline_judge(sizes.usual_bytes, sizes.now_bytes, noise, mem_total_bytes);
    return row;
}

bool baseline_of_processes(const struct snapshot *usual, const struct snapshot *now,
                           const struct process_usage *usages, size_t count, struct baseline *out,
                           struct failure *why)
{
    AUTO_FREE struct usual_process *list = malloc((usual->process_count + 1) * sizeof *list);
    uint64_t mem_total_bytes = 0;
    if (!list)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    if (!baseline_begin(out, usual, now, count, why))
        return false;
    if (now->system.now.has_meminfo)
        field_get(&now->system.now.meminfo, MEMINFO_MEM_TOTAL, &mem_total_bytes);
    size_t usual_count = list_usual(usual, list);
    bool one_boot = same_boot(usual, now), usual_lists_all = snapshot_lists_processes(usual);
    for (size_t i = 0; i < count; i++) {
        struct baseline_row row =
            judge(now, &usages[i], list, usual_count, one_boot, mem_total_bytes);
        if (row.mark == BASELINE_NEW && !usual_lists_all)
            row.mark = BASELINE_INCOMPARABLE;
        baseline_add(out, &row);
    }
    return true;
}
