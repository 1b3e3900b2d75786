#include "analyzer/account/set_members.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/account/kernel_holders.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/account/set_unread.h"
#include "analyzer/model/shared_address_space.h"

/* The set of all processes of each address space, or NO_SET when they are in several. */
static void find_spaces(const struct snapshot *snapshot, const uint32_t *set_of,
                        uint32_t *set_of_space)
{
    for (size_t i = 0; i < snapshot->process_count; i++) {
        uint32_t first = snapshot->processes[i].address_space;
        bool repeats = process_repeats_address_space(snapshot, i);
        set_of_space[i] = repeats ? NO_SET : set_of[i];
        if (repeats && set_of[i] != set_of[first - 1])
            set_of_space[first - 1] = NO_SET;
    }
}

static void find_places(const struct set_members *members)
{
    const struct shared_stretches *stretches = members->stretches;
    const struct snapshot *snapshot = stretches->snapshot;
    for (size_t i = 0; i < stretches->place_count; i++)
        members->set_of_place[i] = NO_SET;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        if (process_repeats_address_space(snapshot, i))
            continue;
        for (size_t j = 0; j < process->mapping_count; j++) {
            uint32_t object = snapshot->mappings.mappings[process->first_mapping + j].object;
            uint32_t *place = &members->set_of_place[stretches->place_of_object[object]];
            uint32_t here = members->set_of_space[i];
            if (here == NO_SET || (*place != NO_SET && *place != here))
                *place = PLACE_OF_MANY;
            else
                *place = here;
        }
    }
}

bool set_members_find(const struct shared_stretches *stretches, const uint32_t *set_of,
                      uint32_t sets, struct set_members *out)
{
    size_t processes = stretches->snapshot->process_count, places = stretches->place_count;
    struct set_members members = {.stretches = stretches, .sets = sets};
    if (!snapshot_page_size(stretches->snapshot, &members.page_bytes) || !members.page_bytes)
        members.page_bytes = 1;
    members.set_of_space = calloc(processes + 1, sizeof *members.set_of_space);
    members.set_of_place = malloc((places + 1) * sizeof *members.set_of_place);
    members.holders_of_place = file_holders_find(stretches, set_of);
    if (!members.set_of_space || !members.set_of_place || !members.holders_of_place) {
        set_members_deinit(&members);
        return false;
    }
    find_spaces(stretches->snapshot, set_of, members.set_of_space);
    if (!divided_spaces_find(stretches->snapshot, set_of, members.set_of_space, &members.divided)) {
        set_members_deinit(&members);
        return false;
    }
    find_places(&members);
    *out = members;
    return true;
}

void set_members_deinit(struct set_members *members)
{
    divided_spaces_deinit(&members->divided);
    free(members->set_of_space);
    free(members->set_of_place);
    free(members->holders_of_place);
    *members = (struct set_members){0};
}

/* Whether somebody outside a set has a mapping of what this object is, or may have. */
static bool place_mapped_elsewhere(const struct set_members *members, uint32_t object, uint32_t set)
{
    uint32_t place = members->stretches->place_of_object[object];
    return members->set_of_place[place] != set;
}

struct file_fate set_file_fate(const struct set_members *members, uint32_t object, uint32_t set)
{
    const struct snapshot *snapshot = members->stretches->snapshot;
    struct file_fate fate = file_fate_of(snapshot, &snapshot->mappings.objects[object]);
    uint32_t place = members->stretches->place_of_object[object];
    if (fate.fate != FATE_SHMEM)
        return fate;
    if (place_mapped_elsewhere(members, object, set))
        fate.life = LIFE_STAYS;
    else if (fate.life == LIFE_NOT_KNOWN)
        fate.life = file_life_without(&members->holders_of_place[place], set);
    return fate;
}

/* Mappings whose PSS was rounded: those with shared pages. */
static uint64_t rounded_mappings(const struct snapshot *snapshot, const struct process *process)
{
    const uint32_t shared = SMAPS_BIT(SMAPS_SHARED_CLEAN) | SMAPS_BIT(SMAPS_SHARED_DIRTY);
    uint64_t count = 0;
    for (size_t i = 0; i < process->mapping_count; i++)
        count += (snapshot->mappings.mappings[process->first_mapping + i].value_mask & shared) != 0;
    return count;
}

/* The rollup rounds once. It is of another moment, and says the same only if all else is equal. */
static bool rollup_agrees(const struct process *process)
{
    static const enum smaps_field same[] = {SMAPS_RSS, SMAPS_SHARED_CLEAN, SMAPS_SHARED_DIRTY,
                                            SMAPS_PRIVATE_CLEAN, SMAPS_PRIVATE_DIRTY};
    if (!(process->files & PROCESS_ROLLUP))
        return false;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (process->rollup.bytes[same[i]] != process->smaps.bytes[same[i]])
            return false;
    return process->rollup.bytes[SMAPS_PSS] >= process->smaps.bytes[SMAPS_PSS];
}

static struct byte_range exact_pss(const struct snapshot *snapshot, const struct process *process)
{
    const uint64_t *bytes = process->smaps.bytes;
    uint64_t printed = bytes[SMAPS_PSS];
    if (!(process->smaps.present & SMAPS_BIT(SMAPS_PSS)))
        return (struct byte_range){
            add_saturating(bytes[SMAPS_PRIVATE_CLEAN], bytes[SMAPS_PRIVATE_DIRTY]),
            bytes[SMAPS_RSS]};
    uint64_t hidden = multiply_saturating(rounded_mappings(snapshot, process), 1024);
    struct byte_range pss = {printed, add_saturating(printed, hidden)};
    if (rollup_agrees(process)) {
        uint64_t rollup = process->rollup.bytes[SMAPS_PSS];
        pss.low = rollup;
        pss.high = most(rollup, least(pss.high, add_saturating(rollup, 1024)));
    }
    pss.high = add_saturating(pss.high, bytes[SMAPS_RSS] >> 24);
    return pss;
}

/* Mapped by the set, but by others under the same address space: nothing of it ends with the set. Its
 * private pages are in no other address space; the shared ones may be those of another member. */
static void add_divided(const struct snapshot *snapshot, const struct process *process,
                        struct set_sharing *set)
{
    const uint64_t *bytes = process->smaps.bytes;
    uint64_t own = add_saturating(bytes[SMAPS_PRIVATE_CLEAN], bytes[SMAPS_PRIVATE_DIRTY]);
    uint64_t huge = add_saturating(bytes[SMAPS_SHARED_HUGETLB], bytes[SMAPS_PRIVATE_HUGETLB]);
    struct byte_range mapped = {add_saturating(own, bytes[SMAPS_PRIVATE_HUGETLB]),
                                add_saturating(bytes[SMAPS_RSS], huge)};
    set->address_spaces += process->mapping_count != 0;
    set->rss_bytes = add_saturating(set->rss_bytes, bytes[SMAPS_RSS]);
    set->uss_bytes = add_saturating(set->uss_bytes, own);
    range_add(&set->pss, exact_pss(snapshot, process));
    range_add(&set->footprint, mapped);
    range_add(&set->with_others, mapped);
}

static void add_known(struct amount *total, struct amount part)
{
    if (part.known)
        *total = amount_of(add_saturating(total->bytes, part.bytes));
}

/* Whether the set has the memory of an address space by its first process, whoever else lives in it. */
static bool first_stands_for(const struct set_members *members, size_t index, uint32_t number)
{
    const struct process *processes = members->stretches->snapshot->processes;
    uint32_t first = processes[index].address_space - 1;
    bool is_whole = processes[first].mapping_count && !(processes[first].files & PROCESS_SMAPS_CUT);
    return is_whole || members->set_of_space[first] == number;
}

static void add_member(const struct set_members *members, size_t index, uint32_t number,
                       struct amount stack_size, struct set_sharing *set)
{
    const struct snapshot *snapshot = members->stretches->snapshot;
    struct process_usage usage;
    process_usage_compute(snapshot, &snapshot->processes[index], &usage);
    process_usage_add_stacks(&usage, stack_size);
    set->processes++;
    if (process_usage_has_none(&usage))
        return;
    add_known(&set->kernel_stacks, usage.kernel_stacks);
    bool repeats = process_repeats_address_space(snapshot, index);
    bool alone = !repeats && members->set_of_space[index] == number;
    bool unread =
        usage.state != PROCESS_READ_STATE || (!usage.process->mapping_count && usage.rss.bytes);
    if (unread && !(repeats && first_stands_for(members, index, number)))
        set_unread_add(&usage, alone, set);
    if (!alone)
        return;
    add_known(&set->page_tables, usage.page_tables);
    if (!usage.process->mapping_count && !process_rollup_tells(usage.process)) {
        set->unread_spaces++;
        return;
    }
    set->address_spaces++;
    if (usage.process->mapping_count)
        range_add(&set->pss, exact_pss(snapshot, usage.process));
}

bool set_members_count(const struct set_members *members, const uint32_t *set_of,
                       struct set_sharing *results, struct failure *why)
{
    const struct snapshot *snapshot = members->stretches->snapshot;
    struct kernel_holders holders;
    if (!kernel_holders_compute(snapshot, &holders, why))
        return false;
    for (size_t i = 0; i < snapshot->process_count; i++)
        if (set_of[i] != NO_SET)
            add_member(members, i, set_of[i], holders.stack_size, &results[set_of[i]]);
    for (size_t i = 0; i < members->divided.count; i++) {
        const struct divided_space *divided = &members->divided.rows[i];
        add_divided(snapshot, &snapshot->processes[divided->first], &results[divided->set]);
    }
    kernel_holders_deinit(&holders);
    return true;
}
