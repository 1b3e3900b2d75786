#include "analyzer/views/maps_view.h"

#include "analyzer/views/group_view.h"

#include <inttypes.h>

void maps_add_policies_json(struct json_document *document, struct json_node *node,
                            uint64_t pss_bytes, uint64_t rss_bytes, uint64_t owner_bytes,
                            uint64_t uss_bytes)
{
    struct json_node *policies = json_add_object(document, node, "policies");
    json_add_number(document, policies, "proportional_bytes", pss_bytes);
    json_add_number(document, policies, "full_bytes", rss_bytes);
    json_add_number(document, policies, "owner_bytes", owner_bytes);
    json_add_number(document, policies, "marginal_bytes", uss_bytes);
}

static void json_add_segment(struct json_document *document, struct json_node *node,
                             const struct sysv_segment *segment)
{
    char key[16];
    if (!segment) {
        json_add_null(document, node, "segment");
        return;
    }
    struct json_node *entry = json_add_object(document, node, "segment");
    snprintf(key, sizeof key, "0x%08" PRIx32, (uint32_t)segment->key);
    json_add_number(document, entry, "shmid", segment->shmid);
    json_add_text(document, entry, "key", key);
    json_add_number(document, entry, "size_bytes", segment->size_bytes);
    json_add_number(document, entry, "creator_pid", segment->creator_pid);
    json_add_number(document, entry, "creator_uid", segment->creator_uid);
    json_add_number(document, entry, "uid", segment->uid);
    json_add_number(document, entry, "attach_count", segment->attach_count);
}

static void json_add_cost(struct json_document *document, struct json_node *node,
                          const struct maps_report *report, const struct object_usage *usage,
                          const struct object_cost *cost)
{
    range_add_json(document, node, "resident", cost->resident);
    if (report->objects->hugetlb_told)
        range_add_json(document, node, "hugetlb", cost->huge);
    else
        json_add_null(document, node, "hugetlb");
    maps_add_policies_json(document, node, usage->pss_bytes, usage->rss_bytes, usage->pss_bytes,
                           usage->uss_bytes);
    if (cost->owner == NO_OWNER) {
        json_add_null(document, node, "owner");
    } else {
        struct json_node *owner = json_add_object(document, node, "owner");
        json_add_number(document, owner, "pid", report->snapshot->processes[cost->owner].pid);
        json_add_text(document, owner, "reason", cost->owner_is_creator ? "creator" : "first");
    }
    json_add_segment(document, node, cost->segment);
}

static void json_add_sharers(struct json_document *document, struct json_node *node,
                             const struct maps_report *report, const struct object_usage *usage,
                             const struct object_cost *cost)
{
    struct json_node *sharers = json_add_array(document, node, "sharers");
    for (size_t i = 0; i < usage->sharer_count; i++) {
        const struct object_sharer *sharer = &report->objects->sharers[usage->first_sharer + i];
        struct json_node *entry = json_add_object(document, sharers, NULL);
        json_add_number(document, entry, "pid", report->snapshot->processes[sharer->process].pid);
        json_add_number(document, entry, "rss_bytes", sharer->rss_bytes);
        json_add_number(document, entry, "pss_bytes", sharer->pss_bytes);
        json_add_number(document, entry, "uss_bytes", sharer->uss_bytes);
        json_add_number(document, entry, "swap_bytes", sharer->swap_bytes);
        json_add_amount(document, entry, "hugetlb_bytes",
                        maps_hugetlb(report, sharer->hugetlb_bytes));
        json_add_number(document, entry, "mappings", sharer->mappings);
        maps_add_policies_json(document, entry, sharer->pss_bytes, sharer->rss_bytes,
                               sharer->process == cost->owner ? usage->pss_bytes : 0,
                               sharer->uss_bytes);
    }
}

static void json_add_paths(struct json_document *document, struct json_node *node,
                           const struct maps_report *report, const struct object_usage *usage)
{
    struct json_node *paths = json_add_array(document, node, "paths");
    for (uint32_t object = usage->object; object != NO_OBJECT;
         object = report->objects->identities.next[object]) {
        struct slice name =
            snapshot_text(report->snapshot, report->snapshot->mappings.objects[object].name);
        if (name.length_bytes)
            json_add_slice(document, paths, NULL, name);
    }
}

static void json_add_usage(struct json_document *document, struct json_node *node,
                           const struct maps_report *report, size_t row)
{
    const struct object_usage *usage = &report->objects->usages[report->chosen[row]];
    const struct mapped_object *object = &report->snapshot->mappings.objects[usage->object];
    const struct object_cost cost = object_cost_of(report->snapshot, report->objects, usage);
    char device[32];
    snprintf(device, sizeof device, "%02" PRIx32 ":%02" PRIx32, object->device_major,
             object->device_minor);
    json_add_text(document, node, "kind", object_kind_word(usage->kind));
    json_add_slice(document, node, "name", snapshot_text(report->snapshot, object->name));
    json_add_text(document, node, "device", device);
    json_add_number(document, node, "inode", object->inode);
    json_add_paths(document, node, report, usage);
    json_add_bool(document, node, "deleted", usage->deleted);
    json_add_bool(document, node, "replaced", usage->replaced);
    json_add_number(document, node, "size_bytes", usage->size_bytes);
    json_add_number(document, node, "rss_bytes", usage->rss_bytes);
    json_add_number(document, node, "pss_bytes", usage->pss_bytes);
    json_add_number(document, node, "uss_bytes", usage->uss_bytes);
    json_add_number(document, node, "swap_bytes", usage->swap_bytes);
    json_add_amount(document, node, "hugetlb_bytes", maps_hugetlb(report, usage->hugetlb_bytes));
    json_add_number(document, node, "resident_bytes", usage->resident_bytes);
    json_add_text(document, node, "resident_grade",
                  report->objects->all_mappers_read ? "derived" : "bounded");
    json_add_number(document, node, "mappings", usage->mappings);
    json_add_cost(document, node, report, usage, &cost);
    json_add_sharers(document, node, report, usage, &cost);
    if (report->groups)
        maps_add_groups_json(document, node, report, report->chosen[row]);
}

bool maps_print_json(const struct maps_report *report, FILE *to, struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.maps/1");
    json_add_snapshot(&document, "snapshot", report->snapshot);
    json_add_bool(&document, document.root, "all_mappers_read", report->objects->all_mappers_read);
    json_add_bool(&document, document.root, "all_mappers_known",
                  report->objects->all_mappers_known);
    json_begin_rows(&document, "objects", to);
    for (size_t i = 0; i < report->count; i++)
        json_add_usage(&document, json_next_row(&document), report, i);
    maps_add_families_json(&document, report);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
