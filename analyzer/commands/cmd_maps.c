#include "analyzer/base/cleanup.h"
#include "analyzer/commands/commands.h"
#include "analyzer/views/maps_view.h"

static bool passes(void *context, const struct snapshot *snapshot, const struct process *process)
{
    return process_passes(context, snapshot, process);
}

/* Objects that -M lets through; without -a only those that hold memory. */
static size_t choose(const struct request *request, const struct snapshot *snapshot,
                     const struct objects *objects, size_t *chosen)
{
    size_t count = 0;
    bool all = request->view.all || request->json;
    for (size_t i = 0; i < objects->count; i++) {
        const struct object_usage *usage = &objects->usages[i];
        const struct mapped_object *object = &snapshot->mappings.objects[usage->object];
        bool empty = !usage->rss_bytes && !usage->swap_bytes && !usage->hugetlb_bytes;
        if ((all || !empty) && filter_matches(&request->map, object_name(snapshot, object)))
            chosen[count++] = i;
    }
    return count;
}

static bool print(const struct request *request, const struct maps_report *report,
                  struct failure *why)
{
    return request->json ? maps_print_json(report, stdout, why)
                         : maps_print(report, &request->view, why);
}

static bool print_by_groups(const struct request *request, struct maps_report *report,
                            struct failure *why)
{
    struct process_groups groups = {0};
    struct object_groups parts = {0};
    bool ok = process_groups_compute(report->snapshot, request->group, &groups, why) &&
              object_groups_compute(report->snapshot, report->objects, report->chosen,
                                    report->count, &groups, &parts, why);
    report->groups = &groups;
    report->object_groups = &parts;
    ok = ok && print(request, report, why);
    report->groups = NULL;
    report->object_groups = NULL;
    object_groups_deinit(&parts);
    process_groups_deinit(&groups);
    return ok;
}

/* Families that -M lets through, and of which -P and -U choose a member. */
static size_t choose_families(const struct request *request, const struct snapshot *snapshot,
                              const struct anon_families *families, size_t *chosen)
{
    size_t count = 0;
    for (size_t i = 0; i < families->count; i++) {
        const struct anon_family *family = &families->families[i];
        bool member = false;
        for (size_t j = 0; j < family->member_count && !member; j++)
            member = process_passes(
                request, snapshot,
                &snapshot->processes[families->members[family->first_member + j].process]);
        const struct mapped_object *object = &snapshot->mappings.objects[family->object];
        if (member && filter_matches(&request->map, object_name(snapshot, object)))
            chosen[count++] = i;
    }
    return count;
}

static bool print_objects(const struct request *request, const struct snapshot *snapshot,
                          const struct objects *objects, const struct anon_families *families,
                          struct failure *why)
{
    AUTO_FREE size_t *chosen = malloc((objects->count + 1) * sizeof *chosen);
    AUTO_FREE size_t *chosen_families = malloc((families->count + 1) * sizeof *chosen_families);
    if (!chosen || !chosen_families)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    struct maps_report report = {.snapshot = snapshot,
                                 .objects = objects,
                                 .chosen = chosen,
                                 .families = families,
                                 .chosen_families = chosen_families};
    report.count = choose(request, snapshot, objects, chosen);
    report.family_count = choose_families(request, snapshot, families, chosen_families);
    return request->group ? print_by_groups(request, &report, why) : print(request, &report, why);
}

/* Stretches need room while families are looked for, and objects do not yet. */
static bool find_families(const struct snapshot *snapshot, struct anon_families *families,
                          struct failure *why)
{
    struct shared_stretches stretches;
    if (!shared_stretches_compute(snapshot, &stretches, why))
        return false;
    bool ok = anon_families_compute(&stretches, families, why);
    shared_stretches_deinit(&stretches);
    return ok;
}

int command_maps(struct request *request)
{
    struct failure why = {0};
    struct objects objects = {0};
    struct anon_families families = {0};
    struct snapshot *snapshot = request_load(request, 0, false, MAPPINGS_ALL);
    if (!snapshot)
        return STATUS_UNREADABLE;
    bool filtered = request->process.set || request->user.set;
    bool ok = find_families(snapshot, &families, &why) &&
              objects_compute(snapshot, filtered ? passes : NULL, request, &objects, &why);
    ok = ok && print_objects(request, snapshot, &objects, &families, &why);
    int status = finish_output(ok, snapshot->file, &why, STATUS_FINE);
    objects_deinit(&objects);
    anon_families_deinit(&families);
    snapshot_free(snapshot);
    return status;
}
