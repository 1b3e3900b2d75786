#include <inttypes.h>

#include "analyzer/views/group_view.h"
#include "analyzer/views/maps_view.h"

static const struct anon_family *family_at(const void *report, size_t row)
{
    const struct maps_report *maps = report;
    return &maps->families->families[maps->chosen_families[row]];
}

static const struct process *owner_at(const void *report, size_t row)
{
    const struct maps_report *maps = report;
    return &maps->snapshot->processes[family_at(report, row)->owner];
}

static struct slice family_name(const struct maps_report *report, const struct anon_family *family)
{
    return object_name(report->snapshot, &report->snapshot->mappings.objects[family->object]);
}

#define ROW_CELL(name, expression)                                                                 \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        const struct anon_family *family = family_at(report, row);                                 \
        return expression;                                                                         \
    }

ROW_CELL(sharers, cell_of_number(family->member_count))
ROW_CELL(swap, cell_of_bytes(family->sums.swap_bytes))
ROW_CELL(uss, cell_of_bytes(family->sums.uss_bytes))
ROW_CELL(pss, cell_of_bytes(family->sums.pss_bytes))
ROW_CELL(rss, cell_of_bytes(family->sums.rss_bytes))
ROW_CELL(low, cell_of_bytes(family->resident.low))
ROW_CELL(high, cell_of_bytes(family->resident.high))
ROW_CELL(name, cell_of_slice(family_name(report, family)))

static struct cell owner_cell(const void *report, size_t row)
{
    return cell_of_number(owner_at(report, row)->pid);
}

static struct cell comm_cell(const void *report, size_t row)
{
    const struct process *owner = owner_at(report, row);
    if (!(owner->files & PROCESS_COMM))
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_slice(
        snapshot_text(((const struct maps_report *)report)->snapshot, owner->comm));
}

static const struct column columns[] = {
    {"sharers", "SHARERS", "members: relatives that have it",      true,  sharers_cell},
    {"swap",    "SWAP",    "swapped out, over all members",        true,  swap_cell   },
    {"uss",     "USS",     "copies that one member has alone",     true,  uss_cell    },
    {"pss",     "PSS",     "sum of PSS over all members",          true,  pss_cell    },
    {"rss",     "RSS",     "sum of RSS over all members",          true,  rss_cell    },
    {"reslow",  "RESLOW",  "its pages once, at least",             true,  low_cell    },
    {"reshigh", "RESHIGH", "and at most",                          true,  high_cell   },
    {"owner",   "OWNER",   "the member that started first",        true,  owner_cell  },
    {"comm",    "COMM",    "its name",                             false, comm_cell   },
    {"name",    "NAME",    "of the mappings: [heap], [anon], ...", false, name_cell   },
};

static void print_members(const struct maps_report *report, const struct view_options *options)
{
    size_t count = report->family_count;
    if (options->table.rows && options->table.rows < count)
        count = options->table.rows;
    for (size_t i = 0; i < count; i++) {
        const struct anon_family *family = family_at(report, i);
        fputc('\n', options->to);
        print_escaped(options->to, family_name(report, family));
        fprintf(options->to, " of %" PRIu64 ", %" PRIx64 "-%" PRIx64 ":\n",
                owner_at(report, i)->pid, family->start, family->end);
        for (size_t j = 0; j < family->member_count; j++) {
            const struct family_member *member =
                &report->families->members[family->first_member + j];
            maps_print_sharer(report, options, member->process, member->sums.rss_bytes,
                              member->sums.pss_bytes, member->sums.uss_bytes);
        }
    }
}

bool maps_print_families(const struct maps_report *report, const struct view_options *options,
                         struct failure *why)
{
    struct table table = {.columns = columns,
                          .column_count = sizeof columns / sizeof columns[0],
                          .report = report,
                          .row_count = report->family_count};
    struct table_options own = options->table;
    if (!report->family_count)
        return true;
    own.sort = NULL; /* -s names columns of the first table */
    fputs(
        "\nFamilies: memory without a file that fork left to several processes; it is in the rows "
        "above, too\n",
        options->to);
    if (!table_print(&table, &own, options->to, why))
        return false;
    if (options->sharers)
        print_members(report, options);
    return true;
}

static void add_members_json(struct json_document *document, struct json_node *node,
                             const struct maps_report *report, const struct anon_family *family)
{
    struct json_node *sharers = json_add_array(document, node, "sharers");
    for (size_t i = 0; i < family->member_count; i++) {
        const struct family_member *member = &report->families->members[family->first_member + i];
        const struct family_sums *sums = &member->sums;
        struct json_node *entry = json_add_object(document, sharers, NULL);
        json_add_number(document, entry, "pid", report->snapshot->processes[member->process].pid);
        json_add_number(document, entry, "rss_bytes", sums->rss_bytes);
        json_add_number(document, entry, "pss_bytes", sums->pss_bytes);
        json_add_number(document, entry, "uss_bytes", sums->uss_bytes);
        json_add_number(document, entry, "swap_bytes", sums->swap_bytes);
        json_add_number(document, entry, "mappings", member->mappings);
        maps_add_policies_json(document, entry, sums->pss_bytes, sums->rss_bytes,
                               member->process == family->owner ? family->sums.pss_bytes : 0,
                               sums->uss_bytes);
    }
}

void maps_add_families_json(struct json_document *document, const struct maps_report *report)
{
    struct json_node *families = json_add_array(document, document->root, "families");
    for (size_t i = 0; i < report->family_count; i++) {
        const struct anon_family *family = family_at(report, i);
        const struct family_sums *sums = &family->sums;
        struct json_node *node = json_add_object(document, families, NULL);
        char range[40];
        snprintf(range, sizeof range, "%" PRIx64 "-%" PRIx64, family->start, family->end);
        json_add_slice(document, node, "name", family_name(report, family));
        json_add_text(document, node, "range", range);
        json_add_number(document, node, "stretches", family->places);
        json_add_number(document, node, "owner_pid", owner_at(report, i)->pid);
        json_add_number(document, node, "rss_bytes", sums->rss_bytes);
        json_add_number(document, node, "pss_bytes", sums->pss_bytes);
        json_add_number(document, node, "uss_bytes", sums->uss_bytes);
        json_add_number(document, node, "swap_bytes", sums->swap_bytes);
        range_add_json(document, node, "resident", family->resident);
        maps_add_policies_json(document, node, sums->pss_bytes, sums->rss_bytes, sums->pss_bytes,
                               sums->uss_bytes);
        add_members_json(document, node, report, family);
    }
}
