/* The diff as text: the ledger's changes, then the culprits; or one level of it. */
#include "analyzer/views/diff_view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/views/diff_parts_view.h"

/* So that the first screen has something of each; -n and -a show more. */
#define ROWS_A_PART 5

typedef bool (*level_printer)(const struct snapshot_diff *diff, const struct view_options *options,
                              struct failure *why);

static const struct {
    const char *word;
    level_printer print;
} levels[DIFF_LEVEL_COUNT] = {
    [DIFF_BY_LEDGER] = {"ledger",  diff_print_ledger   },
    [DIFF_BY_GROUP] = {"group",   diff_print_groups   },
    [DIFF_BY_PROGRAM] = {"program", diff_print_groups   },
    [DIFF_BY_PROCESS] = {"process", diff_print_processes},
    [DIFF_BY_CLASS] = {"class",   diff_print_classes  },
    [DIFF_BY_OBJECT] = {"object",  diff_print_objects  },
    [DIFF_BY_MAPPING] = {"mapping", diff_print_mappings },
    [DIFF_BY_KERNEL] = {"kernel",  diff_print_kernel   },
};

bool diff_level_find(const char *word, enum diff_level *level)
{
    for (unsigned i = DIFF_SCREEN + 1; i < DIFF_LEVEL_COUNT; i++) {
        if (strcmp(levels[i].word, word) != 0)
            continue;
        *level = (enum diff_level)i;
        return true;
    }
    return false;
}

bool diff_picked_init(struct diff_picked *picked, const struct snapshot_diff *diff, size_t most)
{
    *picked = (struct diff_picked){.diff = diff, .rows = malloc((most + 1) * sizeof *picked->rows)};
    return picked->rows != NULL;
}

bool diff_print_part(const struct column *columns, size_t column_count, const char *defaults,
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
    if (!shown.rows && !options->all && options->diff_level == DIFF_SCREEN)
        shown.rows = ROWS_A_PART;
    if (!rows && options->diff_level != DIFF_SCREEN)
        print_no_row(options);
    if (!rows)
        return true;
    if (!shown.no_headings)
        fputc('\n', options->to);
    if (!table_print(&table, &shown, options->to, why))
        return false;
    if (shown.rows && rows > shown.rows && !shown.no_headings)
        fprintf(options->to, "... and %" PRIu64 " more%s\n", (uint64_t)rows - shown.rows,
                options->table.rows ? "" : " (-a shows all)");
    return true;
}

const struct process *diff_either(const struct process_change *change)
{
    return change->after.process ? change->after.process : change->before.process;
}

/* One loud line: what follows is still true, but of two machines, or of two lives of one. */
static void print_differences(const struct snapshot_diff *diff, FILE *to)
{
    const struct {
        bool same;
        const char *what;
    } facts[] = {
        {diff->same_host,      "HOST"     },
        {diff->same_boot,      "BOOT"     },
        {diff->same_kernel,    "KERNEL"   },
        {diff->same_page_size, "PAGE SIZE"},
    };
    bool any = false;
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        if (facts[i].same)
            continue;
        fprintf(to, "%s%s", any ? ", " : "WARNING: THE TWO BUNDLES DIFFER IN ", facts[i].what);
        any = true;
    }
    if (any)
        fprintf(to, "%s\n", diff->same_boot ? "" : ": processes are matched by program");
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
            fputs("no change beyond noise\n", options->to);
    }
    if (options->diff_level != DIFF_SCREEN)
        return levels[options->diff_level].print(diff, options, why);
    return diff_print_waterfall(diff, options, why) &&
           (!options->all || diff_print_ledger(diff, options, why)) &&
           diff_print_processes(diff, options, why) && diff_print_mappings(diff, options, why) &&
           diff_print_objects(diff, options, why) && diff_print_kernel(diff, options, why) &&
           diff_print_causes(diff, options, why) && diff_print_beside(diff, options, why);
}
