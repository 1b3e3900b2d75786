#include "analyzer/views/baseline_view.h"
#include "analyzer/views/ps_view.h"

/* The keys of what adds up, in processes, users and totals. X(member, key) */
#define AMOUNT_KEYS(X)                                                                             \
    X(vss, "vss_bytes")                                                                            \
    X(rss, "rss_bytes")                                                                            \
    X(pss, "pss_bytes")                                                                            \
    X(uss, "uss_bytes")                                                                            \
    X(swap, "swap_bytes")                                                                          \
    X(swap_pss, "swap_pss_bytes")                                                                  \
    X(epss, "epss_bytes")                                                                          \
    X(virt, "virt_bytes")                                                                          \
    X(res, "res_bytes")                                                                            \
    X(shr, "shr_bytes")                                                                            \
    X(hugetlb, "hugetlb_bytes")                                                                    \
    X(page_tables, "page_table_bytes")                                                             \
    X(kernel_stacks, "kernel_stack_bytes")                                                         \
    X(locked, "locked_bytes")                                                                      \
    X(anon_huge_pages, "anon_huge_pages_bytes")                                                    \
    X(pss_anon, "pss_anon_bytes")                                                                  \
    X(pss_file, "pss_file_bytes")                                                                  \
    X(pss_shmem, "pss_shmem_bytes")                                                                \
    X(pss_dirty, "pss_dirty_bytes")                                                                \
    X(freed_if_killed, "freed_if_killed_bytes")                                                    \
    X(threads, "threads")                                                                          \
    X(minor_faults, "minor_faults")                                                                \
    X(major_faults, "major_faults")

static void json_add_process(struct json_document *document, struct json_node *node,
                             const struct snapshot *snapshot, const struct process_usage *usage)
{
    const struct process *process = usage->process;
    bool has_stat = (process->files & PROCESS_STAT) != 0;
    json_add_number(document, node, "pid", process->pid);
    json_add_amount(
        document, node, "start_time_ticks",
        (struct amount){process->start_time_ticks, process->start_time_ticks != 0 || has_stat});
    if (process->files & PROCESS_COMM)
        json_add_slice(document, node, "comm", snapshot_text(snapshot, process->comm));
    else
        json_add_null(document, node, "comm");
    json_add_amount(document, node, "uid", process->uid);
    json_add_text(document, node, "outcome", process_state_word(usage->state));
    json_add_text(document, node, "source", usage->source);
#define ADD_AMOUNT(member, key) json_add_amount(document, node, key, usage->member);
    AMOUNT_KEYS(ADD_AMOUNT)
#undef ADD_AMOUNT
    json_add_amount(document, node, "ppid", (struct amount){process->ppid, has_stat});
    struct amount shared_with = AMOUNT_UNKNOWN;
    if (process->address_space)
        shared_with = amount_of(snapshot->processes[process->address_space - 1].pid);
    json_add_amount(document, node, "address_space_pid", shared_with);
    json_add_amount(document, node, "mappings",
                    (struct amount){usage->mappings, process->smaps.blocks != 0});
    bool has_oom = (process->files & PROCESS_OOM_SCORE) && process->oom_score >= 0;
    json_add_amount(document, node, "oom_score",
                    (struct amount){(uint64_t)process->oom_score, has_oom});
    if (process->files & PROCESS_OOM_SCORE_ADJ)
        json_add_signed(document, node, "oom_score_adj", process->oom_score_adj);
    else
        json_add_null(document, node, "oom_score_adj");
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

static void json_add_totals(struct json_document *document, struct json_node *node,
                            const struct process_totals *totals)
{
    json_add_number(document, node, "processes", totals->processes);
    json_add_number(document, node, "kernel_threads", totals->kernel_threads);
    json_add_number(document, node, "mappings", totals->mappings);
    json_add_number(document, node, "same_address_space", totals->same_address_space);
#define ADD_AMOUNT(member, key) json_add_amount(document, node, key, totals->member);
    AMOUNT_KEYS(ADD_AMOUNT)
#undef ADD_AMOUNT
    json_add_number(document, node, "unread", totals->unread);
    json_add_number(document, node, "unread_rss_bytes", totals->unread_rss_bytes);
    struct json_node *unknown = json_add_object(document, node, "unknown");
#define ADD_UNKNOWN(member, key)                                                                   \
    if (totals->unknown.member)                                                                    \
        json_add_number(document, unknown, key, totals->unknown.member);
    AMOUNT_KEYS(ADD_UNKNOWN)
#undef ADD_UNKNOWN
}

static void json_add_users(struct json_document *document, const struct user_usages *users)
{
    struct json_node *list = json_add_array(document, document->root, "users");
    for (size_t i = 0; i < users->count; i++) {
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_amount(document, node, "uid", users->rows[i].uid);
        json_add_totals(document, node, &users->rows[i].totals);
    }
}

static void json_add_name(struct json_document *document, struct json_node *list,
                          const struct snapshot *snapshot, const struct name_usage *usage)
{
    const struct {
        const char *sum, *average;
        struct amount amount;
    } figures[] = {
        {"pss_bytes",      "avg_pss_bytes",      name_usage_sum(usage,  SMAPS_PSS)},
        {"uss_bytes",      "avg_uss_bytes",      name_usage_uss(usage)},
        {"rss_bytes", "avg_rss_bytes", name_usage_sum(usage,            SMAPS_RSS)          },
        {"vss_bytes",            NULL, name_usage_sum(usage,           SMAPS_SIZE)},
        {"swap_bytes",            NULL, name_usage_sum(usage,           SMAPS_SWAP)          },
        {"swap_pss_bytes",            NULL, name_usage_sum(usage,       SMAPS_SWAP_PSS)},
    };
    struct json_node *node = json_add_object(document, list, NULL);
    json_add_slice(document, node, "name", snapshot_text(snapshot, usage->name));
    json_add_number(document, node, "mappings", usage->mappings);
    json_add_number(document, node, "processes", usage->processes);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        struct amount mean = figures[i].amount;
        mean.bytes = ps_mapping_average(mean.bytes, usage->processes);
        json_add_amount(document, node, figures[i].sum, figures[i].amount);
        if (figures[i].average)
            json_add_amount(document, node, figures[i].average, mean);
    }
}

static void json_add_names(struct json_document *document, const struct ps_report *report)
{
    struct json_node *list = json_add_array(document, document->root, "mappings");
    for (size_t i = 0; i < report->names.count; i++)
        json_add_name(document, list, report->snapshot, &report->names.rows[i]);
}

bool ps_print_json(const struct ps_report *report, enum ps_rows rows, FILE *to, struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.ps/1");
    json_add_snapshot(&document, "snapshot", report->snapshot);
    json_add_amount(&document, document.root, "mem_total_bytes", report->size.memory);
    json_add_amount(&document, document.root, "swap_total_bytes", report->size.swap);
    json_add_amount(&document, document.root, "kernel_stack_size_bytes", report->stack_size);
    json_add_text(&document, document.root, "kernel_stack_size_grade",
                  report->stack_size.known ? grade_word(report->stack_grade) : NULL);
    json_begin_rows(&document, "processes", to);
    for (size_t i = 0; i < report->count; i++)
        json_add_process(&document, json_next_row(&document), report->snapshot, &report->usages[i]);
    if (rows == PS_USERS)
        json_add_users(&document, &report->users);
    if (rows == PS_MAPPINGS)
        json_add_names(&document, report);
    if (rows == PS_GROUPS)
        groups_add_json(&document, report->groups);
    json_add_totals(&document, json_add_object(&document, document.root, "totals"),
                    &report->totals);
    json_add_baseline(&document, report->baseline);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
