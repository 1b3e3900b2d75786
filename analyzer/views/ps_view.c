#include "analyzer/views/ps_view.h"

#include <inttypes.h>

#define TOP_WIDTH 132

static const struct process_usage *usage_at(const void *report, size_t row)
{
    return &((const struct ps_report *)report)->usages[row];
}

static struct cell text_of(const void *report, size_t row, enum process_file file, uint32_t id)
{
    const struct ps_report *ps = report;
    if (!(ps->usages[row].process->files & file))
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_slice(snapshot_text(ps->snapshot, id));
}

static struct cell number_if(bool known, uint64_t number)
{
    return known ? cell_of_number(number) : (struct cell){.kind = CELL_ABSENT};
}

static struct cell pid_cell(const void *report, size_t row)
{
    uint64_t pid = usage_at(report, row)->process->pid;
    return number_if(pid != 0, pid); /* the row of totals has none */
}

static struct cell uid_cell(const void *report, size_t row)
{
    struct amount uid = usage_at(report, row)->process->uid;
    return number_if(uid.known, uid.bytes);
}

#define AMOUNT_CELL(name, member)                                                                  \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        return cell_of_amount(usage_at(report, row)->member);                                      \
    }

AMOUNT_CELL(vss, vss)
AMOUNT_CELL(rss, rss)
AMOUNT_CELL(pss, pss)
AMOUNT_CELL(uss, uss)
AMOUNT_CELL(swap, swap)
AMOUNT_CELL(swap_pss, swap_pss)
AMOUNT_CELL(hugetlb, hugetlb)
AMOUNT_CELL(page_tables, page_tables)
AMOUNT_CELL(locked, locked)
AMOUNT_CELL(thp, anon_huge_pages)
AMOUNT_CELL(pss_anon, pss_anon)
AMOUNT_CELL(pss_file, pss_file)
AMOUNT_CELL(pss_shmem, pss_shmem)
AMOUNT_CELL(pss_dirty, pss_dirty)
AMOUNT_CELL(freed, freed_if_killed)

static struct cell comm_cell(const void *report, size_t row)
{
    return text_of(report, row, PROCESS_COMM, usage_at(report, row)->process->comm);
}

/* The command line where it was collected and is not empty, else the name in brackets. */
static struct cell command_cell(const void *report, size_t row)
{
    const struct process *process = usage_at(report, row)->process;
    struct cell cell = text_of(report, row, PROCESS_CMDLINE, process->cmdline);
    if (cell.kind == CELL_TEXT && cell.text.length_bytes)
        return cell;
    return comm_cell(report, row);
}

static struct cell cgroup_cell(const void *report, size_t row)
{
    return text_of(report, row, PROCESS_CGROUP, usage_at(report, row)->process->cgroup);
}

static struct cell exe_cell(const void *report, size_t row)
{
    return text_of(report, row, PROCESS_EXE, usage_at(report, row)->process->exe);
}

static struct cell outcome_cell(const void *report, size_t row)
{
    return cell_of_text(process_state_word(usage_at(report, row)->state));
}

static struct cell source_cell(const void *report, size_t row)
{
    return cell_of_text(usage_at(report, row)->source);
}

static struct cell maps_cell(const void *report, size_t row)
{
    const struct process_usage *usage = usage_at(report, row);
    return number_if(usage->process->smaps.blocks != 0, usage->mappings);
}

static struct cell threads_cell(const void *report, size_t row)
{
    struct amount threads = usage_at(report, row)->process->threads;
    return number_if(threads.known, threads.bytes);
}

static bool has_stat(const void *report, size_t row)
{
    return (usage_at(report, row)->process->files & PROCESS_STAT) != 0;
}

static struct cell ppid_cell(const void *report, size_t row)
{
    return number_if(has_stat(report, row), usage_at(report, row)->process->ppid);
}

static struct cell minor_cell(const void *report, size_t row)
{
    return number_if(has_stat(report, row), usage_at(report, row)->process->minor_faults);
}

static struct cell major_cell(const void *report, size_t row)
{
    return number_if(has_stat(report, row), usage_at(report, row)->process->major_faults);
}

static struct cell start_cell(const void *report, size_t row)
{
    return number_if(has_stat(report, row), usage_at(report, row)->process->start_time_ticks);
}

static struct cell oom_cell(const void *report, size_t row)
{
    const struct process *process = usage_at(report, row)->process;
    return number_if((process->files & PROCESS_OOM_SCORE) && process->oom_score >= 0,
                     (uint64_t)process->oom_score);
}

static const struct column columns[] = {
    {"pid",        "PID",        "process",                                                 true,  pid_cell        },
    {"ppid",       "PPID",       "its parent",                                              true,  ppid_cell       },
    {"uid",        "UID",        "effective user",                                          true,  uid_cell        },
    {"vss",        "VSS",        "address space",                                           true,  vss_cell        },
    {"rss",        "RSS",        "resident, shared pages counted in full",                  true,  rss_cell        },
    {"pss",        "PSS",        "resident, shared pages divided by their sharers",         true,  pss_cell        },
    {"uss",        "USS",        "resident and mapped by nobody else",                      true,  uss_cell        },
    {"swap",       "SWAP",       "swapped out, shared slots counted in full",               true,  swap_cell       },
    {"swappss",    "SWAPPSS",    "swapped out, shared slots divided",                       true,  swap_pss_cell   },
    {"hugetlb",    "HUGETLB",    "huge pages, in none of the above",                        true,  hugetlb_cell    },
    {"pagetables", "PAGETABLES", "VmPTE + VmPMD",                                           true,  page_tables_cell},
    {"locked",     "LOCKED",     "locked in memory",                                        true,  locked_cell     },
    {"thp",        "THP",        "anonymous transparent huge pages",                        true,  thp_cell        },
    {"pssanon",    "PSSANON",    "anonymous part of PSS",                                   true,  pss_anon_cell   },
    {"pssfile",    "PSSFILE",    "file part of PSS",                                        true,  pss_file_cell   },
    {"pssshmem",   "PSSSHMEM",   "shared memory part of PSS",                               true,  pss_shmem_cell  },
    {"pssdirty",   "PSSDIRTY",   "dirty part of PSS",                                       true,  pss_dirty_cell  },
    {"freed",      "FREED",      "at least, if killed: USS + own huge pages + page tables", true,  freed_cell      },
    {"maps",       "MAPS",       "number of mappings",                                      true,  maps_cell       },
    {"threads",    "THREADS",    "number of threads",                                       true,  threads_cell    },
    {"minflt",     "MINFLT",     "minor faults since start",                                true,  minor_cell      },
    {"majflt",     "MAJFLT",     "major faults since start",                                true,  major_cell      },
    {"start",      "START",      "start time in clock ticks since boot",                    true,  start_cell      },
    {"oom",        "OOM",        "oom_score",                                               true,  oom_cell        },
    {"outcome",    "OUTCOME",    "what became of reading it",                               false, outcome_cell    },
    {"source",     "SOURCE",     "file that the figures come from",                         false, source_cell     },
    {"cgroup",     "CGROUP",     "control group",                                           false, cgroup_cell     },
    {"exe",        "EXE",        "program file",                                            false, exe_cell        },
    {"comm",       "COMM",       "name",                                                    false, comm_cell       },
    {"command",    "COMMAND",    "command line, else name",                                 false, command_cell    },
};

const struct column *ps_columns(size_t *count)
{
    *count = sizeof columns / sizeof columns[0];
    return columns;
}

void print_coverage(const struct process_totals *totals, const struct view_options *options)
{
    char text[BYTE_TEXT_MAX];
    if (!totals->unread)
        return;
    fprintf(options->to, "%" PRIu64 " process%s could not be read:", totals->unread,
            totals->unread == 1 ? "" : "es");
    for (unsigned i = 0; i < PROCESS_STATE_COUNT; i++)
        if (totals->unread_by_state[i])
            fprintf(options->to, " %" PRIu64 " %s", totals->unread_by_state[i],
                    process_state_word(i));
    fprintf(options->to, "; RSS of these by status or statm: %s %s\n",
            format_bytes(text, totals->unread_rss_bytes, options->table.unit),
            size_unit_word(options->table.unit));
}

/* One row that stands for all, through the same columns. */
static void total_row(const struct ps_report *report, struct process *process,
                      struct process_usage *row)
{
    const struct process_totals *totals = &report->totals;
    *process = (struct process){.smaps = {.blocks = totals->mappings}};
    *row = (struct process_usage){.process = process,
                                  .source = NULL,
                                  .vss = totals->vss,
                                  .rss = totals->rss,
                                  .pss = totals->pss,
                                  .uss = totals->uss,
                                  .swap = totals->swap,
                                  .swap_pss = totals->swap_pss,
                                  .hugetlb = totals->hugetlb,
                                  .page_tables = totals->page_tables,
                                  .freed_if_killed = totals->freed_if_killed,
                                  .mappings = totals->mappings};
}

static bool print_table(const struct ps_report *report, const struct table_options *options,
                        bool totals, const char *default_columns, FILE *to, struct failure *why)
{
    struct process nobody;
    struct process_usage row;
    struct ps_report total = {.snapshot = report->snapshot, .usages = &row, .count = 1};
    total_row(report, &nobody, &row);
    struct table table = {.columns = columns,
                          .column_count = sizeof columns / sizeof columns[0],
                          .default_columns = default_columns,
                          .default_sort = "pss",
                          .report = report,
                          .row_count = report->count,
                          .totals = totals ? &total : NULL};
    return table_print(&table, options, to, why);
}

/* Its other processes are in the table, but not in the sums. */
static void print_same_address_space(const struct ps_report *report,
                                     const struct view_options *options)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct process_usage *usage = &report->usages[i];
        const struct process *first;
        if (!usage->counted_before)
            continue;
        first = &report->snapshot->processes[usage->process->address_space - 1];
        fprintf(options->to,
                "PID %" PRIu64 " shares the address space of PID %" PRIu64 ": summed up once\n",
                usage->process->pid, first->pid);
    }
}

bool ps_print(const struct ps_report *report, const struct view_options *options,
              struct failure *why)
{
    if (!options->table.no_headings)
        print_snapshot_heading(report->snapshot, options);
    if (!print_table(report, &options->table, options->totals,
                     "pid,uid,swap,hugetlb,pagetables,uss,pss,rss,vss,command", options->to, why))
        return false;
    if (!options->table.no_headings) {
        print_same_address_space(report, options);
        print_coverage(&report->totals, options);
    }
    return true;
}

bool ps_print_top(const struct ps_report *report, const struct view_options *options, uint64_t rows,
                  struct failure *why)
{
    struct table_options top = options->table;
    top.columns = NULL;
    top.sort = NULL;
    top.reverse = true;
    top.rows = rows;
    if (!top.width)
        top.width = TOP_WIDTH; /* a command line of kilobytes would fill the one screen */
    return print_table(report, &top, false, "pid,uss,pss,rss,swap,command", options->to, why);
}

static void json_add_process(struct json_document *document, struct json_node *processes,
                             const struct snapshot *snapshot, const struct process_usage *usage)
{
    const struct process *process = usage->process;
    struct json_node *node = json_add_object(document, processes, NULL);
    json_add_number(document, node, "pid", process->pid);
    json_add_amount(
        document, node, "start_time_ticks",
        (struct amount){process->start_time_ticks,
                        process->start_time_ticks != 0 || (process->files & PROCESS_STAT)});
    if (process->files & PROCESS_COMM)
        json_add_slice(document, node, "comm", snapshot_text(snapshot, process->comm));
    else
        json_add_null(document, node, "comm");
    json_add_amount(document, node, "uid", process->uid);
    json_add_text(document, node, "outcome", process_state_word(usage->state));
    json_add_text(document, node, "source", usage->source);
    const struct {
        const char *key;
        struct amount amount;
    } figures[] = {
        {"vss_bytes",             usage->vss            },
        {"rss_bytes",             usage->rss            },
        {"pss_bytes",             usage->pss            },
        {"uss_bytes",             usage->uss            },
        {"swap_bytes",            usage->swap           },
        {"swap_pss_bytes",        usage->swap_pss       },
        {"hugetlb_bytes",         usage->hugetlb        },
        {"page_table_bytes",      usage->page_tables    },
        {"locked_bytes",          usage->locked         },
        {"anon_huge_pages_bytes", usage->anon_huge_pages},
        {"pss_anon_bytes",        usage->pss_anon       },
        {"pss_file_bytes",        usage->pss_file       },
        {"pss_shmem_bytes",       usage->pss_shmem      },
        {"pss_dirty_bytes",       usage->pss_dirty      },
        {"freed_if_killed_bytes", usage->freed_if_killed},
        {"threads",               process->threads      },
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        json_add_amount(document, node, figures[i].key, figures[i].amount);
    bool has_stat = (process->files & PROCESS_STAT) != 0;
    json_add_amount(document, node, "ppid", (struct amount){process->ppid, has_stat});
    struct amount shared_with = AMOUNT_UNKNOWN;
    if (process->address_space)
        shared_with = amount_of(snapshot->processes[process->address_space - 1].pid);
    json_add_amount(document, node, "address_space_pid", shared_with);
    json_add_amount(document, node, "minor_faults",
                    (struct amount){process->minor_faults, has_stat});
    json_add_amount(document, node, "major_faults",
                    (struct amount){process->major_faults, has_stat});
    json_add_amount(document, node, "mappings",
                    (struct amount){usage->mappings, process->smaps.blocks != 0});
    const struct {
        const char *key;
        enum process_file file;
        uint32_t id;
    } texts[] = {
        {"cmdline", PROCESS_CMDLINE, process->cmdline},
        {"exe",     PROCESS_EXE,     process->exe    },
        {"cgroup",  PROCESS_CGROUP,  process->cgroup },
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (process->files & texts[i].file)
            json_add_slice(document, node, texts[i].key, snapshot_text(snapshot, texts[i].id));
        else
            json_add_null(document, node, texts[i].key);
    }
}

bool ps_print_json(const struct ps_report *report, FILE *to, struct failure *why)
{
    const struct process_totals *totals = &report->totals;
    struct json_document document;
    json_document_init(&document, "memtally.ps/1");
    json_add_snapshot(&document, "snapshot", report->snapshot);
    struct json_node *processes = json_add_array(&document, document.root, "processes");
    for (size_t i = 0; i < report->count; i++)
        json_add_process(&document, processes, report->snapshot, &report->usages[i]);
    struct json_node *node = json_add_object(&document, document.root, "totals");
    json_add_number(&document, node, "processes", totals->processes);
    json_add_number(&document, node, "kernel_threads", totals->kernel_threads);
    json_add_number(&document, node, "mappings", totals->mappings);
    json_add_number(&document, node, "same_address_space", totals->same_address_space);
    json_add_amount(&document, node, "vss_bytes", totals->vss);
    json_add_amount(&document, node, "rss_bytes", totals->rss);
    json_add_amount(&document, node, "pss_bytes", totals->pss);
    json_add_amount(&document, node, "uss_bytes", totals->uss);
    json_add_amount(&document, node, "swap_bytes", totals->swap);
    json_add_amount(&document, node, "swap_pss_bytes", totals->swap_pss);
    json_add_amount(&document, node, "hugetlb_bytes", totals->hugetlb);
    json_add_amount(&document, node, "page_table_bytes", totals->page_tables);
    json_add_number(&document, node, "unread", totals->unread);
    json_add_number(&document, node, "unread_rss_bytes", totals->unread_rss_bytes);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
