#include "analyzer/account/cgroup_usage.h"

#include <stdlib.h>

#include "analyzer/account/cgroup_figures.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/model/shared_address_space.h"
#include "analyzer/parse/text_cursor.h"

/* Up to so many pages a processor are not yet in memory.stat (MEMCG_CHARGE_BATCH, which is also the threshold below
 * which a reader does not fold them). */
#define LATE_PAGES_PER_CPU 64u

#define ROUNDING_BYTES 1024u /* figures of smaps and its rollup are cut to KiB */

#define CPUS_MAX 65536u /* in a range that the kernel prints */

/* LONG_MAX rounded down to pages of 64 KiB, the largest base page: no limit in v1 on 64 bits. */
#define V1_NO_LIMIT_BYTES UINT64_C(0x7fffffffffff0000)

static const char removed_suffix[] = " (deleted)";

static void add_members(struct cgroup_members *to, const struct cgroup_members *from)
{
    to->processes += from->processes;
    to->unread += from->unread;
    to->unread_rss_bytes = add_saturating(to->unread_rss_bytes, from->unread_rss_bytes);
    to->unread_rss_complete = to->unread_rss_complete && from->unread_rss_complete;
    to->split = to->split && from->split;
    to->pss_bytes = add_saturating(to->pss_bytes, from->pss_bytes);
    to->pss_anon_bytes = add_saturating(to->pss_anon_bytes, from->pss_anon_bytes);
    to->pss_file_bytes = add_saturating(to->pss_file_bytes, from->pss_file_bytes);
    to->pss_shmem_bytes = add_saturating(to->pss_shmem_bytes, from->pss_shmem_bytes);
    to->rounding_bytes = add_saturating(to->rounding_bytes, from->rounding_bytes);
    to->rollups += from->rollups;
}

static const struct cgroup_members nobody = {.unread_rss_complete = true, .split = true};

static bool has_rollup(const struct process *process)
{
    return (process->files & PROCESS_ROLLUP) && (process->rollup.present & SMAPS_BIT(SMAPS_PSS));
}

/* The rollup is rounded once, smaps once a mapping. */
static struct amount best_pss(const struct process *process, const struct process_usage *usage)
{
    if (has_rollup(process))
        return amount_of(process->rollup.bytes[SMAPS_PSS]);
    return usage->state == PROCESS_CUT_STATE ? AMOUNT_UNKNOWN : usage->pss;
}

/* One process as a set; false when it has no memory. */
static bool member_of(const struct snapshot *snapshot, const struct process *process,
                      struct cgroup_members *out)
{
    struct process_usage usage;
    process_usage_compute(snapshot, process, &usage);
    struct amount pss = best_pss(process, &usage);
    if (usage.state == PROCESS_KERNEL_THREAD_STATE || usage.state == PROCESS_ZOMBIE_STATE)
        return false;
    *out = nobody;
    out->processes = 1;
    if (!pss.known && usage.state == PROCESS_READ_STATE && !process->smaps.blocks) /* none mapped */
        return true;
    out->unread = !pss.known;
    struct amount rss = process_rss_at_most(&usage);
    out->unread_rss_bytes = pss.known ? 0 : rss.bytes;
    out->unread_rss_complete = pss.known || rss.known;
    out->split = pss.known && usage.pss_anon.known && usage.pss_file.known && usage.pss_shmem.known;
    out->pss_bytes = pss.bytes;
    out->pss_anon_bytes = usage.pss_anon.bytes;
    out->pss_file_bytes = usage.pss_file.bytes;
    out->pss_shmem_bytes = usage.pss_shmem.bytes;
    out->rollups = has_rollup(process);
    if (pss.known)
        out->rounding_bytes =
            multiply_saturating(out->rollups ? 1 : process->smaps.blocks, ROUNDING_BYTES);
    return true;
}

static void place_members(const struct snapshot *snapshot, struct cgroups *cgroups)
{
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        bool in_v1 = process->memory_cgroup_in_v1;
        struct cgroup_members member;
        if (!member_of(snapshot, process, &member))
            continue;
        if (process_repeats_address_space(snapshot, i)) { /* its memory counts with the first */
            member = nobody;
            member.processes = 1;
        }
        struct slice path = snapshot_text(snapshot, process->memory_cgroup);
        size_t node = CGROUP_NONE;
        if ((process->files & PROCESS_CGROUP) &&
            in_v1 == (cgroups->tree.version == CGROUP_VERSION_1))
            node = cgroup_tree_find(&cgroups->tree, path);
        add_members(&cgroups->all, &member);
        add_members(node == CGROUP_NONE ? &cgroups->unplaced : &cgroups->rows[node].own_members,
                    &member);
        cgroups->removed += node != CGROUP_NONE && slice_ends(path, SLICE(removed_suffix));
    }
}

/* What the processes of a set map in one class of pages, by their shares; and what is charged in that class. */
struct class_figures {
    struct amount charged;
    uint64_t pss_low_bytes, pss_high_bytes;
};

/* Over the mapped pages charged here or mapped from here, of each page the share f that processes here have in it:
 *   used_elsewhere    = sum of 1 - f over those charged here,
 *   charged_elsewhere = sum of f over those not charged here,
 *   and so charged - PSS = used_elsewhere - charged_elsewhere.
 * Neither is below 0; the first is not above what is charged, the second not above PSS. */
static void add_bounds(const struct class_figures *class, uint64_t error_bytes,
                       struct cgroup_usage *usage)
{
    uint64_t charged = class->charged.bytes;
    uint64_t most = add_saturating(charged, error_bytes);
    struct cgroup_interval *used = &usage->used_elsewhere, *from = &usage->charged_elsewhere;
    used->low.bytes =
        add_saturating(used->low.bytes, subtract_to_zero(subtract_to_zero(charged, error_bytes),
                                                         class->pss_high_bytes));
    used->high.bytes = add_saturating(used->high.bytes, most);
    from->low.bytes = add_saturating(from->low.bytes, subtract_to_zero(class->pss_low_bytes, most));
    from->high.bytes = add_saturating(from->high.bytes, class->pss_high_bytes);
}

/* By class where the rollups tell it, since a surplus of one cannot make up for another. */
static void bound(struct cgroup_usage *usage, struct amount error)
{
    const struct cgroup_members *members = &usage->members;
    struct amount anon = usage->total[CGROUP_FIGURE_ANON];
    struct amount mapped = usage->total[CGROUP_FIGURE_FILE_MAPPED];
    bool split = members->split && !members->unread;
    uint64_t file = add_saturating(members->pss_file_bytes, members->pss_shmem_bytes);
    uint64_t unread = members->unread_rss_bytes;
    uint64_t cut = multiply_saturating(members->rollups, ROUNDING_BYTES);
    struct class_figures classes[2] = {
        {anon,  members->pss_anon_bytes, add_saturating(members->pss_anon_bytes, cut) },
        { mapped, file,     add_saturating(file,                     add_saturating(cut, cut))},
    };
    if (usage->node->path.length_bytes == 0 || !anon.known || !mapped.known ||
        !members->unread_rss_complete)
        return;
    if (!split)
        classes[0] = (struct class_figures){
            amount_add(anon, mapped), members->pss_bytes,
            add_saturating(members->pss_bytes, add_saturating(members->rounding_bytes, unread))};
    for (unsigned i = 0; i < (split ? 2 : 1); i++)
        add_bounds(&classes[i], error.bytes, usage);
    usage->used_elsewhere.low.known = usage->used_elsewhere.high.known = true;
    usage->charged_elsewhere.low.known = usage->charged_elsewhere.high.known = true;
}

/* How many processors "0-3,8" lists; 0 when it is no such list. */
static uint64_t count_listed(struct slice list)
{
    uint64_t count = 0;
    for (bool more = list.length_bytes != 0; more;) {
        struct slice range = list, low, high;
        uint64_t first, last;
        more = split_at(list, ',', &range, &list);
        if (!split_at(range, '-', &low, &high))
            low = high = range;
        if (!parse_decimal(low, &first) || !parse_decimal(high, &last) || last < first ||
            last >= CPUS_MAX)
            return 0;
        count += last - first + 1;
    }
    return count;
}

/* Processors that have lists of free pages: those that are online. */
static uint64_t count_in_zones(const struct zoneinfo *zoneinfo)
{
    uint64_t count = 0;
    for (size_t i = 0; i < zoneinfo->count; i++)
        if (zoneinfo->zones[i].pcp_cpus > count)
            count = zoneinfo->zones[i].pcp_cpus;
    return count;
}

static struct amount counter_error(const struct snapshot *snapshot)
{
    const char *online = figure_text(snapshot, "sys/devices/system/cpu/online");
    uint64_t page_bytes, processors = online ? count_listed(slice_of(online)) : 0;
    if (!processors)
        processors = count_in_zones(&snapshot->system.now.zoneinfo);
    if (!processors || !snapshot_page_size(snapshot, &page_bytes))
        return AMOUNT_UNKNOWN;
    return amount_of(multiply_saturating(processors * LATE_PAGES_PER_CPU, page_bytes));
}

static struct amount v1_no_limit(const struct cgroup_tree *tree)
{
    struct amount root = AMOUNT_UNKNOWN;
    if (tree->count && tree->nodes[0].path.length_bytes == 0)
        root = cgroup_number(tree->nodes[0].cgroup, CGROUP_NUMBER_V1_LIMIT);
    return root.known && root.bytes < V1_NO_LIMIT_BYTES ? root : amount_of(V1_NO_LIMIT_BYTES);
}

/* From the leaves up, so that what is below a cgroup is known before it. */
static bool take_rows(struct cgroups *cgroups, struct failure *why)
{
    struct cgroup_tree *tree = &cgroups->tree;
    typedef struct amount figure_row[CGROUP_FIGURE_COUNT];
    AUTO_FREE figure_row *below = calloc(tree->count + 1, sizeof *below);
    if (!below)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    struct amount no_limit = v1_no_limit(tree);
    for (size_t i = tree->count; i-- > 0;) {
        struct cgroup_usage *usage = &cgroups->rows[i];
        const struct cgroup_node *node = &tree->nodes[i];
        cgroup_figures_take(node, usage, below[i], no_limit);
        add_members(&usage->members, &usage->own_members);
        bound(usage, cgroups->counter_error);
        if (node->parent == CGROUP_NONE)
            continue;
        add_members(&cgroups->rows[node->parent].members, &usage->members);
        for (unsigned j = 0; j < CGROUP_FIGURE_COUNT; j++) {
            struct amount *sum = &below[node->parent][j];
            if (usage->total[j].known)
                *sum = amount_of(add_saturating(sum->bytes, usage->total[j].bytes));
        }
    }
    return true;
}

bool cgroups_compute(const struct snapshot *snapshot, struct cgroups *out, struct failure *why)
{
    struct cgroups cgroups = {.unplaced = nobody, .all = nobody};
    if (!cgroup_tree_build(snapshot, &cgroups.tree, why))
        return false;
    cgroups.counter_error = counter_error(snapshot);
    cgroups.dying = cgroups_dying(snapshot, &cgroups.tree, &cgroups.dying_source);
    cgroups.rows = calloc(cgroups.tree.count + 1, sizeof *cgroups.rows);
    if (!cgroups.rows) {
        cgroups_deinit(&cgroups);
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    }
    for (size_t i = 0; i < cgroups.tree.count; i++) {
        cgroups.rows[i].node = &cgroups.tree.nodes[i];
        cgroups.rows[i].members = cgroups.rows[i].own_members = nobody;
    }
    place_members(snapshot, &cgroups);
    if (!take_rows(&cgroups, why)) {
        cgroups_deinit(&cgroups);
        return false;
    }
    *out = cgroups;
    return true;
}

void cgroups_deinit(struct cgroups *cgroups)
{
    cgroup_tree_deinit(&cgroups->tree);
    free(cgroups->rows);
    *cgroups = (struct cgroups){0};
}
