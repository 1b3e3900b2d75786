#include "analyzer/views/share_view.h"

#include <inttypes.h>

/* Sets */

static const struct sharing_set *set_at(const void *report, size_t row)
{
    return &((const struct share_report *)report)->sets->sets[row];
}

static struct cell kind_cell(const void *report, size_t row)
{
    return cell_of_text(object_kind_word(set_at(report, row)->kind));
}

static struct cell sharers_cell(const void *report, size_t row)
{
    return cell_of_number(set_at(report, row)->count);
}

static struct cell low_cell(const void *report, size_t row)
{
    return cell_of_bytes(set_at(report, row)->exactly.low);
}

static struct cell high_cell(const void *report, size_t row)
{
    return cell_of_bytes(set_at(report, row)->exactly.high);
}

static struct cell grade_cell(const void *report, size_t row)
{
    return cell_of_text(range_grade(set_at(report, row)->exactly));
}

static struct cell distinct_low_cell(const void *report, size_t row)
{
    return cell_of_bytes(set_at(report, row)->distinct.low);
}

static struct cell distinct_high_cell(const void *report, size_t row)
{
    return cell_of_bytes(set_at(report, row)->distinct.high);
}

static const struct process *first_process(const void *report, size_t row)
{
    const struct share_report *share = report;
    return &share->snapshot->processes[share->sets->processes[set_at(report, row)->first_process]];
}

static struct cell pid_cell(const void *report, size_t row)
{
    return cell_of_number(first_process(report, row)->pid);
}

static struct cell comm_cell(const void *report, size_t row)
{
    const struct process *process = first_process(report, row);
    if (!(process->files & PROCESS_COMM))
        return (struct cell){.kind = CELL_ABSENT};
    return cell_of_slice(
        snapshot_text(((const struct share_report *)report)->snapshot, process->comm));
}

static const struct column set_columns[] = {
    {"kind",    "KIND",    "what is shared: anon, file, shmem, memfd, sysv, hugetlb, ...",       false,
     kind_cell                                                                                                            },
    {"sharers", "SHARERS", "processes of the set, each address space once",                      true,  sharers_cell      },
    {"low",     "LOW",     "at least so much is mapped by all of these and by nobody else",      true,  low_cell          },
    {"high",    "HIGH",    "and at most so much",                                                true,  high_cell         },
    {"grade",   "GRADE",   "exact: both are the same",                                           false, grade_cell        },
    {"anylow",  "ANYLOW",  "at least so much is mapped by two or more of these, and only these", true,
     distinct_low_cell                                                                                                    },
    {"anyhigh", "ANYHIGH", "and at most so much",                                                true,  distinct_high_cell},
    {"pid",     "PID",     "the lowest PID of the set",                                          true,  pid_cell          },
    {"comm",    "COMM",    "its name",                                                           false, comm_cell         },
};

const struct column *share_columns(size_t *count)
{
    *count = sizeof set_columns / sizeof set_columns[0];
    return set_columns;
}

/* One set */

static void print_range(const struct view_options *options, const char *label,
                        const struct set_sharing *set, struct byte_range range)
{
    char low[BYTE_TEXT_MAX], high[BYTE_TEXT_MAX];
    struct amount most = set_at_most(set, range);
    format_bytes(low, range.low, options->table.unit);
    format_bytes(high, range.high, options->table.unit);
    if (!most.known)
        fprintf(options->to, "%-36s %12s or more\n", label, low);
    else if (range.low == range.high)
        fprintf(options->to, "%-36s %12s\n", label, low);
    else
        fprintf(options->to, "%-36s %12s to %s\n", label, low, high);
}

static void print_amount(const struct view_options *options, const char *label,
                         struct amount amount)
{
    char text[BYTE_TEXT_MAX];
    fprintf(options->to, "%-36s %12s\n", label,
            amount.known ? format_bytes(text, amount.bytes, options->table.unit) : "-");
}

static void print_one_set(const struct share_report *report, const struct view_options *options)
{
    const struct set_sharing *set = &report->groups->figures[0];
    struct set_growth growth = set_growth_of(set, report->groups->available);
    fprintf(options->to, "%" PRIu32 " process%s, %" PRIu32 " address space%s", set->processes,
            set->processes == 1 ? "" : "es", set->address_spaces,
            set->address_spaces == 1 ? "" : "s");
    if (options->table.unit == SIZE_HUMAN)
        fputc('\n', options->to);
    else
        fprintf(options->to, ", sizes in %s\n", size_unit_word(options->table.unit));
    if (set->unread)
        fprintf(options->to, "%" PRIu32 " of these could not be read: %s\n", set->unread,
                set->unread_unbounded ? "so there are no upper bounds"
                                      : "upper bounds have their RSS");
    print_amount(options, "sum of RSS", amount_of(set->rss_bytes));
    print_range(options, "sum of PSS", set, set->pss);
    print_amount(options, "sum of USS", amount_of(set->uss_bytes));
    print_range(options, "pages that they map, each once", set, set->footprint);
    print_range(options, "  others map these too", set, set->with_others);
    print_range(options, "  nobody else maps these", set, set->last_mapped);
    fputs("If all of these stop:\n", options->to);
    for (unsigned fate = 0; fate < PAGE_FATE_COUNT; fate++) {
        char label[64];
        snprintf(label, sizeof label, "  %s", page_fate_words(fate));
        print_range(options, label, set, set->fate[fate]);
    }
    print_amount(options, "  page tables, free at once", set->page_tables);
    print_amount(options, "  kernel stacks, free at once (about)", set->kernel_stacks);
    print_range(options, "  swap slots of private memory", set, set->swap);
    print_amount(options, "One more of the same would take", growth.one_more);
    if (growth.fit.known)
        fprintf(options->to, "%-36s %12" PRIu64 "\n", "so many more fit into MemAvailable",
                growth.fit.bytes);
    fputs("(taken to share what these share, with as much of its own as they have on average)\n",
          options->to);
}

static bool print_sets(const struct share_report *report, const struct view_options *options,
                       struct failure *why)
{
    struct table table = {.columns = set_columns,
                          .column_count = sizeof set_columns / sizeof set_columns[0],
                          .default_sort = "high",
                          .report = report,
                          .row_count = report->sets->count};
    return table_print(&table, &options->table, options->to, why);
}

/* How the figures came about. */
static void print_grounds(const struct share_report *report, const struct view_options *options)
{
    const struct page_sharing *pages = report->pages;
    uint32_t bounded = 0;
    if (!pages) {
        if (!report->all_mappers_read)
            fputs("Not every process was read, so bounds are wide: who else maps a page is not "
                  "known\n",
                  options->to);
        return;
    }
    for (uint32_t i = 0; report->groups && i < report->groups->groups->count; i++)
        bounded += !report->groups->figures[i].by_pages;
    fputs("Counted page by page", options->to);
    if (bounded)
        fprintf(options->to, ", but for %" PRIu32 " with pages that were not read: bounds",
                bounded);
    fputs("\n", options->to);
    if (pages->moved_pages)
        fprintf(options->to, "%" PRIu64 " pages changed their mappings while they were read\n",
                pages->moved_pages);
    if (!pages->all_read)
        fputs("Not the pages of every process were read: what these share with others counts as "
              "mapped by others\n",
              options->to);
}

bool share_print(const struct share_report *report, const struct view_options *options,
                 struct failure *why)
{
    if (!options->table.no_headings)
        print_snapshot_heading(report->snapshot, options);
    if (report->one_set)
        print_one_set(report, options);
    else if (!(report->groups ? groups_print(report->groups, options, why)
                              : print_sets(report, options, why)))
        return false;
    if (!options->table.no_headings)
        print_grounds(report, options);
    return true;
}
