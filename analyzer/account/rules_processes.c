/* Rules over processes, their mappings, and shared memory. */
#include "analyzer/account/rule_table.h"

#include <string.h>

#include "analyzer/account/rule_functions.h"
#include "analyzer/base/checked_math.h"

#define TABLE_ENTRY_BYTES 8 /* for each page of a mapping; 4 on the smallest machines */

static bool is_shared_memory(enum object_kind kind)
{
    return kind == OBJECT_SYSV || kind == OBJECT_SHMEM || kind == OBJECT_MEMFD;
}

/* What the sharers need to map an object page by page. What they map as huge pages needs none. */
static uint64_t table_bytes(const struct rule_input *in, const struct object_usage *usage)
{
    const struct mapping_store *store = &in->snapshot->mappings;
    uint64_t values[SMAPS_FIELD_COUNT], huge = 0;
    for (size_t i = 0; i < store->count; i++) {
        const struct mapping *mapping = &store->mappings[i];
        if (in->objects.identities.first[mapping->object] != usage->object ||
            !(mapping->value_mask & SMAPS_BIT(SMAPS_SHMEM_PMD_MAPPED)))
            continue;
        mapping_values(store, mapping, values);
        huge = add_saturating(huge, values[SMAPS_SHMEM_PMD_MAPPED]);
    }
    return multiply_saturating(subtract_to_zero(usage->rss_bytes, huge) / in->page_bytes,
                               TABLE_ENTRY_BYTES);
}

void rule_segment_tables(const struct rule_input *in, const struct rule *rule,
                         struct rule_result *result)
{
    const struct object_usage *worst = NULL;
    if (!in->snapshot->mappings.count || !in->page_bytes) {
        rule_impossible(result, "no smaps in the bundle, or the page size is not known");
        return;
    }
    for (size_t i = 0; i < in->objects.count; i++) {
        const struct object_usage *usage = &in->objects.usages[i];
        if (is_shared_memory(usage->kind) && usage->sharer_count >= rule->second &&
            (!worst || usage->rss_bytes > worst->rss_bytes))
            worst = usage;
    }
    rule_judge_share(in, rule, result, "page tables", worst ? table_bytes(in, worst) : 0);
    if (!worst)
        return;
    struct slice name =
        snapshot_text(in->snapshot, in->snapshot->mappings.objects[worst->object].name);
    rule_bytes(result, "resident", worst->resident_bytes);
    rule_number(result, "sharers", worst->sharer_count);
    rule_say(result, "%.*s", (int)(name.length_bytes > 200 ? 200 : name.length_bytes), name.at);
}

/* Where mounts or mappings could not be looked at, their shared memory would pass for nobody's. */
void rule_shmem_unowned(const struct rule_input *in, const struct rule *rule,
                        struct rule_result *result)
{
    const struct ledger_line *other =
        in->ledger ? ledger_find(in->ledger, "user.shmem.other") : NULL;
    uint64_t shmem;
    if (!rule_meminfo(in, MEMINFO_SHMEM, &shmem) || !in->shared.has_mounts ||
        !in->shared.has_mappings) {
        rule_impossible(result, "no Shmem, or what would tell its owners is not in the bundle: "
                                "derived/statfs, smaps");
        return;
    }
    rule_judge_share(in, rule, result, "Shmem without owner",
                     other ? other->bytes : subtract_to_zero(shmem, in->shared.resident_bytes));
    rule_bytes(result, "Shmem", shmem);
}

void rule_segments_orphaned(const struct rule_input *in, const struct rule *rule,
                            struct rule_result *result)
{
    const struct sysvipc_shm *shm = &in->snapshot->system.shm;
    uint64_t bytes = 0, count = 0;
    if (!in->snapshot->system.has_shm) {
        rule_impossible(result, "no sysvipc/shm in the bundle");
        return;
    }
    for (size_t i = 0; i < shm->count; i++) {
        const struct sysv_segment *segment = &shm->segments[i];
        if (segment->attach_count)
            continue;
        count++;
        bytes = add_saturating(bytes, segment->has_rss
                                          ? add_saturating(segment->rss_bytes, segment->swap_bytes)
                                          : segment->size_bytes);
    }
    rule_judge_share(in, rule, result, "segments without attachment", bytes);
    rule_number(result, "segments", count);
}

/* Programs that write code to a file of their own and delete it at once do so in these. */
static bool is_scratch(struct slice name)
{
    return slice_starts(name, SLICE("/tmp/")) || slice_starts(name, SLICE("/var/tmp/")) ||
           slice_starts(name, SLICE("/run/")) || slice_starts(name, SLICE("/dev/"));
}

void rule_deleted_mapped(const struct rule_input *in, const struct rule *rule,
                         struct rule_result *result)
{
    const struct snapshot *snapshot = in->snapshot;
    uint64_t files = 0, bytes = 0, sharers = 0;
    struct slice largest = {0};
    if (!snapshot->mappings.count) {
        rule_impossible(result, "no smaps in the bundle");
        return;
    }
    for (size_t i = 0; i < in->objects.count; i++) {
        const struct object_usage *usage = &in->objects.usages[i];
        struct slice name = snapshot_text(snapshot, snapshot->mappings.objects[usage->object].name);
        if (!usage->deleted || usage->kind != OBJECT_FILE || !in->executed[usage->object] ||
            is_scratch(name))
            continue;
        if (!files++)
            largest = name;
        bytes = add_saturating(bytes, usage->resident_bytes);
        sharers = usage->sharer_count > sharers ? usage->sharer_count : sharers;
    }
    rule_number(result, "files", files);
    rule_bytes(result, "resident", bytes);
    rule_number(result, "most sharers", sharers);
    if (files)
        rule_say(result, "%.*s", (int)(largest.length_bytes > 200 ? 200 : largest.length_bytes),
                 largest.at);
    rule_judge(result, files > rule->limit);
}

static bool was_missed(enum process_read_state state)
{
    return state == PROCESS_REFUSED_STATE || state == PROCESS_TIMED_OUT_STATE ||
           state == PROCESS_CUT_STATE || state == PROCESS_ABSENT_STATE ||
           state == PROCESS_FAILED_STATE;
}

/* What vanished had ended: it is no gap of the snapshot. */
void rule_coverage(const struct rule_input *in, const struct rule *rule, struct rule_result *result)
{
    uint64_t missed = 0, missed_bytes = 0;
    if (!in->totals.processes) {
        rule_impossible(result, "no process in the bundle");
        return;
    }
    for (size_t i = 0; i < in->snapshot->process_count; i++) {
        struct process_usage usage;
        process_usage_compute(in->snapshot, &in->snapshot->processes[i], &usage);
        if (usage.pss.known || !was_missed(usage.state))
            continue;
        missed++;
        missed_bytes = add_saturating(missed_bytes, usage.rss.bytes);
    }
    rule_number(result, "processes not read", missed);
    rule_bytes(result, "their RSS", missed_bytes);
    rule_percent(result, "of all RSS", missed_bytes, in->totals.rss.bytes);
    if (!in->snapshot->complete)
        rule_say(result, "the bundle is cut or damaged");
    bool is_much = rule_share_above(missed_bytes, in->totals.rss.bytes, rule->limit) &&
                   missed_bytes > rule->floor_mib << 20;
    rule_judge(result, !in->snapshot->complete || is_much);
}
