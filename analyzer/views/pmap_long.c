/* pmap --long: our own table, with the kind and the class of every mapping and their sums. */
#include "analyzer/views/pmap_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/views/maps_view.h"

struct long_rows {
    const struct pmap_report *report;
    const struct pmap_process *shown;
    char (*text)[24]; /* addresses of the rows */
};

struct long_sums {
    const struct mapping_sums *sums;
    const char *(*label)(const struct pmap_report *report, unsigned number);
    const struct pmap_report *report;
    const unsigned *chosen; /* numbers of kinds or classes that have mappings */
};

static const struct mapping *mapping_at(const void *report, size_t row)
{
    const struct long_rows *rows = report;
    return pmap_mapping(rows->report, rows->shown->process, row);
}

static const struct mapped_object *object_at(const void *report, size_t row)
{
    const struct long_rows *rows = report;
    return &rows->report->snapshot->mappings.objects[mapping_at(report, row)->object];
}

static const struct mapping_label *label_at(const void *report, size_t row)
{
    return &((const struct long_rows *)report)->shown->labels[row];
}

static struct cell field_cell(const void *report, size_t row, enum smaps_field field)
{
    const struct long_rows *rows = report;
    uint64_t value[SMAPS_FIELD_COUNT];
    if (!(rows->shown->process->smaps.present & SMAPS_BIT(field)))
        return (struct cell){.kind = CELL_ABSENT};
    mapping_values(&rows->report->snapshot->mappings, mapping_at(report, row), value);
    return cell_of_bytes(value[field]);
}

#define FIELD_CELL(name, field)                                                                    \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        return field_cell(report, row, SMAPS_##field);                                             \
    }

FIELD_CELL(size, SIZE)
FIELD_CELL(rss, RSS)
FIELD_CELL(pss, PSS)
FIELD_CELL(anonymous, ANONYMOUS)
FIELD_CELL(referenced, REFERENCED)
FIELD_CELL(swap, SWAP)
FIELD_CELL(swap_pss, SWAP_PSS)
FIELD_CELL(locked, LOCKED)
FIELD_CELL(thp, ANON_HUGE_PAGES)
FIELD_CELL(page, KERNEL_PAGE_SIZE)

static struct cell sum_of(const void *report, size_t row, enum smaps_field a, enum smaps_field b)
{
    struct cell first = field_cell(report, row, a), second = field_cell(report, row, b);
    if (first.kind == CELL_ABSENT || second.kind == CELL_ABSENT)
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_bytes(add_saturating(first.number, second.number));
}

static struct cell uss_cell(const void *report, size_t row)
{
    return sum_of(report, row, SMAPS_PRIVATE_CLEAN, SMAPS_PRIVATE_DIRTY);
}

static struct cell dirty_cell(const void *report, size_t row)
{
    return sum_of(report, row, SMAPS_SHARED_DIRTY, SMAPS_PRIVATE_DIRTY);
}

static struct cell hugetlb_cell(const void *report, size_t row)
{
    return sum_of(report, row, SMAPS_SHARED_HUGETLB, SMAPS_PRIVATE_HUGETLB);
}

static struct cell copied_cell(const void *report, size_t row)
{
    bool is_file = label_at(report, row)->kind == MAPPING_PRIVATE_FILE;
    return is_file ? anonymous_cell(report, row) : (struct cell){.kind = CELL_ABSENT};
}

static struct cell address_cell(const void *report, size_t row)
{
    return cell_of_text(((const struct long_rows *)report)->text[row]);
}

static struct cell offset_cell(const void *report, size_t row)
{
    return cell_of_bytes(mapping_at(report, row)->offset_bytes);
}

static struct cell mode_cell(const void *report, size_t row)
{
    return cell_of_text(mapping_mode(mapping_at(report, row)));
}

static struct cell inode_cell(const void *report, size_t row)
{
    return cell_of_number(object_at(report, row)->inode);
}

static struct cell kind_cell(const void *report, size_t row)
{
    return cell_of_text(mapping_kind_word((enum mapping_kind)label_at(report, row)->kind));
}

static struct cell class_cell(const void *report, size_t row)
{
    return cell_of_text(mapping_class_id(((const struct long_rows *)report)->report->classifier,
                                         label_at(report, row)->mapping_class));
}

static struct cell flags_cell(const void *report, size_t row)
{
    const struct long_rows *rows = report;
    uint32_t flags = mapping_at(report, row)->vm_flags;
    return flags ? cell_of_slice(snapshot_text(rows->report->snapshot, flags))
                 : (struct cell){.kind = CELL_ABSENT};
}

static struct cell name_cell(const void *report, size_t row)
{
    return cell_of_slice(snapshot_text(((const struct long_rows *)report)->report->snapshot,
                                       object_at(report, row)->name));
}

static const struct column columns[] = {
    {"address",    "ADDRESS",    "where it begins",                                      true,  address_cell   },
    {"size",       "SIZE",       "address space",                                        true,  size_cell      },
    {"rss",        "RSS",        "resident",                                             true,  rss_cell       },
    {"pss",        "PSS",        "resident, shared pages divided",                       true,  pss_cell       },
    {"uss",        "USS",        "resident and mapped by this process only",             true,  uss_cell       },
    {"dirty",      "DIRTY",      "written and not yet cleaned",                          true,  dirty_cell     },
    {"anon",       "ANON",       "resident pages that belong to no file",                true,  anonymous_cell },
    {"copied",     "COPIED",     "pages of a private file that were written, so copied", true,  copied_cell    },
    {"referenced", "REFERENCED", "marked as accessed",                                   true,  referenced_cell},
    {"swap",       "SWAP",       "swapped out",                                          true,  swap_cell      },
    {"swappss",    "SWAPPSS",    "swapped out, shared slots divided",                    true,  swap_pss_cell  },
    {"hugetlb",    "HUGETLB",    "huge pages",                                           true,  hugetlb_cell   },
    {"thp",        "THP",        "transparent huge pages",                               true,  thp_cell       },
    {"locked",     "LOCKED",     "locked in memory",                                     true,  locked_cell    },
    {"page",       "PAGE",       "page size of the kernel",                              true,  page_cell      },
    {"mode",       "MODE",       "permissions, private or shared",                       false, mode_cell      },
    {"kind",       "KIND",       "private-file, shared-file, private-anon, shared-anon", false, kind_cell      },
    {"class",      "CLASS",      "heap, stack, lib.text, ...: see the manual",           false, class_cell     },
    {"offset",     "OFFSET",     "where in the file",                                    true,  offset_cell    },
    {"inode",      "INODE",      "inode; of a SysV segment its shmid",                   true,  inode_cell     },
    {"flags",      "FLAGS",      "VmFlags, as the kernel prints them",                   false, flags_cell     },
    {"name",       "NAME",       "path or name as the kernel prints it",                 false, name_cell      },
};

const struct column *pmap_columns(size_t *count)
{
    *count = sizeof columns / sizeof columns[0];
    return columns;
}

static bool print_mappings(const struct pmap_report *report, const struct pmap_process *shown,
                           const struct view_options *options, struct failure *why)
{
    size_t count = shown->process->mapping_count;
    struct long_rows rows = {report, shown, calloc(count + 1, sizeof *rows.text)};
    struct table table = {.columns = columns,
                          .column_count = sizeof columns / sizeof columns[0],
                          .default_columns =
                              "address,size,rss,pss,uss,copied,swap,mode,kind,class,name",
                          .report = &rows,
                          .row_count = count};
    if (!rows.text)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < count; i++)
        snprintf(rows.text[i], sizeof rows.text[i], "%012" PRIx64, mapping_at(&rows, i)->start);
    bool ok = table_print(&table, &options->table, options->to, why);
    free(rows.text);
    return ok;
}

/* ---- sums by kind and by class -------------------------------------------------------------- */

static const struct mapping_sums *sums_at(const void *report, size_t row)
{
    const struct long_sums *sums = report;
    return &sums->sums[sums->chosen[row]];
}

#define SUM_CELL(name, member, field)                                                              \
    static struct cell sum_##name##_cell(const void *report, size_t row)                           \
    {                                                                                              \
        const struct mapping_sums *sums = sums_at(report, row);                                    \
        return sums->present & SMAPS_BIT(SMAPS_##field) ? cell_of_bytes(sums->member)              \
                                                        : (struct cell){.kind = CELL_ABSENT};      \
    }

SUM_CELL(size, size_bytes, SIZE)
SUM_CELL(rss, rss_bytes, RSS)
SUM_CELL(pss, pss_bytes, PSS)
SUM_CELL(uss, uss_bytes, PRIVATE_DIRTY)
SUM_CELL(copied, copied_bytes, ANONYMOUS)
SUM_CELL(swap, swap_bytes, SWAP)
SUM_CELL(hugetlb, hugetlb_bytes, PRIVATE_HUGETLB)

static struct cell sum_mappings_cell(const void *report, size_t row)
{
    return cell_of_number(sums_at(report, row)->mappings);
}

static struct cell sum_label_cell(const void *report, size_t row)
{
    const struct long_sums *sums = report;
    return cell_of_text(sums->label(sums->report, sums->chosen[row]));
}

static const struct column kind_columns[] = {
    {"kind",     "KIND",     "", false, sum_label_cell   },
    {"mappings", "MAPPINGS", "", true,  sum_mappings_cell},
    {"size",     "SIZE",     "", true,  sum_size_cell    },
    {"rss",      "RSS",      "", true,  sum_rss_cell     },
    {"pss",      "PSS",      "", true,  sum_pss_cell     },
    {"uss",      "USS",      "", true,  sum_uss_cell     },
    {"copied",   "COPIED",   "", true,  sum_copied_cell  },
    {"swap",     "SWAP",     "", true,  sum_swap_cell    },
    {"hugetlb",  "HUGETLB",  "", true,  sum_hugetlb_cell },
};

static const char *kind_label(const struct pmap_report *report, unsigned number)
{
    (void)report;
    return mapping_kind_word((enum mapping_kind)number);
}

static const char *class_label(const struct pmap_report *report, unsigned number)
{
    return mapping_class_id(report->classifier, number);
}

static bool print_sums(const struct pmap_report *report, const struct mapping_sums *sums,
                       unsigned count, bool classes, const struct view_options *options,
                       struct failure *why)
{
    enum { COLUMNS = sizeof kind_columns / sizeof kind_columns[0] };
    unsigned chosen[MAPPING_CLASSES_MAX];
    size_t rows = 0;
    struct column shown[COLUMNS];
    struct table_options table_options = {.unit = options->table.unit,
                                          .no_headings = options->table.no_headings,
                                          .width = options->table.width};
    for (unsigned i = 0; i < count; i++)
        if (sums[i].mappings)
            chosen[rows++] = i;
    memcpy(shown, kind_columns, sizeof shown);
    if (classes)
        shown[0].heading = "CLASS";
    struct long_sums report_of_sums = {sums, classes ? class_label : kind_label, report, chosen};
    struct table table = {.columns = shown,
                          .column_count = COLUMNS,
                          .default_sort = "pss",
                          .report = &report_of_sums,
                          .row_count = rows};
    fputc('\n', options->to);
    return table_print(&table, &table_options, options->to, why);
}

static bool print_totals(const struct pmap_report *report, const struct mapping_totals *totals,
                         const struct view_options *options, struct failure *why)
{
    return print_sums(report, totals->kinds, MAPPING_KIND_COUNT, false, options, why) &&
           print_sums(report, totals->classes, mapping_class_count(report->classifier), true,
                      options, why);
}

bool pmap_print_long(const struct pmap_report *report, const struct view_options *options,
                     struct failure *why)
{
    if (!options->table.no_headings)
        print_snapshot_heading(report->snapshot, options);
    for (size_t i = 0; i < report->count; i++) {
        const struct pmap_process *shown = &report->processes[i];
        if (!pmap_print_command(report, shown->process, options->to, why) ||
            !print_mappings(report, shown, options, why) ||
            (options->totals && !print_totals(report, &shown->totals, options, why)))
            return false;
    }
    if (!report->all)
        return true;
    fputs(report->count ? "\nAll of these:\n" : "All processes:\n", options->to);
    if (!print_totals(report, report->all, options, why))
        return false;
    if (report->unread)
        fprintf(options->to, "%" PRIu64 " processes were not read: what they map is missing here\n",
                report->unread);
    return true;
}
