#include "analyzer/views/cgroups_view.h"

#include <inttypes.h>

#include "analyzer/account/cgroup_name.h"
#include "analyzer/base/cleanup.h"

#define INDENT_PER_LEVEL 2u
#define INDENT_MAX       64u /* columns: deeper levels stand below each other */

struct cgroups_report {
    const struct cgroups *cgroups;
    const size_t *chosen; /* indexes into cgroups->rows */
    size_t count;
    struct slice *names; /* by row: indented, or the whole path */
};

static const struct cgroup_usage *usage_at(const void *report, size_t row)
{
    const struct cgroups_report *cgroups = report;
    return &cgroups->cgroups->rows[cgroups->chosen[row]];
}

#define AMOUNT_CELL(name, member)                                                                  \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        return cell_of_amount(usage_at(report, row)->member);                                      \
    }
#define COUNT_CELL(name, member)                                                                   \
    static struct cell name##_cell(const void *report, size_t row)                                 \
    {                                                                                              \
        struct amount count = usage_at(report, row)->member;                                       \
        return count.known ? cell_of_number(count.bytes) : cell_of_text(NULL);                     \
    }

AMOUNT_CELL(charged, total[CGROUP_FIGURE_CHARGED])
AMOUNT_CELL(own, own[CGROUP_FIGURE_CHARGED])
AMOUNT_CELL(limit, limit)
AMOUNT_CELL(peak, peak)
AMOUNT_CELL(anon, total[CGROUP_FIGURE_ANON])
AMOUNT_CELL(file, total[CGROUP_FIGURE_FILE])
AMOUNT_CELL(shmem, total[CGROUP_FIGURE_SHMEM])
AMOUNT_CELL(mapped, total[CGROUP_FIGURE_FILE_MAPPED])
AMOUNT_CELL(unmapped, total[CGROUP_FIGURE_UNMAPPED])
AMOUNT_CELL(kernel, total[CGROUP_FIGURE_KERNEL])
AMOUNT_CELL(stack, total[CGROUP_FIGURE_KERNEL_STACK])
AMOUNT_CELL(page_tables, total[CGROUP_FIGURE_PAGE_TABLES])
AMOUNT_CELL(percpu, total[CGROUP_FIGURE_PERCPU])
AMOUNT_CELL(slab, total[CGROUP_FIGURE_SLAB])
AMOUNT_CELL(vmalloc, total[CGROUP_FIGURE_VMALLOC])
AMOUNT_CELL(sock, total[CGROUP_FIGURE_SOCK])
AMOUNT_CELL(swap, total[CGROUP_FIGURE_SWAP])
AMOUNT_CELL(zswap, total[CGROUP_FIGURE_ZSWAP])
AMOUNT_CELL(out_low, used_elsewhere.low)
AMOUNT_CELL(out_high, used_elsewhere.high)
AMOUNT_CELL(in_low, charged_elsewhere.low)
AMOUNT_CELL(in_high, charged_elsewhere.high)
COUNT_CELL(hits, limit_hits)
COUNT_CELL(kills, oom_kills)
COUNT_CELL(dying, node->cgroup->dying)

static struct cell pss_cell(const void *report, size_t row)
{
    return cell_of_bytes(usage_at(report, row)->members.pss_bytes);
}

static struct cell unread_cell(const void *report, size_t row)
{
    return cell_of_number(usage_at(report, row)->members.unread);
}

static struct cell processes_cell(const void *report, size_t row)
{
    return cell_of_number(usage_at(report, row)->members.processes);
}

static struct cell own_processes_cell(const void *report, size_t row)
{
    return cell_of_number(usage_at(report, row)->own_members.processes);
}

static struct cell if_named(struct slice text)
{
    return text.length_bytes ? cell_of_slice(text) : cell_of_text(NULL);
}

static struct cell container_cell(const void *report, size_t row)
{
    struct slice path = usage_at(report, row)->node->path;
    return cgroup_name_of(path).container.length_bytes ? cell_of_slice(cgroup_short_name(path))
                                                       : cell_of_text(NULL);
}

static struct cell runtime_cell(const void *report, size_t row)
{
    return cell_of_text(cgroup_name_of(usage_at(report, row)->node->path).runtime);
}

static struct cell unit_cell(const void *report, size_t row)
{
    return if_named(cgroup_name_of(usage_at(report, row)->node->path).unit);
}

static struct cell pod_cell(const void *report, size_t row)
{
    return if_named(cgroup_name_of(usage_at(report, row)->node->path).pod);
}

static struct cell name_cell(const void *report, size_t row)
{
    return cell_of_slice(((const struct cgroups_report *)report)->names[row]);
}

static const struct column columns[] = {
    {"charged",    "CHARGED",   "what the kernel charges to it and all below",                   true,  charged_cell      },
    {"own",        "OWN",       "of it not to those below",                                      true,  own_cell          },
    {"limit",      "LIMIT",     "memory.max, memory.limit_in_bytes",                             true,  limit_cell        },
    {"peak",       "PEAK",      "most that was charged",                                         true,  peak_cell         },
    {"anon",       "ANON",      "anonymous memory that is mapped",                               true,  anon_cell         },
    {"file",       "FILE",      "page cache, with shared memory and swap cache",                 true,  file_cell         },
    {"shmem",      "SHMEM",     "shared memory and tmpfs; part of FILE",                         true,  shmem_cell        },
    {"mapped",     "MAPPED",    "part of FILE that someone maps",                                true,  mapped_cell       },
    {"unmapped",   "UNMAPPED",  "part of FILE that nobody maps",                                 true,  unmapped_cell     },
    {"kernel",     "KERNEL",    "kernel memory; holds the next five",                            true,  kernel_cell       },
    {"stack",      "STACK",     "kernel stacks; may be in VMALLOC, too",                         true,  stack_cell        },
    {"pagetables", "PTABLES",   "page tables",                                                   true,  page_tables_cell  },
    {"percpu",     "PERCPU",    "percpu memory",                                                 true,  percpu_cell       },
    {"slab",       "SLAB",      "slab objects",                                                  true,  slab_cell         },
    {"vmalloc",    "VMALLOC",   "vmalloc areas",                                                 true,  vmalloc_cell      },
    {"sock",       "SOCK",      "socket buffers",                                                true,  sock_cell         },
    {"swap",       "SWAP",      "swapped out",                                                   true,  swap_cell         },
    {"zswap",      "ZSWAP",     "compressed swap; part of KERNEL",                               true,  zswap_cell        },
    {"pss",        "PSS",       "sum over the processes in it and below",                        true,  pss_cell          },
    {"out",        "OUT>=",     "charged here, used elsewhere: at least",                        true,  out_low_cell      },
    {"outmax",     "OUT<=",     "the same: at most",                                             true,  out_high_cell     },
    {"in",         "IN>=",      "used here, charged elsewhere: at least",                        true,  in_low_cell       },
    {"inmax",      "IN<=",      "the same: at most",                                             true,  in_high_cell      },
    {"procs",      "PROCS",     "processes with memory, in it and below",                        true,  processes_cell    },
    {"ownprocs",   "OWNPROCS",  "processes in it alone",                                         true,  own_processes_cell},
    {"unread",     "UNREAD",    "of PROCS, those without PSS",                                   true,  unread_cell       },
    {"dying",      "DYING",     "removed cgroups below it that live on",                         true,  dying_cell        },
    {"hits",       "HITS",      "how often the limit was met",                                   true,  hits_cell         },
    {"oomkills",   "OOMKILLS",  "processes killed for want of memory",                           true,  kills_cell        },
    {"container",  "CONTAINER", "container: 12 digits of its id, or its name",                   false,
     container_cell                                                                                                       },
    {"runtime",    "RUNTIME",   "what runs the container, where the path tells",                 false, runtime_cell      },
    {"pod",        "POD",       "uid of the pod",                                                false, pod_cell          },
    {"unit",       "UNIT",      "unit of systemd",                                               false, unit_cell         },
    {"name",       "CGROUP",    "its name, indented below its parent; its path in other orders", false,
     name_cell                                                                                                            },
};

const struct column *cgroups_columns(size_t *count)
{
    *count = sizeof columns / sizeof columns[0];
    return columns;
}

static bool is_empty(const struct cgroup_usage *usage)
{
    const struct amount *total = usage->total;
    return !total[CGROUP_FIGURE_CHARGED].bytes && !total[CGROUP_FIGURE_SWAP].bytes &&
           !usage->members.processes;
}

static size_t indent_of(const struct cgroup_node *node)
{
    return node->depth < INDENT_MAX / INDENT_PER_LEVEL ? node->depth * INDENT_PER_LEVEL
                                                       : INDENT_MAX;
}

/* Names of all rows in one piece of memory, which the caller frees; NULL when it ran out. */
static char *indent_names(struct cgroups_report *report)
{
    size_t bytes = 1;
    for (size_t i = 0; i < report->count; i++)
        bytes += INDENT_MAX + cgroup_last_component(usage_at(report, i)->node->path).length_bytes;
    char *text = malloc(bytes), *at = text;
    for (size_t i = 0; text && i < report->count; i++) {
        const struct cgroup_node *node = usage_at(report, i)->node;
        struct slice last = cgroup_last_component(node->path);
        size_t indent = indent_of(node);
        memset(at, ' ', indent);
        memcpy(at + indent, last.at, last.length_bytes);
        report->names[i] = (struct slice){at, indent + last.length_bytes};
        at += indent + last.length_bytes;
    }
    return text;
}

static void whole_paths(struct cgroups_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        struct slice path = usage_at(report, i)->node->path;
        report->names[i] = path.length_bytes ? path : SLICE("/");
    }
}

static void print_notes(const struct cgroups *cgroups, const struct view_options *options)
{
    char pss[BYTE_TEXT_MAX];
    if (cgroups->unplaced.processes)
        fprintf(options->to, "processes without a cgroup in this bundle: %" PRIu64 ", PSS %s\n",
                cgroups->unplaced.processes,
                format_bytes(pss, cgroups->unplaced.pss_bytes, options->table.unit));
    if (cgroups->removed)
        fprintf(options->to,
                "processes of removed cgroups, counted in the nearest above: %" PRIu64 "\n",
                cgroups->removed);
    if (cgroups->all.unread)
        fprintf(options->to, "processes without PSS, not in the sums: %" PRIu64 "\n",
                cgroups->all.unread);
    if (cgroups->dying.known)
        fprintf(options->to, "removed cgroups that live on: %" PRIu64 " (%s)\n",
                cgroups->dying.bytes, cgroups->dying_source);
    fputs("A page is charged to who touched it first: OUT is charged here and mapped elsewhere, IN "
          "the "
          "reverse\n",
          options->to);
}

static bool print_rows(struct cgroups_report *report, const struct view_options *options,
                       struct failure *why)
{
    struct table_options table_options = options->table;
    bool flat = table_options.sort || table_options.rows;
    struct table table = {.columns = columns,
                          .column_count = sizeof columns / sizeof columns[0],
                          .default_columns = "charged,anon,file,unmapped,kernel,swap,pss,out,in,"
                                             "procs,name",
                          .default_sort = flat ? "charged" : NULL,
                          .report = report,
                          .row_count = report->count};
    AUTO_FREE char *text = NULL;
    if (flat)
        whole_paths(report);
    else
        text = indent_names(report);
    if (!flat && !text)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    return table_print(&table, &table_options, options->to, why);
}

bool cgroups_print(const struct snapshot *snapshot, const struct cgroups *cgroups,
                   const struct view_options *options, struct failure *why)
{
    size_t count = cgroups->tree.count;
    AUTO_FREE size_t *chosen = malloc((count + 1) * sizeof *chosen);
    AUTO_FREE struct slice *names = malloc((count + 1) * sizeof *names);
    if (!chosen || !names)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    struct cgroups_report report = {.cgroups = cgroups, .chosen = chosen, .names = names};
    for (size_t i = 0; i < count; i++)
        if (options->all || !is_empty(&cgroups->rows[i]))
            chosen[report.count++] = i;
    bool headed = !options->table.no_headings;
    if (headed) {
        print_snapshot_heading(snapshot, options);
        fprintf(options->to, count ? "cgroup v%d\n" : "no cgroups in this bundle\n",
                (int)cgroups->tree.version);
    }
    if (!print_rows(&report, options, why))
        return false;
    if (headed && count)
        print_notes(cgroups, options);
    return true;
}
