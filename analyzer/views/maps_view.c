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
SIZE_CELL(resident, resident_bytes)

struct amount maps_hugetlb(const struct maps_report *report, uint64_t hugetlb_bytes)
{
    return report->objects->hugetlb_told ? amount_of(hugetlb_bytes) : AMOUNT_UNKNOWN;
}

static struct cell hugetlb_cell(const void *report, size_t row)
{
    return cell_of_amount(maps_hugetlb(report, usage_at(report, row)->hugetlb_bytes));
}

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

static struct object_cost cost_at(const void *report, size_t row)
{
    const struct maps_report *maps = report;
    return object_cost_of(maps->snapshot, maps->objects, usage_at(report, row));
}

static struct cell huge_low_cell(const void *report, size_t row)
{
    return cell_of_amount(maps_hugetlb(report, cost_at(report, row).huge.low));
}

static struct cell huge_high_cell(const void *report, size_t row)
{
    return cell_of_amount(maps_hugetlb(report, cost_at(report, row).huge.high));
}

static struct cell resident_low_cell(const void *report, size_t row)
{
    return cell_of_bytes(cost_at(report, row).resident.low);
}

static struct cell resident_high_cell(const void *report, size_t row)
{
    return cell_of_bytes(cost_at(report, row).resident.high);
}

static struct cell owner_cell(const void *report, size_t row)
{
    size_t owner = cost_at(report, row).owner;
    if (owner == NO_OWNER)
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_number(((const struct maps_report *)report)->snapshot->processes[owner].pid);
}

/* Numbers of a segment of System V; absent for all else. */
#define SEGMENT_CELL(name, member)                                                                 \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        const struct sysv_segment *segment = cost_at(report, row).segment;                         \
        return segment ? cell_of_number(segment->member) : (struct cell){.kind = CELL_ABSENT};     \
    }

SEGMENT_CELL(shmid, shmid)
SEGMENT_CELL(creator, creator_pid)
SEGMENT_CELL(attached, attach_count)
SEGMENT_CELL(segment_uid, uid)

static struct cell average_pss_cell(const void *report, size_t row)
{
    const struct object_usage *usage = usage_at(report, row);
    return cell_of_bytes(usage->sharer_count ? usage->pss_bytes / usage->sharer_count : 0);
}

static const struct column columns[] = {
    {"kind",     "KIND",     "file, shmem, memfd, sysv, hugetlb, device, anon, heap, stack, special", false,
     kind_cell                                                                                                                 },
    {"state",    "STATE",    "deleted; replaced: deleted, and another file has its path",             false,
     state_cell                                                                                                                },
    {"resident", "RESIDENT", "its pages once: the sum of PSS",                                        true,  resident_cell     },
    {"vss",      "VSS",      "address space, over all sharers",                                       true,  vss_cell          },
    {"rss",      "RSS",      "sum of RSS over all sharers",                                           true,  rss_cell          },
    {"pss",      "PSS",      "sum of PSS over all sharers",                                           true,  pss_cell          },
    {"uss",      "USS",      "mapped by one process only",                                            true,  uss_cell          },
    {"avgpss",   "AVGPSS",   "PSS a sharer",                                                          true,  average_pss_cell  },
    {"swap",     "SWAP",     "swapped out, over all sharers",                                         true,  swap_cell         },
    {"hugetlb",  "HUGETLB",  "huge pages, shared ones in every sharer",                               true,  hugetlb_cell      },
    {"sharers",  "SHARERS",  "processes that map it",                                                 true,  sharers_cell      },
    {"maps",     "MAPS",     "number of mappings",                                                    true,  maps_cell         },
    {"inode",    "INODE",    "inode; of a SysV segment its shmid",                                    true,  inode_cell        },
    {"hugelow",  "HUGELOW",  "huge pages once, at least",                                             true,  huge_low_cell     },
    {"hugehigh", "HUGEHIGH", "and at most",                                                           true,  huge_high_cell    },
    {"reslow",   "RESLOW",   "its pages once, at least",                                              true,  resident_low_cell },
    {"reshigh",  "RESHIGH",  "and at most",                                                           true,  resident_high_cell},
    {"owner",    "OWNER",    "creator of a segment, else the sharer that started first",              true,
     owner_cell                                                                                                                },
    {"shmid",    "SHMID",    "of a SysV segment that sysvipc/shm lists",                              true,  shmid_cell        },
    {"creator",  "CREATOR",  "PID that made the segment",                                             true,  creator_cell      },
    {"attached", "ATTACHED", "times that the segment is attached",                                    true,  attached_cell     },
    {"shmuid",   "SHMUID",   "owner of the segment, a number",                                        true,  segment_uid_cell  },
    {"paths",    "PATHS",    "paths that it was seen under",                                          true,  paths_cell        },
    {"name",     "NAME",     "path or name as the kernel prints it",                                  false, name_cell         },
};

const struct column *maps_columns(size_t *count)
{
    *count = sizeof columns / sizeof columns[0];
    return columns;
}

static void print_segment(const struct sysv_segment *segment, FILE *to)
{
    if (segment)
        fprintf(to,
                "  shmid %" PRIu64 "  key 0x%08" PRIx32 "  made by pid %" PRIu64 " uid %" PRIu64
                "  uid %" PRIu64 "  attached %" PRIu64 "\n",
                segment->shmid, (uint32_t)segment->key, segment->creator_pid, segment->creator_uid,
                segment->uid, segment->attach_count);
}

void maps_print_sharer(const struct maps_report *report, const struct view_options *options,
                       uint32_t process, uint64_t rss_bytes, uint64_t pss_bytes, uint64_t uss_bytes)
{
    char rss[BYTE_TEXT_MAX], pss[BYTE_TEXT_MAX], uss[BYTE_TEXT_MAX];
    const struct process *who = &report->snapshot->processes[process];
    fprintf(options->to, "  pid %" PRIu64 "  rss %s  pss %s  uss %s  ", who->pid,
            format_bytes(rss, rss_bytes, options->table.unit),
            format_bytes(pss, pss_bytes, options->table.unit),
            format_bytes(uss, uss_bytes, options->table.unit));
    if (who->files & PROCESS_COMM)
        print_escaped(options->to, snapshot_text(report->snapshot, who->comm));
    fputc('\n', options->to);
}

static void print_sharers(const struct maps_report *report, const struct view_options *options)
{
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
        print_segment(object_cost_of(report->snapshot, report->objects, usage).segment,
                      options->to);
        for (size_t j = 0; j < usage->sharer_count; j++) {
            const struct object_sharer *sharer = &report->objects->sharers[usage->first_sharer + j];
            maps_print_sharer(report, options, sharer->process, sharer->rss_bytes,
                              sharer->pss_bytes, sharer->uss_bytes);
        }
    }
}

static const char *coverage_words(const struct objects *objects)
{
    if (!objects->all_mappers_read)
        return "Not every process was read: what they map is missing here (memtally info)\n";
    if (!objects->count)
        return "";
    if (!objects->all_mappers_known)
        return "All that was seen was read, but processes may be hidden: PSS may be too low\n";
    return "Every mapper was read: PSS is each object's pages once, but for its rounding\n";
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
    if (!(report->groups ? maps_print_groups(report, options, why)
                         : table_print(&table, &options->table, options->to, why)))
        return false;
    if (options->sharers)
        print_sharers(report, options);
    /* Whoever chose columns or left headings out wants the one table. */
    if (!options->table.no_headings && !options->table.columns && !report->groups &&
        !maps_print_families(report, options, why))
        return false;
    if (!options->table.no_headings)
        fputs(coverage_words(report->objects), options->to);
    return true;
}
