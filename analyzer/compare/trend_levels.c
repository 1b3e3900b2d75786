/* What of a snapshot has a trend, and what identifies it in the next one. */
#include "analyzer/compare/trend_levels.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/account/object_usage.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/compare/diff_noise.h"
#include "analyzer/compare/diff_parts.h"
#include "analyzer/model/shared_address_space.h"

uint64_t trend_noise_of_pages(const struct snapshot *snapshot, uint64_t mappings)
{
    uint64_t page_bytes = 0;
    snapshot_page_size(snapshot, &page_bytes);
    return add_saturating(page_bytes, diff_noise_of_pss(mappings, 0));
}

/* What a process holds in memory and in swap, so that what is swapped out does not look given back.
 * Unknown where neither PSS nor RSS could be read. */
static struct amount memory_of(const struct process_usage *usage)
{
    return usage->epss.known ? usage->epss : usage->pss.known ? usage->pss : usage->rss;
}

static enum trend_cover cover_of(const struct process_usage *usage)
{
    if (process_side_is_unread(usage))
        return TREND_MAPPINGS_UNREAD;
    return usage->process->mapping_count ? TREND_MAPPINGS_READ : TREND_NOT_ASKED;
}

/* The sums of a smaps that was cut tell nothing but that it has more. */
static enum trend_measure measure_of(const struct process_usage *usage)
{
    if (process_usage_is_cut(usage) || !memory_of(usage).known)
        return TREND_NOT_TOLD;
    return usage->pss.known ? TREND_WHOLE : TREND_STAND_IN;
}

struct slice trend_process_name(const struct snapshot *snapshot, const struct process *process)
{
    return process->files & PROCESS_COMM ? snapshot_text(snapshot, process->comm) : SLICE("");
}

struct trend_process_key trend_process_key(const struct snapshot *snapshot,
                                           const struct process *process)
{
    struct trend_process_key key;
    const char *boot = snapshot->identity.text[IDENTITY_BOOT_ID];
    const char *host = snapshot->identity.text[IDENTITY_HOST];
    snprintf(key.text, sizeof key.text, "%" PRIu64 " %" PRIu64 " %.50s %.70s", process->pid,
             process->start_time_ticks, boot ? boot : "", host ? host : "");
    return key;
}

/* `group`: name of the group that it is in, or NULL. */
static bool put_process(struct trends *trends, const struct snapshot *snapshot,
                        const struct process *process, const char *group, struct failure *why)
{
    const struct trend_process_key key = trend_process_key(snapshot, process);
    struct process_usage usage;
    process_usage_compute(snapshot, process, &usage);
    struct amount memory = memory_of(&usage);
    bool is_gone = !memory.known && usage.state == PROCESS_VANISHED_STATE;
    if (is_gone || process_usage_has_none(&usage))
        return true;
    struct trend_figure figure = {
        .part = TREND_PROCESSES,
        .key = slice_of(key.text),
        .name = trend_process_name(snapshot, process),
        .pid = process->pid,
        .measure = measure_of(&usage),
        .cover = cover_of(&usage),
        .bytes = to_signed(memory.known ? memory.bytes : 0),
        .noise_bytes = add_saturating(diff_noise_of_process(process, NULL),
                                      trend_noise_of_pages(snapshot, usage.mappings)),
    };
    if (!trend_table_put(&trends->table, &figure, why))
        return false;
    if (usage.state == PROCESS_VANISHED_STATE)
        return true; /* it ended meanwhile: no reason not to know what the others hold */
    figure.cover = TREND_NOT_ASKED;
    figure.part = TREND_PROGRAMS;
    figure.key = figure.name;
    figure.pid = 0;
    if (!trend_table_put(&trends->table, &figure, why))
        return false;
    if (!group)
        return true;
    figure.part = TREND_GROUPS;
    figure.key = figure.name = slice_of(group);
    return trend_table_put(&trends->table, &figure, why);
}

bool trend_has_process(const struct trends *trends, const struct snapshot *snapshot,
                       const struct process *process)
{
    struct diff_scope scope = trends->scope;
    size_t index = (size_t)(process - snapshot->processes);
    return !process_repeats_address_space(snapshot, index) &&
           !snapshot_is_collector(snapshot, process) && in_scope(&scope, snapshot, process);
}

static bool find_groups(const struct trends *trends, const struct snapshot *snapshot,
                        struct process_groups *groups, struct failure *why)
{
    return !trends->scope.group ||
           process_groups_compute(snapshot, trends->scope.group, groups, why);
}

static const char *group_of(const struct process_groups *groups, size_t process)
{
    uint32_t group = groups->set_of ? groups->set_of[process] : NO_SET;
    return group == NO_SET ? NULL : groups->groups[group].name;
}

bool trend_put_processes(struct trends *trends, const struct trend_source *source, bool *is_read,
                         struct failure *why)
{
    const struct snapshot *snapshot = source->snapshot;
    struct process_groups groups = {0};
    if (!snapshot_lists_processes(snapshot)) {
        trends->table.covers_less = true;
        return true;
    }
    bool ok = find_groups(trends, snapshot, &groups, why);
    is_read[TREND_PROCESSES] = is_read[TREND_PROGRAMS] = is_read[TREND_GROUPS] = true;
    for (size_t i = 0; ok && i < snapshot->process_count; i++)
        if (trend_has_process(trends, snapshot, &snapshot->processes[i]))
            ok = put_process(trends, snapshot, &snapshot->processes[i], group_of(&groups, i), why);
    process_groups_deinit(&groups);
    return ok;
}

/* In memory and in swap, each page once. */
static uint64_t held_once(const struct object_usage *usage)
{
    return add_saturating(usage->resident_bytes,
                          add_saturating(usage->swap_pss_bytes, usage->swap_shmem_bytes));
}

bool trend_put_objects(struct trends *trends, const struct trend_source *source, bool *is_read,
                       struct failure *why)
{
    const struct snapshot *snapshot = source->snapshot;
    struct objects objects;
    if (!objects_compute(snapshot, in_scope, &trends->scope, &objects, why))
        return false;
    is_read[TREND_OBJECTS] = objects.count != 0;
    bool ok = true;
    for (size_t i = 0; ok && i < objects.count; i++) {
        const struct object_usage *usage = &objects.usages[i];
        const struct mapped_object *object = &snapshot->mappings.objects[usage->object];
        struct slice name = snapshot_text(snapshot, object->name);
        char key[4096 + 32];
        int length = snprintf(key, sizeof key, "%s %.*s", object_kind_word(usage->kind),
                              (int)(name.length_bytes < 4096 ? name.length_bytes : 4096), name.at);
        const struct trend_figure figure = {
            .part = TREND_OBJECTS,
            .key = {key, (size_t)length < sizeof key ? (size_t)length : sizeof key - 1},
            .name = name,
            .detail = slice_of(object_kind_word(usage->kind)),
            .bytes = to_signed(held_once(usage)),
            .noise_bytes = add_saturating(trend_noise_of_pages(snapshot, usage->mappings),
                                          diff_collectors_part(snapshot, &objects, usage)),
        };
        ok = trend_table_put(&trends->table, &figure, why);
    }
    objects_deinit(&objects);
    return ok;
}
