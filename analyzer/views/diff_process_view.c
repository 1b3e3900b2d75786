/* The diff's processes and their mappings. */
#include <stdlib.h>

#include "analyzer/views/diff_parts_view.h"
#include "analyzer/views/maps_view.h"

static const struct process_change *process_at(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
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

static struct cell process_pid(const void *report, size_t row)
{
    return cell_of_number(diff_either(process_at(report, row))->pid);
}

static struct cell process_status(const void *report, size_t row)
{
    return cell_of_text(match_status_word(process_at(report, row)->status));
}

static struct slice process_name(const struct snapshot_diff *diff,
                                 const struct process_change *change)
{
    const struct snapshot *snapshot = change->after.process ? diff->after : diff->before;
    const struct process *process = diff_either(change);
    if (process->files & PROCESS_CMDLINE) {
        struct slice line = snapshot_text(snapshot, process->cmdline);
        if (line.length_bytes)
            return line;
    }
    return process->files & PROCESS_COMM ? snapshot_text(snapshot, process->comm) : SLICE("-");
}

static struct cell process_command(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
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

bool diff_print_processes(const struct snapshot_diff *diff, const struct view_options *options,
                          struct failure *why)
{
    struct diff_picked picked;
    if (!diff_picked_init(&picked, diff, diff->process_count))
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < diff->process_count; i++) {
        const struct process_change *change = &diff->processes[i];
        bool moved = change->change_bytes || change->rss_change || change->swap_change;
        if (options->all ? moved || change->status != MATCH_SAME
                         : moved && !diff_is_collector(diff, change))
            picked.rows[picked.count++] = i;
    }
    bool ok = diff_print_part(DIFF_COLUMNS(process_columns),
                              "change,before,after,rss,swap,status,pid,command", &picked,
                              picked.count, options, why);
    free(picked.rows);
    return ok;
}

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
    return cell_of_number(diff_either(mapping_at(report, row)->process)->pid);
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

bool diff_print_mappings(const struct snapshot_diff *diff, const struct view_options *options,
                         struct failure *why)
{
    struct mapping_report report = {.diff = diff};
    report.rows = malloc((diff->mapping_count + 1) * sizeof *report.rows);
    if (!report.rows)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < diff->process_count; i++) {
        const struct process_change *process = &diff->processes[i];
        if (!options->all && diff_is_collector(diff, process))
            continue;
        for (size_t j = 0; j < process->mapping_count; j++)
            report.rows[report.count++] =
                (struct mapping_row){&diff->mappings[process->first_mapping + j], process};
    }
    qsort(report.rows, report.count, sizeof *report.rows, by_mapping_change);
    bool ok = diff_print_part(DIFF_COLUMNS(mapping_columns), "change,rss,vss,status,pid,name",
                              &report, report.count, options, why);
    free(report.rows);
    return ok;
}
