#pragma once

#include "analyzer/account/anon_families.h"
#include "analyzer/account/object_groups.h"
#include "analyzer/views/json.h"
#include "analyzer/views/views.h"

struct maps_report {
    const struct snapshot *snapshot;
    const struct objects *objects;
    const size_t *chosen; /* indexes into objects->usages that passed the filters */
    size_t count;
    const struct anon_families *families;
    const size_t *chosen_families; /* indexes into families->families, as `chosen` */
    size_t family_count;
    const struct process_groups *groups;       /* with --group, else NULL */
    const struct object_groups *object_groups; /* of these and the chosen usages */
};

bool maps_print(const struct maps_report *report, const struct view_options *options,
                struct failure *why);
bool maps_print_json(const struct maps_report *report, FILE *to, struct failure *why);

/* Parts, in a file of their own: with --group, a row an object and group; groups[] of one object. */
bool maps_print_groups(const struct maps_report *report, const struct view_options *options,
                       struct failure *why);
void maps_add_groups_json(struct json_document *document, struct json_node *node,
                          const struct maps_report *report, size_t usage);

/* Parts, too: a row a family, members with --sharers; families[]. */
bool maps_print_families(const struct maps_report *report, const struct view_options *options,
                         struct failure *why);
void maps_add_families_json(struct json_document *document, const struct maps_report *report);

/* A line of --sharers. */
void maps_print_sharer(const struct maps_report *report, const struct view_options *options,
                       uint32_t process, uint64_t rss_bytes, uint64_t pss_bytes,
                       uint64_t uss_bytes);

/* To whom memory is counted. Huge pages are in none of these, as in RSS. */
void maps_add_policies_json(struct json_document *document, struct json_node *node,
                            uint64_t pss_bytes, uint64_t rss_bytes, uint64_t owner_bytes,
                            uint64_t uss_bytes);

const struct column *maps_columns(size_t *count);

/* Huge pages of an object; unknown where smaps does not tell them. */
struct amount maps_hugetlb(const struct maps_report *report, uint64_t hugetlb_bytes);

/* The object's name for people: "[anon]" for memory without one. */
struct slice object_name(const struct snapshot *snapshot, const struct mapped_object *object);
