/* The diff as text: the ledger's changes, then the culprits. */
#include "analyzer/views/diff_view.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/views/maps_view.h"

/* So that the ledger's largest changes, the process and the mapping that grew most stand within the
 * first 24 lines; -n and -a show more. */
#define ROWS_OF_LEDGER   8
#define ROWS_A_PART      5
#define LEDGER_DEPTH_MAX 3

/* Rows picked out of one of the diff's lists. */
struct picked {
    const struct snapshot_diff *diff;
    size_t *rows; /* owned */
    size_t count;
};

static bool picked_init(struct picked *picked, const struct snapshot_diff *diff, size_t most)
{
    *picked = (struct picked){.diff = diff, .rows = malloc((most + 1) * sizeof *picked->rows)};
    return picked->rows != NULL;
}

/* Ledger lines in the order of printing, with their labels indented by depth. */
struct ledger_rows {
    const struct snapshot_diff *diff;
    size_t rows[2 * LEDGER_LINES_MAX + 2];
    char labels[2 * LEDGER_LINES_MAX + 2][80];
    size_t count;
};

static const struct ledger_change *ledger_at(const void *report, size_t row)
{
    const struct ledger_rows *rows = report;
    return &rows->diff->ledger[rows->rows[row]];
}

static struct cell signed_cell(int64_t value)
{
    return value < 0 ? cell_of_change(value) : cell_of_bytes((uint64_t)value);
}

static struct cell ledger_before(const void *report, size_t row)
{
    const struct ledger_change *change = ledger_at(report, row);
    return change->before.known ? signed_cell(change->before_signed) : cell_of_text(NULL);
}

static struct cell ledger_after(const void *report, size_t row)
{
    const struct ledger_change *change = ledger_at(report, row);
    return change->after.known ? signed_cell(change->after_signed) : cell_of_text(NULL);
}

static struct cell ledger_change_cell(const void *report, size_t row)
{
    return cell_of_change(ledger_at(report, row)->change_bytes);
}

static struct cell ledger_label(const void *report, size_t row)
{
    return cell_of_text(((const struct ledger_rows *)report)->labels[row]);
}

static struct cell ledger_id(const void *report, size_t row)
{
    return cell_of_text(ledger_at(report, row)->id);
}

static const struct column ledger_columns[] = {
    {"change", "CHANGE", "after - before",          true,  ledger_change_cell},
    {"before", "BEFORE", "earlier bundle",          true,  ledger_before     },
    {"after",  "AFTER",  "later bundle",            true,  ledger_after      },
    {"id",     "ID",     "stable name of the line", false, ledger_id         },
    {"line",   "LEDGER", "what it is",              false, ledger_label      },
};

static const struct process_change *process_at(const void *report, size_t row)
{
    const struct picked *picked = report;
    return &picked->diff->processes[picked->rows[row]];
}

static struct cell process_change_cell(const void *report, size_t row)
{
    return cell_of_change(process_at(report, row)->change_bytes);
}

static struct cell process_before(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    return change->before.process ? cell_of_amount(change->before.pss) : cell_of_text(NULL);
}

static struct cell process_after(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    return change->after.process ? cell_of_amount(change->after.pss) : cell_of_text(NULL);
}

static struct cell process_rss(const void *report, size_t row)
{
    return cell_of_change(process_at(report, row)->rss_change);
}

static struct cell process_swap(const void *report, size_t row)
{
    return cell_of_change(process_at(report, row)->swap_change);
}

static const struct process *either(const struct process_change *change)
{
    return change->after.process ? change->after.process : change->before.process;
}

static struct cell process_pid(const void *report, size_t row)
{
    return cell_of_number(either(process_at(report, row))->pid);
}

static struct cell process_status(const void *report, size_t row)
{
    return cell_of_text(match_status_word(process_at(report, row)->status));
}

static struct slice process_name(const struct snapshot_diff *diff,
                                 const struct process_change *change)
{
    const struct snapshot *snapshot = change->after.process ? diff->after : diff->before;
    const struct process *process = either(change);
    if (process->files & PROCESS_CMDLINE) {
        struct slice line = snapshot_text(snapshot, process->cmdline);
        if (line.length_bytes)
            return line;
    }
    return process->files & PROCESS_COMM ? snapshot_text(snapshot, process->comm) : SLICE("-");
}

static struct cell process_command(const void *report, size_t row)
{
    const struct picked *picked = report;
    return cell_of_slice(process_name(picked->diff, process_at(report, row)));
}

static const struct column process_columns[] = {
    {"change",  "CHANGE",  "of PSS (of RSS where PSS is not known)", true,  process_change_cell},
    {"before",  "BEFORE",  "PSS",                                    true,  process_before     },
    {"after",   "AFTER",   "PSS",                                    true,  process_after      },
    {"rss",     "RSS",     "change of RSS",                          true,  process_rss        },
    {"swap",    "SWAP",    "change of swap",                         true,  process_swap       },
    {"status",  "STATUS",  "same, new, gone",                        false, process_status     },
    {"pid",     "PID",     "process",                                true,  process_pid        },
    {"command", "PROCESS", "command line, else name",                false, process_command    },
};

/* Mappings of all processes, largest change first. */
struct mapping_row {
    const struct mapping_change *mapping;
    const struct process_change *process;
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
    return cell_of_text(match_status_word(mapping_at(report, row)->mapping->status));
}

static struct cell mapping_pid(const void *report, size_t row)
{
    return cell_of_number(either(mapping_at(report, row)->process)->pid);
}

static struct cell mapping_name(const void *report, size_t row)
{
    const struct snapshot_diff *diff = ((const struct mapping_report *)report)->diff;
    const struct mapping_change *change = mapping_at(report, row)->mapping;
    const struct snapshot *snapshot = change->after ? diff->after : diff->before;
    const struct mapping *mapping = change->after ? change->after : change->before;
    return cell_of_slice(object_name(snapshot, &snapshot->mappings.objects[mapping->object]));
}

static const struct column mapping_columns[] = {
    {"change", "CHANGE",  "of PSS",             true,  mapping_pss   },
    {"rss",    "RSS",     "change of RSS",      true,  mapping_rss   },
    {"vss",    "VSS",     "change of its size", true,  mapping_size  },
    {"status", "STATUS",  "same, new, gone",    false, mapping_status},
    {"pid",    "PID",     "process",            true,  mapping_pid   },
    {"name",   "MAPPING", "what it maps",       false, mapping_name  },
};

static const struct object_change *object_at(const void *report, size_t row)
{
    const struct picked *picked = report;
    return &picked->diff->objects[picked->rows[row]];
}

static struct cell object_change_cell(const void *report, size_t row)
{
    return cell_of_change(object_at(report, row)->change_bytes);
}

static struct cell object_hugetlb(const void *report, size_t row)
{
    return cell_of_change(object_at(report, row)->hugetlb_change);
}

static struct cell object_status(const void *report, size_t row)
{
    return cell_of_text(match_status_word(object_at(report, row)->status));
}

static struct cell object_sharers(const void *report, size_t row)
{
    const struct object_usage *after = object_at(report, row)->after;
    return cell_of_number(after ? after->sharer_count : 0);
}

static struct cell object_name_cell(const void *report, size_t row)
{
    const struct snapshot_diff *diff = ((const struct picked *)report)->diff;
    const struct object_change *change = object_at(report, row);
    const struct snapshot *snapshot = change->after ? diff->after : diff->before;
    const struct object_usage *usage = change->after ? change->after : change->before;
    return cell_of_slice(object_name(snapshot, &snapshot->mappings.objects[usage->object]));
}

static const struct column object_columns[] = {
    {"change",  "CHANGE",  "of its pages, counted once", true,  object_change_cell},
    {"hugetlb", "HUGETLB", "change of its huge pages",   true,  object_hugetlb    },
    {"status",  "STATUS",  "same, new, gone",            false, object_status     },
    {"sharers", "SHARERS", "processes that map it now",  true,  object_sharers    },
    {"name",    "OBJECT",  "what is mapped",             false, object_name_cell  },
};

static const struct kernel_change *kernel_at(const void *report, size_t row)
{
    const struct picked *picked = report;
    return &picked->diff->kernel[picked->rows[row]];
}

static struct cell kernel_change_cell(const void *report, size_t row)
{
    return cell_of_change(kernel_at(report, row)->change_bytes);
}

static struct cell kernel_before(const void *report, size_t row)
{
    return cell_of_bytes(kernel_at(report, row)->before_bytes);
}

static struct cell kernel_after(const void *report, size_t row)
{
    return cell_of_bytes(kernel_at(report, row)->after_bytes);
}

static const char *kernel_kind_word(enum kernel_change_kind kind)
{
    static const char *const words[] = {"vmalloc", "slab", "module"};
    return words[kind];
}

static struct cell kernel_kind(const void *report, size_t row)
{
    return cell_of_text(kernel_kind_word(kernel_at(report, row)->kind));
}

static struct cell kernel_status(const void *report, size_t row)
{
    return cell_of_text(match_status_word(kernel_at(report, row)->status));
}

static struct cell kernel_name(const void *report, size_t row)
{
    return cell_of_text(kernel_at(report, row)->name);
}

static const struct column kernel_columns[] = {
    {"change", "CHANGE", "after - before",        true,  kernel_change_cell},
    {"before", "BEFORE", "earlier bundle",        true,  kernel_before     },
    {"after",  "AFTER",  "later bundle",          true,  kernel_after      },
    {"kind",   "KIND",   "vmalloc, slab, module", false, kernel_kind       },
    {"status", "STATUS", "same, new, gone",       false, kernel_status     },
    {"name",   "KERNEL", "caller, cache, module", false, kernel_name       },
};

static bool print_part(const struct column *columns, size_t column_count, const char *defaults,
                       const void *report, size_t rows, const struct view_options *options,
                       struct failure *why)
{
    struct table table = {.columns = columns,
                          .column_count = column_count,
                          .default_columns = defaults,
                          .default_sort = "",
                          .descending = true,
                          .report = report,
                          .row_count = rows};
    struct table_options shown = options->table;
    shown.columns = NULL; /* one -c cannot fit all parts */
    shown.sort = "";
    if (!shown.rows && !options->all)
        shown.rows = ROWS_A_PART;
    if (!rows)
        return true;
    if (!shown.no_headings)
        fputc('\n', options->to);
    if (!table_print(&table, &shown, options->to, why))
        return false;
    if (shown.rows && rows > shown.rows && !shown.no_headings)
        fprintf(options->to, "... and %" PRIu64 " more (-a shows all)\n",
                (uint64_t)rows - shown.rows);
    return true;
}

#define PART(columns) (columns), sizeof(columns) / sizeof((columns)[0])

static uint64_t magnitude(int64_t change)
{
    return change < 0 ? (uint64_t)-change : (uint64_t)change;
}

/* The largest changed line below `parent` that is not yet in the list; count of all if none. */
static size_t largest_left(const struct ledger_rows *rows, const char *parent, const bool *taken)
{
    const struct snapshot_diff *diff = rows->diff;
    size_t best = diff->ledger_count;
    for (size_t i = 0; i < diff->ledger_count; i++) {
        if (taken[i] || strcmp(diff->ledger[i].parent, parent) != 0)
            continue;
        if (best == diff->ledger_count ||
            magnitude(diff->ledger[i].change_bytes) > magnitude(diff->ledger[best].change_bytes))
            best = i;
    }
    return best;
}

/* Lines by the size of their change, each followed by its own parts in the same order. */
static void list_lines(struct ledger_rows *rows, const char *parent, unsigned depth, bool *taken,
                       bool all)
{
    size_t line;
    while ((line = largest_left(rows, parent, taken)) < rows->diff->ledger_count) {
        const struct ledger_change *change = &rows->diff->ledger[line];
        taken[line] = true;
        if (change->change_bytes || all) {
            snprintf(rows->labels[rows->count], sizeof rows->labels[0], "%*s%s", (int)(2 * depth),
                     "", change->label);
            rows->rows[rows->count++] = line;
        }
        if (depth < LEDGER_DEPTH_MAX)
            list_lines(rows, change->id, depth + 1, taken, all);
    }
}

static bool print_ledger(const struct snapshot_diff *diff, const struct view_options *options,
                         struct failure *why)
{
    AUTO_FREE struct ledger_rows *rows = calloc(1, sizeof *rows);
    bool taken[2 * LEDGER_LINES_MAX + 2] = {false};
    if (!rows)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    rows->diff = diff;
    list_lines(rows, "", 0, taken, options->all);
    struct view_options shown = *options;
    if (!shown.table.rows)
        shown.table.rows = ROWS_OF_LEDGER;
    return print_part(PART(ledger_columns), "change,before,after,line", rows, rows->count, &shown,
                      why);
}

/* The program that took the snapshot is in it, under another PID each time. */
static bool is_collector(const struct snapshot_diff *diff, const struct process_change *change)
{
    uint64_t before = diff->before->identity.collector_pid;
    uint64_t after = diff->after->identity.collector_pid;
    return (change->before.process && before && change->before.process->pid == before) ||
           (change->after.process && after && change->after.process->pid == after);
}

static bool print_processes(const struct snapshot_diff *diff, const struct view_options *options,
                            struct failure *why)
{
    struct picked picked;
    if (!picked_init(&picked, diff, diff->process_count))
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < diff->process_count; i++) {
        const struct process_change *change = &diff->processes[i];
        bool moved = change->change_bytes || change->rss_change || change->swap_change;
        if (options->all ? moved || change->status != MATCH_SAME
                         : moved && !is_collector(diff, change))
            picked.rows[picked.count++] = i;
    }
    bool ok = print_part(PART(process_columns), "change,before,after,rss,swap,status,pid,command",
                         &picked, picked.count, options, why);
    free(picked.rows);
    return ok;
}

static int by_mapping_change(const void *a, const void *b)
{
    const struct mapping_change *left = ((const struct mapping_row *)a)->mapping;
    const struct mapping_change *right = ((const struct mapping_row *)b)->mapping;
    int64_t x = left->pss_change < 0 ? -left->pss_change : left->pss_change;
    int64_t y = right->pss_change < 0 ? -right->pss_change : right->pss_change;
    if (x == y) {
        x = left->size_change < 0 ? -left->size_change : left->size_change;
        y = right->size_change < 0 ? -right->size_change : right->size_change;
    }
    if (x == y) /* one array: the address is the order in which they were found */
        return left < right ? -1 : left > right;
    return x > y ? -1 : 1;
}

static bool print_mappings(const struct snapshot_diff *diff, const struct view_options *options,
                           struct failure *why)
{
    struct mapping_report report = {.diff = diff};
    report.rows = malloc((diff->mapping_count + 1) * sizeof *report.rows);
    if (!report.rows)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < diff->process_count; i++) {
        const struct process_change *process = &diff->processes[i];
        if (!options->all && is_collector(diff, process))
            continue;
        for (size_t j = 0; j < process->mapping_count; j++)
            report.rows[report.count++] =
                (struct mapping_row){&diff->mappings[process->first_mapping + j], process};
    }
    qsort(report.rows, report.count, sizeof *report.rows, by_mapping_change);
    bool ok = print_part(PART(mapping_columns), "change,rss,vss,status,pid,name", &report,
                         report.count, options, why);
    free(report.rows);
    return ok;
}

static bool print_all_of(const struct snapshot_diff *diff, size_t count,
                         const struct column *columns, size_t column_count, const char *defaults,
                         const struct view_options *options, struct failure *why)
{
    struct picked picked;
    if (!picked_init(&picked, diff, count))
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < count; i++)
        picked.rows[picked.count++] = i;
    bool ok = print_part(columns, column_count, defaults, &picked, count, options, why);
    free(picked.rows);
    return ok;
}

static void print_differences(const struct snapshot_diff *diff, FILE *to)
{
    const struct {
        bool same;
        const char *what;
    } facts[] = {
        {diff->same_host,      "host"     },
        {diff->same_boot,      "boot"     },
        {diff->same_kernel,    "kernel"   },
        {diff->same_page_size, "page size"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        if (!facts[i].same)
            fprintf(to, "NOTE: the two bundles differ in %s\n", facts[i].what);
}

bool diff_print(const struct snapshot_diff *diff, const struct view_options *options,
                struct failure *why)
{
    if (!options->table.no_headings) {
        print_differences(diff, options->to);
        fputs("before: ", options->to);
        print_snapshot_heading(diff->before, options);
        fputs("after:  ", options->to);
        print_snapshot_heading(diff->after, options);
        if (!diff->has_ledger)
            fputs("no ledger: one of the bundles has no readable proc/meminfo\n", options->to);
        if (!diff->changed)
            fputs("no change\n", options->to);
    }
    return print_ledger(diff, options, why) && print_processes(diff, options, why) &&
           print_mappings(diff, options, why) &&
           print_all_of(diff, diff->object_count, PART(object_columns),
                        "change,hugetlb,status,sharers,name", options, why) &&
           print_all_of(diff, diff->kernel_count, PART(kernel_columns),
                        "change,before,after,kind,status,name", options, why);
}
