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
    const struct process *process;
    int64_t bytes;
    uint64_t mappings;
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

static struct amount size_of(const struct process_usage *usage)
{
    return usage->pss.known ? usage->pss : usage->rss;
}

static size_t list_usual(const struct snapshot *usual, struct usual_process *list)
{
    size_t count = 0;
    for (size_t i = 0; i < usual->process_count; i++) {
        const struct process *process = &usual->processes[i];
        struct process_usage usage;
        process_usage_compute(usual, process, &usage);
        if (!size_of(&usage).known || !(process->files & PROCESS_COMM))
            continue;
        list[count++] = (struct usual_process){.name = snapshot_text(usual, process->comm),
                                               .process = process,
                                               .bytes = to_signed(size_of(&usage).bytes),
                                               .mappings = usage.mappings};
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
                                              struct slice name, const struct process *same,
                                              int64_t bytes)
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
        if (same && list[i].process->pid == same->pid &&
            list[i].process->start_time_ticks == same->start_time_ticks)
            return &list[i];
        if (!best || llabs(list[i].bytes - bytes) < llabs(best->bytes - bytes))
            best = &list[i];
    }
    return best;
}

static struct baseline_row judge(const struct snapshot *now, const struct process_usage *usage,
                                 const struct usual_process *list, size_t count, bool one_boot,
                                 uint64_t mem_total_bytes)
{
    struct baseline_row row = {.pid = usage->process->pid, .mark = BASELINE_INCOMPARABLE};
    struct amount size = size_of(usage);
    if (!size.known || !(usage->process->files & PROCESS_COMM))
        return row;
    row.now_bytes = to_signed(size.bytes);
    const struct usual_process *was =
        find_usual(list, count, snapshot_text(now, usage->process->comm),
                   one_boot ? usage->process : NULL, row.now_bytes);
    if (!was) {
        row.mark = process_usage_has_none(usage) ? BASELINE_USUAL : BASELINE_NEW;
        return row;
    }
    uint64_t noise = add_saturating(diff_noise_of_process(was->process, usage->process),
                                    diff_noise_of_pss(was->mappings, usage->mappings));
    row.has_bytes = true;
    row.usual_bytes = was->bytes;
    row.mark = baseline_judge(was->bytes, row.now_bytes, noise, mem_total_bytes);
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
    bool one_boot = same_boot(usual, now);
    for (size_t i = 0; i < count; i++) {
        const struct baseline_row row =
            judge(now, &usages[i], list, usual_count, one_boot, mem_total_bytes);
        baseline_add(out, &row);
    }
    return true;
}
