#include "analyzer/views/maps_view.h"

#include <inttypes.h>

struct slice object_name(const struct snapshot *snapshot, const struct mapped_object *object)
{
    struct slice name = snapshot_text(snapshot, object->name);
    return name.length_bytes ? name : SLICE("[anon]");
}

static const struct object_usage *usage_at(const void *report, size_t row)
{
    const struct maps_report *maps = report;
    return &maps->objects->usages[maps->chosen[row]];
}

static const struct mapped_object *object_at(const void *report, size_t row)
{
    const struct maps_report *maps = report;
    return &maps->snapshot->mappings.objects[usage_at(report, row)->object];
}

#define SIZE_CELL(name, member)                                                                    \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        return cell_of_bytes(usage_at(report, row)->member);                                       \
    }

SIZE_CELL(vss, size_bytes)
SIZE_CELL(rss, rss_bytes)
SIZE_CELL(pss, pss_bytes)
SIZE_CELL(uss, uss_bytes)
SIZE_CELL(swap, swap_bytes)
SIZE_CELL(hugetlb, hugetlb_bytes)
SIZE_CELL(resident, resident_bytes)

static struct cell kind_cell(const void *report, size_t row)
{
    return cell_of_text(object_kind_word(usage_at(report, row)->kind));
}

static struct cell name_cell(const void *report, size_t row)
{
    return cell_of_slice(
        object_name(((const struct maps_report *)report)->snapshot, object_at(report, row)));
}

static struct cell state_cell(const void *report, size_t row)
{
    const struct object_usage *usage = usage_at(report, row);
    return cell_of_text(usage->replaced ? "replaced" : usage->deleted ? "deleted" : NULL);
}

/* The next path of a file behind `object`; NO_OBJECT behind the last. */
static uint32_t path_behind(const struct maps_report *report, uint32_t object)
{
    return report->objects->identities.next[object];
}

static struct cell paths_cell(const void *report, size_t row)
{
    uint64_t count = 0;
    for (uint32_t object = usage_at(report, row)->object; object != NO_OBJECT; count++)
        object = path_behind(report, object);
    return cell_of_number(count);
}

static struct cell sharers_cell(const void *report, size_t row)
{
    return cell_of_number(usage_at(report, row)->sharer_count);
}

static struct cell maps_cell(const void *report, size_t row)
{
    return cell_of_number(usage_at(report, row)->mappings);
}

static struct cell inode_cell(const void *report, size_t row)
{
    return cell_of_number(object_at(report, row)->inode);
}

static struct cell average_pss_cell(const void *report, size_t row)
{
    const struct object_usage *usage = usage_at(report, row);
    return cell_of_bytes(usage->sharer_count ? usage->pss_bytes / usage->sharer_count : 0);
}

static const struct column columns[] = {
    {"kind",     "KIND",     "file, shmem, memfd, sysv, hugetlb, device, anon, heap, stack, special", false,
     kind_cell                                                                                                               },
    {"state",    "STATE",    "deleted; replaced: deleted, and another file has its path",             false,
     state_cell                                                                                                              },
    {"resident", "RESIDENT", "its pages once: the sum of PSS",                                        true,  resident_cell   },
    {"vss",      "VSS",      "address space, over all sharers",                                       true,  vss_cell        },
    {"rss",      "RSS",      "sum of RSS over all sharers",                                           true,  rss_cell        },
    {"pss",      "PSS",      "sum of PSS over all sharers",                                           true,  pss_cell        },
    {"uss",      "USS",      "mapped by one process only",                                            true,  uss_cell        },
    {"avgpss",   "AVGPSS",   "PSS a sharer",                                                          true,  average_pss_cell},
    {"swap",     "SWAP",     "swapped out, over all sharers",                                         true,  swap_cell       },
    {"hugetlb",  "HUGETLB",  "huge pages, shared ones in every sharer",                               true,  hugetlb_cell    },
    {"sharers",  "SHARERS",  "processes that map it",                                                 true,  sharers_cell    },
    {"maps",     "MAPS",     "number of mappings",                                                    true,  maps_cell       },
    {"inode",    "INODE",    "inode; of a SysV segment its shmid",                                    true,  inode_cell      },
    {"paths",    "PATHS",    "paths that it was seen under",                                          true,  paths_cell      },
    {"name",     "NAME",     "path or name as the kernel prints it",                                  false, name_cell       },
};

const struct column *maps_columns(size_t *count)
{
    *count = sizeof columns / sizeof columns[0];
    return columns;
}

static void print_sharers(const struct maps_report *report, const struct view_options *options)
{
    char rss[BYTE_TEXT_MAX], pss[BYTE_TEXT_MAX], uss[BYTE_TEXT_MAX];
    size_t count = report->count;
    if (options->table.rows && options->table.rows < count)
        count = options->table.rows;
    for (size_t i = 0; i < count; i++) {
        const struct object_usage *usage = usage_at(report, i);
        fputc('\n', options->to);
        print_escaped(options->to, object_name(report->snapshot, object_at(report, i)));
        fputs(":\n", options->to);
        for (uint32_t path = path_behind(report, usage->object); path != NO_OBJECT;
             path = path_behind(report, path)) {
            fputs("  also ", options->to);
            print_escaped(options->to,
                          object_name(report->snapshot, &report->snapshot->mappings.objects[path]));
            fputc('\n', options->to);
        }
        for (size_t j = 0; j < usage->sharer_count; j++) {
            const struct object_sharer *sharer = &report->objects->sharers[usage->first_sharer + j];
            const struct process *process = &report->snapshot->processes[sharer->process];
            fprintf(options->to, "  pid %" PRIu64 "  rss %s  pss %s  uss %s  ", process->pid,
                    format_bytes(rss, sharer->rss_bytes, options->table.unit),
                    format_bytes(pss, sharer->pss_bytes, options->table.unit),
                    format_bytes(uss, sharer->uss_bytes, options->table.unit));
            if (process->files & PROCESS_COMM)
                print_escaped(options->to, snapshot_text(report->snapshot, process->comm));
            fputc('\n', options->to);
        }
    }
}

bool maps_print(const struct maps_report *report, const struct view_options *options,
                struct failure *why)
{
    struct table table = {.columns = columns,
                          .column_count = sizeof columns / sizeof columns[0],
                          .default_columns = "kind,state,sharers,swap,hugetlb,uss,pss,rss,vss,name",
                          .default_sort = "pss",
                          .report = report,
                          .row_count = report->count};
    if (!options->table.no_headings)
        print_snapshot_heading(report->snapshot, options);
    if (!table_print(&table, &options->table, options->to, why))
        return false;
    if (options->sharers)
        print_sharers(report, options);
    if (!options->table.no_headings && !report->objects->all_mappers_read)
        fputs("Not every process was read: what they map is missing here (memtally info)\n",
              options->to);
    return true;
}

static void json_add_sharers(struct json_document *document, struct json_node *node,
                             const struct maps_report *report, const struct object_usage *usage)
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
        json_add_number(document, entry, "hugetlb_bytes", sharer->hugetlb_bytes);
        json_add_number(document, entry, "mappings", sharer->mappings);
    }
}

static void json_add_paths(struct json_document *document, struct json_node *node,
                           const struct maps_report *report, const struct object_usage *usage)
{
    struct json_node *paths = json_add_array(document, node, "paths");
    for (uint32_t object = usage->object; object != NO_OBJECT;
         object = path_behind(report, object)) {
        struct slice name =
            snapshot_text(report->snapshot, report->snapshot->mappings.objects[object].name);
        if (name.length_bytes)
            json_add_slice(document, paths, NULL, name);
    }
}

static void json_add_usage(struct json_document *document, struct json_node *node,
                           const struct maps_report *report, size_t row)
{
    const struct object_usage *usage = usage_at(report, row);
    const struct mapped_object *object = object_at(report, row);
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
    json_add_number(document, node, "hugetlb_bytes", usage->hugetlb_bytes);
    json_add_number(document, node, "resident_bytes", usage->resident_bytes);
    json_add_text(document, node, "resident_grade",
                  report->objects->all_mappers_read ? "derived" : "bounded");
    json_add_number(document, node, "mappings", usage->mappings);
    json_add_sharers(document, node, report, usage);
}

bool maps_print_json(const struct maps_report *report, FILE *to, struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.maps/1");
    json_add_snapshot(&document, "snapshot", report->snapshot);
    json_add_bool(&document, document.root, "all_mappers_read", report->objects->all_mappers_read);
    json_begin_rows(&document, "objects", to);
    for (size_t i = 0; i < report->count; i++)
        json_add_usage(&document, json_next_row(&document), report, i);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
