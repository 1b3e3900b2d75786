/* The diff's mappings of all processes. */
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/views/diff_parts_view.h"
#include "analyzer/views/maps_view.h"

#define ADDRESS_TEXT_MAX 20

struct mapping_row {
    const struct mapping_change *mapping;
    const struct process_change *process;
    char address[ADDRESS_TEXT_MAX]; /* where it begins */
};

struct mapping_report {
    const struct snapshot_diff *diff;
    struct mapping_row *rows; /* owned */
    size_t count;
};

static const struct mapping_row *mapping_at(const void *report, size_t row)
{
    return &((const struct mapping_report *)report)->rows[row];
}

static struct cell mapping_pss(const void *report, size_t row)
{
    return cell_of_change(mapping_at(report, row)->mapping->pss_change);
}

static struct cell mapping_before(const void *report, size_t row)
{
    const struct mapping_change *change = mapping_at(report, row)->mapping;
    return change->before ? cell_of_bytes(change->before_figures.pss_bytes) : cell_of_text(NULL);
}

static struct cell mapping_after(const void *report, size_t row)
{
    const struct mapping_change *change = mapping_at(report, row)->mapping;
    return change->after ? cell_of_bytes(change->after_figures.pss_bytes) : cell_of_text(NULL);
}

static struct cell mapping_growth(const void *report, size_t row)
{
    const struct mapping_change *change = mapping_at(report, row)->mapping;
    return diff_growth(change->pss_change, amount_of(change->before_figures.pss_bytes));
}

static struct cell mapping_share(const void *report, size_t row)
{
    const struct mapping_report *mappings = report;
    return diff_share_of(mappings->diff->waterfall, mapping_at(report, row)->mapping->pss_change);
}

static struct cell mapping_own(const void *report, size_t row)
{
    return cell_of_change(mapping_at(report, row)->mapping->uss_change);
}

static struct cell mapping_dirty(const void *report, size_t row)
{
    return cell_of_change(mapping_at(report, row)->mapping->private_dirty_change);
}

static struct cell mapping_swap(const void *report, size_t row)
{
    return cell_of_change(mapping_at(report, row)->mapping->swap_change);
}

static struct cell mapping_hugetlb(const void *report, size_t row)
{
    return cell_of_change(mapping_at(report, row)->mapping->hugetlb_change);
}

static struct cell mapping_rss(const void *report, size_t row)
{
    return cell_of_change(mapping_at(report, row)->mapping->rss_change);
}

static struct cell mapping_size(const void *report, size_t row)
{
    return cell_of_change(mapping_at(report, row)->mapping->size_change);
}

static struct cell mapping_status(const void *report, size_t row)
{
    return cell_of_text(mapping_status_word(mapping_at(report, row)->mapping->status));
}

static struct cell mapping_pid(const void *report, size_t row)
{
    return cell_of_number(diff_either(mapping_at(report, row)->process)->pid);
}

static const struct mapping *either(const struct mapping_change *change)
{
    return change->after ? change->after : change->before;
}

static struct cell mapping_address(const void *report, size_t row)
{
    return cell_of_text(mapping_at(report, row)->address);
}

static struct cell mapping_mode_cell(const void *report, size_t row)
{
    return cell_of_text(mapping_mode(either(mapping_at(report, row)->mapping)));
}

static struct cell mapping_name(const void *report, size_t row)
{
    const struct snapshot_diff *diff = ((const struct mapping_report *)report)->diff;
    const struct mapping_change *change = mapping_at(report, row)->mapping;
    const struct snapshot *snapshot = change->after ? diff->after : diff->before;
    return cell_of_slice(
        object_name(snapshot, &snapshot->mappings.objects[either(change)->object]));
}

static const struct column mapping_columns[] = {
    {"before",  "BEFORE",  "PSS",                                              true,  mapping_before   },
    {"after",   "AFTER",   "PSS",                                              true,  mapping_after    },
    {"change",  "CHANGE",  "of PSS",                                           true,  mapping_pss      },
    {"growth",  "%",       "change, of what was before",                       true,  mapping_growth   },
    {"share",   "SHARE%",  "change, of what free memory lost",                 true,  mapping_share    },
    {"own",     "OWN",     "change of USS: pages that the process alone maps", true,  mapping_own      },
    {"dirty",   "DIRTY",   "change of Private_Dirty",                          true,  mapping_dirty    },
    {"rss",     "RSS",     "change of RSS",                                    true,  mapping_rss      },
    {"swap",    "SWAP",    "change of swap",                                   true,  mapping_swap     },
    {"hugetlb", "HUGETLB", "change of its huge pages",                         true,  mapping_hugetlb  },
    {"vss",     "VSS",     "change of its size",                               true,  mapping_size     },
    {"status",  "STATUS",  "what became of it",                                false, mapping_status   },
    {"pid",     "PID",     "process",                                          true,  mapping_pid      },
    {"address", "ADDRESS", "where it begins",                                  true,  mapping_address  },
    {"mode",    "MODE",    "permissions, private or shared",                   false, mapping_mode_cell},
    {"name",    "MAPPING", "what it maps",                                     false, mapping_name     },
};

#define SCREEN_COLUMNS(huge) "before,after,change,growth,share,rss," huge "vss,status,pid,name"
#define LEVEL_COLUMNS(huge)                                                                        \
    "before,after,change,growth,share,own,dirty,rss,swap," huge "vss,status,pid,address,mode,name"

/* Huge pages have a column where they changed. */
static const char *columns_of(const struct mapping_report *report, bool is_screen)
{
    bool is_huge = false;
    for (size_t i = 0; i < report->count; i++)
        is_huge |= report->rows[i].mapping->hugetlb_change != 0;
    if (is_screen)
        return is_huge ? SCREEN_COLUMNS("hugetlb,") : SCREEN_COLUMNS("");
    return is_huge ? LEVEL_COLUMNS("hugetlb,") : LEVEL_COLUMNS("");
}

static int by_mapping_change(const void *a, const void *b)
{
    const struct mapping_change *left = ((const struct mapping_row *)a)->mapping;
    const struct mapping_change *right = ((const struct mapping_row *)b)->mapping;
    uint64_t x = diff_magnitude(left->pss_change), y = diff_magnitude(right->pss_change);
    if (x == y) {
        x = diff_magnitude(left->size_change);
        y = diff_magnitude(right->size_change);
    }
    if (x == y) /* one array: the address is the order in which they were found */
        return left < right ? -1 : left > right;
    return x > y ? -1 : 1;
}

static void add_rows(struct mapping_report *report, const struct process_change *process, bool all)
{
    for (size_t i = 0; i < process->mapping_count; i++) {
        const struct mapping_change *change = &report->diff->mappings[process->first_mapping + i];
        if (!all && !change->beyond_noise)
            continue;
        struct mapping_row *row = &report->rows[report->count++];
        *row = (struct mapping_row){.mapping = change, .process = process};
        snprintf(row->address, sizeof row->address, "%" PRIx64, either(change)->start);
    }
}

bool diff_print_mappings(const struct snapshot_diff *diff, const struct view_options *options,
                         struct failure *why)
{
    struct mapping_report report = {.diff = diff};
    report.rows = malloc((diff->mapping_count + 1) * sizeof *report.rows);
    if (!report.rows)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < diff->process_count; i++)
        add_rows(&report, &diff->processes[i], options->all);
    qsort(report.rows, report.count, sizeof *report.rows, by_mapping_change);
    bool ok = diff_print_part(DIFF_COLUMNS(mapping_columns),
                              columns_of(&report, options->diff_level == DIFF_SCREEN), &report,
                              report.count, options, why);
    free(report.rows);
    return ok;
}
