/* What `share` computes of many sets of processes, in one run:
 *
 *     set_figures BUNDLE < SETS
 *
 * Each line of SETS is a set, PIDs with commas between. For each line one is printed: low and high
 * bytes of footprint and of last_mapped, then of each fate. The first line printed has the size of
 * a page and "all" when every mapper was read, else "some". */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/account/process_group.h"
#include "analyzer/model/snapshot_load.h"

static int failed(const char *what, const struct failure *why)
{
    fprintf(stderr, "set_figures: %s: %s\n", what, why->message);
    return 1;
}

static void print_range(const struct byte_range *range, char end)
{
    printf("%" PRIu64 " %" PRIu64 "%c", range->low, range->high, end);
}

static bool print_set(const struct shared_stretches *stretches, const char *pids,
                      struct failure *why)
{
    struct process_groups groups;
    if (!process_group_of_pids(stretches->snapshot, pids, &groups, why))
        return false;
    struct set_sharing *set = set_sharing_compute(stretches, groups.set_of, groups.count, why);
    if (set) {
        print_range(&set->footprint, ' ');
        print_range(&set->last_mapped, ' ');
        for (unsigned fate = 0; fate < PAGE_FATE_COUNT; fate++)
            print_range(&set->fate[fate], fate + 1 < PAGE_FATE_COUNT ? ' ' : '\n');
    }
    process_groups_deinit(&groups);
    free(set);
    return set != NULL;
}

static int print_sets(const struct snapshot *snapshot)
{
    struct failure why = {0};
    struct shared_stretches stretches;
    char *line = NULL;
    size_t capacity = 0;
    uint64_t page_bytes = 0;
    int status = 0;
    if (!shared_stretches_compute(snapshot, &stretches, &why))
        return failed("stretches", &why);
    (void)snapshot_page_size(snapshot, &page_bytes);
    printf("%" PRIu64 " %s\n", page_bytes, stretches.all_mappers_read ? "all" : "some");
    while (!status && getline(&line, &capacity, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (!print_set(&stretches, line, &why))
            status = failed(line, &why);
    }
    free(line);
    shared_stretches_deinit(&stretches);
    return status;
}

int main(int argc, char **argv)
{
    const struct load_options options = {.limits = BUNDLE_LIMITS_DEFAULT};
    struct failure why = {0};
    if (argc != 2) {
        fputs("usage: set_figures BUNDLE < SETS\n", stderr);
        return 2;
    }
    struct snapshot *snapshot = snapshot_load(argv[1], &options, &why);
    if (!snapshot)
        return failed(argv[1], &why);
    int status = print_sets(snapshot);
    snapshot_free(snapshot);
    return status;
}
