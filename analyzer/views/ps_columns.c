#include "analyzer/views/ps_view.h"

#include "analyzer/views/baseline_view.h"

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
    return cell_of_count(usage_at(report, row)->process->uid);
}

#define USAGE_CELL(name, cell_of, member)                                                          \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        return cell_of(usage_at(report, row)->member);                                             \
    }

USAGE_CELL(vss, cell_of_amount, vss)
USAGE_CELL(rss, cell_of_amount, rss)
USAGE_CELL(pss, cell_of_amount, pss)
USAGE_CELL(uss, cell_of_amount, uss)
USAGE_CELL(swap, cell_of_swap, swap)
USAGE_CELL(swap_pss, cell_of_swap, swap_pss)
USAGE_CELL(epss, cell_of_amount, epss)
USAGE_CELL(virt, cell_of_amount, virt)
USAGE_CELL(res, cell_of_amount, res)
USAGE_CELL(shr, cell_of_amount, shr)
USAGE_CELL(hugetlb, cell_of_amount, hugetlb)
USAGE_CELL(page_tables, cell_of_amount, page_tables)
USAGE_CELL(stacks, cell_of_amount, kernel_stacks)
USAGE_CELL(locked, cell_of_amount, locked)
USAGE_CELL(thp, cell_of_amount, anon_huge_pages)
USAGE_CELL(pss_anon, cell_of_amount, pss_anon)
USAGE_CELL(pss_file, cell_of_amount, pss_file)
USAGE_CELL(pss_shmem, cell_of_amount, pss_shmem)
USAGE_CELL(pss_dirty, cell_of_amount, pss_dirty)
USAGE_CELL(freed, cell_of_amount, freed_if_killed)
USAGE_CELL(threads, cell_of_count, threads)
USAGE_CELL(minor, cell_of_count, minor_faults)
USAGE_CELL(major, cell_of_count, major_faults)

static struct cell memory_share_cell(const void *report, size_t row)
{
    struct amount memory = ((const struct ps_report *)report)->size.memory;
    struct amount resident = usage_at(report, row)->res;
    if (!memory.known || !resident.known)
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_percent(resident.bytes, memory.bytes);
}

static struct cell comm_cell(const void *report, size_t row)
{
    return text_of(report, row, PROCESS_COMM, usage_at(report, row)->process->comm);
}

/* The command line where it was collected and is not empty, else the name. */
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
    const struct process_usage *usage = usage_at(report, row);
    if (!usage->process->pid)
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_text(process_state_word(usage->state));
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

static bool has_stat(const void *report, size_t row)
{
    return (usage_at(report, row)->process->files & PROCESS_STAT) != 0;
}

static struct cell ppid_cell(const void *report, size_t row)
{
    return number_if(has_stat(report, row), usage_at(report, row)->process->ppid);
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

static struct cell oom_adj_cell(const void *report, size_t row)
{
    const struct process *process = usage_at(report, row)->process;
    if (!(process->files & PROCESS_OOM_SCORE_ADJ))
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_signed(process->oom_score_adj);
}

static const struct baseline_row *usual_of(const void *report, size_t row)
{
    return baseline_find_pid(((const struct ps_report *)report)->baseline,
                             usage_at(report, row)->process->pid);
}

static struct cell usual_cell(const void *report, size_t row)
{
    return baseline_usual_cell(usual_of(report, row));
}

static struct cell change_cell(const void *report, size_t row)
{
    return baseline_change_cell(usual_of(report, row));
}

static struct cell mark_cell(const void *report, size_t row)
{
    return baseline_mark_cell(usual_of(report, row));
}

static const struct column columns[] = {
    {"pid",        "PID",        "process",                                                          true,  pid_cell         },
    {"ppid",       "PPID",       "its parent",                                                       true,  ppid_cell        },
    {"uid",        "UID",        "effective user",                                                   true,  uid_cell         },
    {"user",       "USER",       "the same: a bundle has no user names",                             true,  uid_cell         },
    {"vss",        "VSS",        "address space",                                                    true,  vss_cell         },
    {"rss",        "RSS",        "resident, shared pages counted in full",                           true,  rss_cell         },
    {"pss",        "PSS",        "resident, shared pages divided by their sharers",                  true,  pss_cell         },
    {"uss",        "USS",        "resident and mapped by nobody else",                               true,  uss_cell         },
    {"swap",       "SWAP",       "swapped out, shared slots counted in full",                        true,  swap_cell        },
    {"swappss",    "SWAPPSS",    "swapped out, shared slots divided",                                true,  swap_pss_cell    },
    {"epss",       "EPSS",       "PSS + SWAPPSS",                                                    true,  epss_cell        },
    {"virt",       "VIRT",       "address space by the kernel's counter, as top shows it",           true,  virt_cell        },
    {"res",        "RES",        "resident by the kernel's counter, as top shows it",                true,  res_cell         },
    {"shr",        "SHR",        "file and shared memory pages of RES, as top shows it",             true,  shr_cell         },
    {"%mem",       "%MEM",       "RES in percent of MemTotal, as top shows it",                      true,  memory_share_cell},
    {"hugetlb",    "HUGETLB",    "huge pages, in none of the above",                                 true,  hugetlb_cell     },
    {"pagetables", "PAGETABLES", "VmPTE + VmPMD",                                                    true,  page_tables_cell },
    {"stacks",     "STACKS",     "kernel stacks of its threads",                                     true,  stacks_cell      },
    {"locked",     "LOCKED",     "locked in memory",                                                 true,  locked_cell      },
    {"thp",        "THP",        "anonymous transparent huge pages",                                 true,  thp_cell         },
    {"pssanon",    "PSSANON",    "anonymous part of PSS",                                            true,  pss_anon_cell    },
    {"pssfile",    "PSSFILE",    "file part of PSS",                                                 true,  pss_file_cell    },
    {"pssshmem",   "PSSSHMEM",   "shared memory part of PSS",                                        true,  pss_shmem_cell   },
    {"pssdirty",   "PSSDIRTY",   "dirty part of PSS",                                                true,  pss_dirty_cell   },
    {"freed",      "FREED",      "at least, if killed: USS + own huge pages + page tables + stacks", true,
     freed_cell                                                                                                              },
    {"maps",       "MAPS",       "number of mappings",                                               true,  maps_cell        },
    {"threads",    "THREADS",    "number of threads",                                                true,  threads_cell     },
    {"minflt",     "MINFLT",     "minor faults since start",                                         true,  minor_cell       },
    {"majflt",     "MAJFLT",     "major faults since start",                                         true,  major_cell       },
    {"start",      "START",      "start time in clock ticks since boot",                             true,  start_cell       },
    {"oom",        "OOM",        "oom_score",                                                        true,  oom_cell         },
    {"oomadj",     "OOMADJ",     "oom_score_adj",                                                    true,  oom_adj_cell     },
    {"usual",      "USUAL",      "PSS of this program in the baseline, else RSS",                    true,  usual_cell       },
    {"change",     "CHANGE",     "now - usual",                                                      true,  change_cell      },
    {"mark",       "MARK",       "MORE or LESS than usual here, or NEW",                             false, mark_cell        },
    {"outcome",    "OUTCOME",    "what became of reading it",                                        false, outcome_cell     },
    {"source",     "SOURCE",     "file that the figures come from",                                  false, source_cell      },
    {"cgroup",     "CGROUP",     "control group",                                                    false, cgroup_cell      },
    {"exe",        "EXE",        "program file",                                                     false, exe_cell         },
    {"comm",       "COMM",       "name",                                                             false, comm_cell        },
    {"name",       "NAME",       "the same",                                                         false, comm_cell        },
    {"command",    "COMMAND",    "command line, else name",                                          false, command_cell     },
};

const struct column *ps_columns(size_t *count)
{
    *count = sizeof columns / sizeof columns[0];
    return columns;
}
