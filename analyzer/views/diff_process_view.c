/* The diff's processes. */
#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/views/diff_parts_view.h"

static const struct process_change *process_at(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
    return &picked->diff->processes[picked->rows[row]];
}

static struct cell cell_where_known(bool is_known, int64_t change)
{
    return is_known ? cell_of_change(change) : cell_of_text(NULL);
}

static struct cell process_change_cell(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    return cell_where_known(change->has_change, change->change_bytes);
}

/* What the change is of. */
static struct amount amount_of_side(const struct process_change *change,
                                    const struct process_usage *side)
{
    return change->by_pss ? side->pss : side->rss;
}

static struct cell process_before(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    return cell_of_amount(amount_of_side(change, &change->before));
}

static struct cell process_after(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    return cell_of_amount(amount_of_side(change, &change->after));
}

static struct cell process_growth(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    return change->has_change
               ? diff_growth(change->change_bytes, amount_of_side(change, &change->before))
               : cell_of_text(NULL);
}

static struct cell process_share(const void *report, size_t row)
{
    const struct diff_picked *picked = report;
    const struct process_change *change = process_at(report, row);
    return change->has_change ? diff_share_of(picked->diff->waterfall, change->change_bytes)
                              : cell_of_text(NULL);
}

static struct cell process_own(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    struct amount before = change->before.uss, after = change->after.uss;
    bool is_known =
        process_side_has(&change->before, before) && process_side_has(&change->after, after);
    return cell_where_known(is_known, to_signed(after.bytes) - to_signed(before.bytes));
}

static struct cell process_rss(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    return cell_where_known(change->has_rss, change->rss_change);
}

static struct cell process_swap(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    return cell_where_known(change->has_swap, change->swap_change);
}

static struct cell process_hugetlb(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    return cell_where_known(change->has_hugetlb, change->hugetlb_change);
}

/* Counters of two runs of a program have no difference. */
static struct cell faults_cell(const struct process_change *change, int64_t faults)
{
    return change->status == MATCH_SAME && change->has_faults ? cell_of_signed(faults)
                                                              : cell_of_text(NULL);
}

static struct cell process_minor(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    return faults_cell(change, change->minor_faults_change);
}

static struct cell process_major(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    return faults_cell(change, change->major_faults_change);
}

static struct cell process_pid(const void *report, size_t row)
{
    return cell_of_number(diff_either(process_at(report, row))->pid);
}

static struct cell process_was(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    return change->status == MATCH_RESTARTED ? cell_of_number(change->before.process->pid)
                                             : cell_of_text(NULL);
}

static struct cell process_status(const void *report, size_t row)
{
    const struct process_change *change = process_at(report, row);
    if (change->status == MATCH_RESTARTED && change->candidates > 1)
        return cell_of_text("restarted?");
    if (change->status == MATCH_SAME && change->after.state == PROCESS_ZOMBIE_STATE &&
        change->before.state != PROCESS_ZOMBIE_STATE)
        return cell_of_text("zombie");
    return cell_of_text(change->executed  ? "exec"
                        : change->renamed ? "renamed"
                                          : match_status_word(change->status));
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
    {"before",  "BEFORE",  "PSS (RSS where PSS is not known on a side)", true,  process_before     },
    {"after",   "AFTER",   "the same later",                             true,  process_after      },
    {"change",  "CHANGE",  "after - before",                             true,  process_change_cell},
    {"growth",  "%",       "change, of what was before",                 true,  process_growth     },
    {"share",   "SHARE%",  "change, of what free memory lost",           true,  process_share      },
    {"own",     "OWN",     "change of USS: pages that it alone maps",    true,  process_own        },
    {"rss",     "RSS",     "change of RSS",                              true,  process_rss        },
    {"swap",    "SWAP",    "change of swap",                             true,  process_swap       },
    {"hugetlb", "HUGETLB", "change of its huge pages",                   true,  process_hugetlb    },
    {"minflt",  "MINFLT",  "its minor faults between the two",           true,  process_minor      },
    {"majflt",  "MAJFLT",  "its major faults between the two",           true,  process_major      },
    {"status",  "STATUS",  "what became of it",                          false, process_status     },
    {"was",     "WAS",     "PID before, of the restarted",               true,  process_was        },
    {"pid",     "PID",     "process",                                    true,  process_pid        },
    {"command", "PROCESS", "command line, else name",                    false, process_command    },
};

#define SCREEN_COLUMNS(huge) "before,after,change,growth,share,rss,swap," huge "status,pid,command"
#define LEVEL_COLUMNS(huge)                                                                        \
    "before,after,change,growth,share,own,rss,swap," huge "minflt,majflt,status,was,pid,command"

/* Huge pages have a column where they changed. */
static const char *columns_of(const struct diff_picked *picked, bool is_brief)
{
    bool is_huge = false;
    for (size_t i = 0; i < picked->count; i++)
        is_huge |= picked->diff->processes[picked->rows[i]].hugetlb_change != 0;
    if (is_brief)
        return is_huge ? SCREEN_COLUMNS("hugetlb,") : SCREEN_COLUMNS("");
    return is_huge ? LEVEL_COLUMNS("hugetlb,") : LEVEL_COLUMNS("");
}

/* Those that the user asked for by PID, whatever became of them; a PSS that only others moved is else
 * no change of a process. */
static bool is_shown(const struct snapshot_diff *diff, const struct process_change *change,
                     bool all)
{
    bool moved = change->change_bytes || change->rss_change || change->swap_change ||
                 change->hugetlb_change || change->mapping_count;
    return diff->scope.pid_count || change->beyond_noise ||
           (all && (moved || !change->has_change || change->status != MATCH_SAME));
}

bool diff_print_processes(const struct snapshot_diff *diff, const struct view_options *options,
                          struct failure *why)
{
    struct diff_picked picked;
    if (!diff_picked_init(&picked, diff, diff->process_count))
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    for (size_t i = 0; i < diff->process_count; i++)
        if (is_shown(diff, &diff->processes[i], options->all))
            picked.rows[picked.count++] = i;
    bool is_brief = options->diff_level == DIFF_SCREEN && !diff->scope.pid_count;
    bool ok = diff_print_part(DIFF_COLUMNS(process_columns), columns_of(&picked, is_brief), &picked,
                              picked.count, options, why);
    free(picked.rows);
    return ok;
}
