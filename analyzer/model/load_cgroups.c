#include "analyzer/model/load_cgroups.h"

/* The kernel gives at most 65,535 ids to cgroups with memory (MEM_CGROUP_ID_MAX); as many again may be
 * there without the controller. */
#define CGROUPS_MAX 131072u

static const struct slice cgroup_root = {"sys/fs/cgroup/", 14};

typedef bool (*cgroup_handler)(struct cgroup *cgroup, struct slice text, struct failure *why);

static bool take_stat(struct cgroup *cgroup, struct slice text, struct failure *why)
{
    struct field_record record;
    if (!cgroup_stat_parse(text, &record, &cgroup->stat_version, why))
        return false;
    cgroup->stats = 0;
    for (unsigned i = 0; i < CGROUP_STAT_CAPACITY; i++) {
        cgroup->stat[i] = record.value[i];
        cgroup->stats |= (uint32_t)record.present[i] << i;
    }
    field_record_deinit(&record);
    return true;
}

static bool take_events(struct cgroup *cgroup, struct slice text, struct failure *why)
{
    struct field_record record;
    if (!cgroup_events_parse(text, &record, why))
        return false;
    cgroup->events = 0;
    for (unsigned i = 0; i < CGROUP_EVENT_COUNT; i++) {
        cgroup->event[i] = record.value[i];
        cgroup->events |= (uint32_t)record.present[i] << i;
    }
    field_record_deinit(&record);
    return true;
}

static bool take_counts(struct cgroup *cgroup, struct slice text, struct failure *why)
{
    struct cgroup_counts counts;
    if (!cgroup_counts_parse(text, &counts, why))
        return false;
    cgroup->descendants = amount_of(counts.descendants);
    cgroup->dying = counts.has_dying ? amount_of(counts.dying) : AMOUNT_UNKNOWN;
    return true;
}

static bool take_number(struct cgroup *cgroup, enum cgroup_number number, struct slice text,
                        struct failure *why)
{
    bool is_max;
    if (!cgroup_number_parse(text, &cgroup->number[number], &is_max, why))
        return false;
    cgroup->numbers |= 1u << number;
    cgroup->unlimited &= ~(1u << number);
    cgroup->unlimited |= (uint32_t)is_max << number;
    return true;
}

struct cgroup_file {
    const char *name;
    cgroup_handler take; /* NULL: a number */
    enum cgroup_number number;
};

#define CGROUP_FILE(constant, file, version) {file, NULL, CGROUP_NUMBER_##constant},

/* clang-format off */
static const struct cgroup_file files[] = {
    {"memory.stat", take_stat, 0},
    {"memory.events", take_events, 0},
    {"cgroup.stat", take_counts, 0},
    CGROUP_NUMBERS(CGROUP_FILE)
};
/* clang-format on */

/* "sys/fs/cgroup/a/memory.stat" -> "sys/fs/cgroup/a"; NULL when this file is not one of ours. */
static const struct cgroup_file *find_file(struct slice path, struct slice *folder)
{
    if (!slice_starts(path, cgroup_root))
        return NULL;
    size_t slash = path.length_bytes;
    while (path.at[slash - 1] != '/')
        slash--;
    *folder = (struct slice){path.at, slash - 1};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (slice_equal(slice_skip(path, slash), slice_of(files[i].name)))
            return &files[i];
    return NULL;
}

bool cgroup_member_wanted(struct slice path)
{
    struct slice folder;
    return find_file(path, &folder) != NULL;
}

bool load_cgroup_member(struct loader *loader, const struct member_path *path, struct slice text,
                        struct failure *why)
{
    struct snapshot *snapshot = loader->snapshot;
    struct cgroup_table *cgroups = &snapshot->cgroups;
    struct slice folder = {0};
    uint32_t id;
    const struct cgroup_file *file = find_file(path->whole, &folder);
    if (!string_pool_add(&snapshot->strings, folder, &id))
        return OUT_OF_MEMORY(why);
    if (cgroups->count >= CGROUPS_MAX)
        return failure_set(why, FAILURE_LIMIT, 0, "more than %u cgroups", CGROUPS_MAX - 1);
    struct cgroup *cgroup = cgroup_table_row(cgroups, id);
    if (!cgroup)
        return OUT_OF_MEMORY(why);
    return file->take ? file->take(cgroup, text, why)
                      : take_number(cgroup, file->number, text, why);
}

bool load_proc_cgroups(struct loader *loader, const struct member_path *path, struct slice text,
                       struct failure *why)
{
    (void)path;
    struct proc_cgroups *to = &loader->snapshot->system.proc_cgroups;
    return proc_cgroups_parse(text, to, why);
}
