/* The identity between what pagemap and kpagecount tell of each page and what smaps tells of each
 * mapping: the kernel comes to PSS in both ways. */
#include "analyzer/account/check_rules.h"

#include <stdlib.h>

#include "analyzer/account/page_usage.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/model/shared_address_space.h"

/* Has all its pages and all its mappings; one of those that share an address space stands for all. */
static bool has_pages_and_smaps(const struct snapshot *snapshot, size_t process_index)
{
    const struct process *process = &snapshot->processes[process_index];
    return process->smaps.blocks && !(process->files & PROCESS_SMAPS_CUT) &&
           (process->smaps.present & SMAPS_BIT(SMAPS_PSS)) &&
           !process_repeats_address_space(snapshot, process_index) &&
           process_pages_known(snapshot, process);
}

static uint64_t pss_of_pages(const struct page_store *store, const bool *counted)
{
    uint64_t units = 0;
    for (size_t i = 0; i < store->frames.count; i++) {
        const struct page_run *run = &store->frames.runs[i];
        if (counted[store->mappings[run->mapping].process])
            units = add_saturating(units, page_run_pss(run, store->page_bytes));
    }
    return units >> PAGE_PSS_SHIFT;
}

bool check_pages(const struct check_input *in, struct identity_check *check)
{
    const struct snapshot *snapshot = in->snapshot;
    uint64_t smaps_bytes = 0, mappings = 0;
    if (!snapshot->pages.page_bytes || !snapshot->pages.has_mapcounts)
        return check_impossible(check, "no pages with their counts (collect with --pages)");
    AUTO_FREE bool *counted = calloc(snapshot->process_count + 1, sizeof *counted);
    if (!counted)
        return check_impossible(check, "out of memory");
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct smaps_sums *smaps = &snapshot->processes[i].smaps;
        counted[i] = has_pages_and_smaps(snapshot, i);
        if (!counted[i])
            continue;
        smaps_bytes = add_saturating(smaps_bytes, smaps->bytes[SMAPS_PSS]);
        mappings = add_saturating(mappings, smaps->blocks);
    }
    if (!mappings)
        return check_impossible(check, "no process has both all its pages and smaps");
    check_tolerate(check, LEFT_EITHER_WAY, multiply_saturating(mappings, 1024),
                   "PSS cut to 1 KiB in %llu mappings", (unsigned long long)mappings);
    check_tolerate_moved(in, check, MEMINFO_ANON_PAGES);
    check_tolerate_moved(in, check, MEMINFO_MAPPED);
    return check_compare(check, pss_of_pages(&snapshot->pages, counted), smaps_bytes,
                         "smaps cuts PSS to 1 KiB a mapping; processes change between the two "
                         "reads",
                         "processes changed between the two reads, or counts that the kernel "
                         "does not keep for each page of a large folio");
}
