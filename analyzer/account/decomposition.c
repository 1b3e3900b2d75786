#include "analyzer/account/decomposition.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "analyzer/account/reading_error.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/vmstat.h"

/* Most pages that a CPU holds back for one LRU list: PAGEVEC_SIZE, 31 since 6.9. */
#define BATCH_PAGES 31
#define LRU_LISTS   5

/* The reader itself and processes that came and went. */
#define READER_BYTES (INT64_C(1) << 20)

/* As a signed number that all reasons of a form can be summed up with. */
static int64_t share(uint64_t bytes)
{
    return bytes > INT64_MAX / 16 ? INT64_MAX / 16 : (int64_t)bytes;
}

static void add_part(struct decomposition *form, struct amount amount, const char *id,
                     const char *label, const char *source)
{
    if (!amount.known || form->part_count >= DECOMPOSITION_PARTS_MAX)
        return;
    form->parts[form->part_count++] = (struct decomposition_part){id, label, source, amount.bytes};
    form->total_bytes = add_saturating(form->total_bytes, amount.bytes);
}

static void add_reason(struct decomposition *form, const char *id, int64_t low, int64_t high,
                       const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A reason that can add nothing is none. */
static void add_reason(struct decomposition *form, const char *id, int64_t low, int64_t high,
                       const char *format, ...)
{
    if ((low == 0 && high == 0) || form->reason_count >= DECOMPOSITION_REASONS_MAX)
        return;
    struct decomposition_reason *reason = &form->reasons[form->reason_count++];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason->text, sizeof reason->text, format, arguments);
    va_end(arguments);
    reason->id = id;
    reason->low_bytes = low;
    reason->high_bytes = high;
}

static struct amount meminfo_field(const struct snapshot *snapshot, enum meminfo_field field)
{
    uint64_t value;
    return field_get(&snapshot->system.now.meminfo, field, &value) ? amount_of(value)
                                                                   : AMOUNT_UNKNOWN;
}

static struct amount isolated(const struct snapshot *snapshot, uint64_t page_bytes)
{
    const struct system_sample *now = &snapshot->system.now;
    uint64_t anon, file;
    if (!now->has_vmstat || !page_bytes ||
        !field_get(&now->vmstat, VMSTAT_NR_ISOLATED_ANON, &anon) ||
        !field_get(&now->vmstat, VMSTAT_NR_ISOLATED_FILE, &file))
        return AMOUNT_UNKNOWN;
    return amount_of(multiply_saturating(add_saturating(anon, file), page_bytes));
}

/* The lists by kind where they are printed and sum up, else as two. */
static void fill_lru(const struct snapshot *snapshot, const struct system_terms *terms,
                     struct decomposition *form)
{
    static const struct {
        enum meminfo_field field;
        const char *id, *label, *source;
    } rows[] = {
        {MEMINFO_ACTIVE_ANON,   "active_anon",   "Active, anonymous and shmem",   "Active(anon)"  },
        {MEMINFO_INACTIVE_ANON, "inactive_anon", "Inactive, anonymous and shmem", "Inactive(anon)"},
        {MEMINFO_ACTIVE_FILE,   "active_file",   "Active, files",                 "Active(file)"  },
        {MEMINFO_INACTIVE_FILE, "inactive_file", "Inactive, files",               "Inactive(file)"},
    };
    struct amount lists = amount_of(0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        lists = amount_add(lists, meminfo_field(snapshot, rows[i].field));
    struct amount active = meminfo_field(snapshot, MEMINFO_ACTIVE);
    struct amount inactive = meminfo_field(snapshot, MEMINFO_INACTIVE);
    if (lists.known && lists.bytes == amount_add(active, inactive).bytes) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            add_part(form, meminfo_field(snapshot, rows[i].field), rows[i].id, rows[i].label,
                     rows[i].source);
    } else {
        add_part(form, active, "active", "Active", "Active");
        add_part(form, inactive, "inactive", "Inactive", "Inactive");
    }
    add_part(form, meminfo_field(snapshot, MEMINFO_UNEVICTABLE), "unevictable", "Unevictable",
             "Unevictable");
    add_part(form, isolated(snapshot, terms->page_bytes), "isolated", "Taken off the lists for now",
             "nr_isolated_anon + nr_isolated_file");
    form->known = terms->lru.known;
}

static void fill_page_cache(const struct system_terms *terms, struct decomposition *form)
{
    add_part(form, terms->anon, "anon", "Anonymous, mapped", "AnonPages");
    add_part(form, terms->file_cache, "file_cache", "Page cache of files",
             terms->shmem.known ? "Cached - Shmem" : "Cached");
    add_part(form, terms->shmem, "shmem", "Shared memory and tmpfs", "Shmem");
    add_part(form, terms->buffers, "buffers", "Page cache of block devices", "Buffers");
    add_part(form, terms->swap_cache, "swap_cache", "Swap cache, mapped or not", "SwapCached");
    form->known = terms->anon.known && terms->file_cache.known && terms->buffers.known &&
                  terms->swap_cache.known;
}

static struct amount cached_of(const struct system_terms *terms)
{
    return amount_add(terms->file_cache, terms->shmem.known ? terms->shmem : amount_of(0));
}

static void fill_process(const struct snapshot *snapshot, const struct system_terms *terms,
                         const struct process_totals *totals, struct decomposition *form)
{
    struct amount mapped = meminfo_field(snapshot, MEMINFO_MAPPED);
    struct amount cached = cached_of(terms);
    struct amount unmapped = AMOUNT_UNKNOWN;
    if (mapped.known && cached.known)
        unmapped = amount_of(subtract_to_zero(cached.bytes, mapped.bytes));
    add_part(form, totals->pss_best, "pss", "Mapped by processes", "sum of PSS");
    add_part(form, unmapped, "unmapped_cache", "Page cache that nobody maps",
             "Cached - Mapped, not below 0");
    add_part(form, terms->buffers, "buffers", "Page cache of block devices", "Buffers");
    add_part(form, terms->swap_cache, "swap_cache", "Swap cache, mapped or not", "SwapCached");
    form->known =
        totals->pss_best.known && unmapped.known && terms->buffers.known && terms->swap_cache.known;
}

/* Why the list form may have less: pages on their way to a list are on none yet. */
static void reasons_of_batches(const struct reading_error *error, struct decomposition *form)
{
    uint64_t pages = multiply_saturating(error->cpus, BATCH_PAGES * LRU_LISTS);
    int64_t batch = share(multiply_saturating(pages, error->page_bytes));
    add_reason(form, "lru_batches", -batch, 0,
               "pages on their way to an LRU list: up to %d a list and CPU, CPUs: %" PRIu64,
               BATCH_PAGES, error->cpus);
    int64_t drift = share(error->drift_bytes);
    add_reason(form, "drift", -2 * drift, 2 * drift,
               "counters that CPUs have not added up yet, CPUs: %" PRIu64, error->cpus);
}

/* What the page cache form counts twice or lacks is what rule 4.2 of the ledger takes it to be. */
static void reasons_of_owners(const struct system_terms *terms, struct decomposition *form)
{
    int64_t twice = share(terms->swap_cache_mapped_bytes);
    int64_t unowned = share(terms->lru_unowned_bytes);
    add_reason(form, "swap_cache_mapped", twice, twice,
               "swap cache that is mapped as well is counted twice");
    add_reason(form, "lru_unowned", -unowned, -unowned,
               "on LRU lists without owner: parts of huge pages, cut off or pinned pages");
}

static void reasons_of_processes(const struct snapshot *snapshot, const struct system_terms *terms,
                                 const struct process_totals *totals,
                                 const struct reading_error *error, struct decomposition *form)
{
    struct amount mapped = meminfo_field(snapshot, MEMINFO_MAPPED);
    struct amount cached = cached_of(terms);
    uint64_t beyond =
        mapped.known && cached.known ? subtract_to_zero(mapped.bytes, cached.bytes) : 0;
    add_reason(form, "mapped_not_cached", share(beyond), share(beyond),
               "Mapped is more than Cached: pages of drivers that are mapped (packet rings)");
    add_reason(form, "unread_processes", -share(totals->unread_rss_bytes), 0,
               "RSS of processes that could not be read, %" PRIu64 " of them", totals->unread);
    add_reason(form, "pss_rounding", -share(multiply_saturating(totals->mappings, 1024)), 0,
               "PSS is cut to whole KiB, at most once in each of %" PRIu64 " mappings",
               totals->mappings);
    int64_t moved = share(add_saturating(reading_moved(snapshot, MEMINFO_ANON_PAGES),
                                         reading_moved(snapshot, MEMINFO_MAPPED)));
    add_reason(form, "moved", -moved, moved,
               "AnonPages and Mapped moved so much while processes were read");
    add_reason(form, "reader", -READER_BYTES, READER_BYTES,
               "the reader itself, and processes that came or went");
    int64_t drift = share(error->drift_bytes);
    add_reason(form, "drift", -2 * drift, 2 * drift,
               "counters that CPUs have not added up yet, CPUs: %" PRIu64, error->cpus);
}

static void finish(struct decomposition *form, const struct system_terms *terms,
                   uint64_t user_bytes)
{
    uint64_t ledger = user_bytes;
    if (!form->known) {
        *form = (struct decomposition){.id = form->id, .title = form->title};
        return;
    }
    if (terms->hugetlb.known) {
        add_part(form, terms->hugetlb, "hugetlb", "Huge pages (hugetlb)", "Hugetlb");
        ledger = add_saturating(ledger, terms->hugetlb.bytes);
    }
    form->difference_bytes = to_signed(form->total_bytes) - to_signed(ledger);
    int64_t low = 0, high = 0;
    for (size_t i = 0; i < form->reason_count; i++) {
        low += form->reasons[i].low_bytes;
        high += form->reasons[i].high_bytes;
    }
    if (form->difference_bytes > high)
        form->unexplained_bytes = form->difference_bytes - high;
    else if (form->difference_bytes < low)
        form->unexplained_bytes = form->difference_bytes - low;
}

void decompositions_compute(const struct snapshot *snapshot, const struct system_terms *terms,
                            uint64_t user_bytes, struct decomposition out[DECOMPOSITION_COUNT])
{
    struct decomposition *lru = &out[0], *cache = &out[1], *process = &out[2];
    struct process_totals totals;
    struct reading_error error;
    process_totals_compute(snapshot, &totals);
    reading_error_find(snapshot, &error);
    *lru = (struct decomposition){.id = "lru", .title = "by LRU list"};
    *cache = (struct decomposition){.id = "page_cache", .title = "by page cache"};
    *process = (struct decomposition){.id = "process", .title = "by process"};
    fill_lru(snapshot, terms, lru);
    fill_page_cache(terms, cache);
    fill_process(snapshot, terms, &totals, process);
    reasons_of_batches(&error, lru);
    reasons_of_owners(terms, cache);
    reasons_of_owners(terms, process);
    reasons_of_processes(snapshot, terms, &totals, &error, process);
    for (size_t i = 0; i < DECOMPOSITION_COUNT; i++)
        finish(&out[i], terms, user_bytes);
}
