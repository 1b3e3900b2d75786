/* What stands behind the pages of a process: proc/PID/pages. Its mappings one after the other; in
 * each the stretches where something is (asked of the kernel where it can tell them), there
 * pagemap, and for the frames kpageflags and kpagecount. */
#include "collector/read/fetching.h"

#include "collector/base/cleanup.h"
#include "collector/base/clock.h"
#include "collector/read/mapping_stream.h"
#include "collector/read/page_runs.h"
#include "collector/read/page_scan.h"
#include "collector/read/pages_access.h"
#include "collector/read/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Without PAGEMAP_SCAN all pages of a mapping are looked at that has something resident: so many for
 * each that is, and as many besides in all of a process. */
#define PLAIN_PAGES_EACH 64
#define PLAIN_PAGES_MOST (UINT64_C(64) * 1024 * 1024)

struct pages_fetch {
    struct fetching *fetching;
    struct failure *why;
    int pagemap;
    bool scans; /* the kernel has PAGEMAP_SCAN */
    uint64_t page_bytes, allowance;
    enum outcome outcome; /* READ as long as it goes on */
    int error;
    bool sink_failed;
    struct page_runs runs;
};

/* Made once in each reader, and its pages are touched only when something is fetched here. */
static struct {
    bool files_open;
    struct page_lookup lookup;
    struct mapping_stream mappings;
    struct page_scan scan;
    uint64_t words[LOOKUP_PAGES];
    struct page pages[LOOKUP_PAGES];
} space;

static bool end_with(struct pages_fetch *f, enum outcome outcome, int error)
{
    f->outcome = outcome;
    f->error = error;
    return false;
}

/* Room for what comes next; what is full goes out. */
static bool make_room(struct pages_fetch *f)
{
    struct fetcher *fetcher = f->fetching->fetcher;
    if (fetcher->capacity - f->runs.length >= PAGE_RUN_MOST_BYTES)
        return true;
    if (!fetching_emit(f->fetching, f->runs.length, false, f->why)) {
        f->sink_failed = true;
        return false;
    }
    fetcher->renew(fetcher, fetcher->buffer, 0);
    f->runs.buffer = fetcher->buffer;
    f->runs.length = 0;
    return true;
}

static bool add(struct pages_fetch *f, const struct page *page, uint64_t count)
{
    if (!make_room(f))
        return false;
    page_runs_add(&f->runs, page, count);
    return true;
}

static bool add_hole(struct pages_fetch *f, uint64_t count)
{
    static const struct page hole = {.kind = PAGES_HOLE};
    return count == 0 || add(f, &hole, count);
}

static bool add_not_read(struct pages_fetch *f, uint64_t count)
{
    static const struct page not_read = {.kind = PAGES_OTHER, .number = PAGES_OTHER_NOT_READ};
    return count == 0 || add(f, &not_read, count);
}

/* A page-table walk took until now: others are let in, and a watcher sees that we live. */
static void walked(struct pages_fetch *f, uint64_t since_ns)
{
    fetching_watch(f->fetching, f->runs.length);
    if (f->fetching->request->share)
        fetching_pause(f->fetching, clock_monotonic_ns() - since_ns);
}

/* Words of pagemap; when the memory is gone, there are none. */
static size_t read_words(struct pages_fetch *f, uint64_t first, size_t count)
{
    uint64_t since_ns = clock_monotonic_ns();
    ssize_t got;
    do
        got = pread(f->pagemap, space.words, count * sizeof space.words[0],
                    (off_t)(first * sizeof space.words[0]));
    while (got < 0 && errno == EINTR);
    if (got < 0)
        end_with(f, outcome_from_errno(errno), errno);
    else if (got < (ssize_t)sizeof space.words[0])
        end_with(f, OUTCOME_VANISHED, 0);
    walked(f, since_ns);
    return got < 0 ? 0 : (size_t)got / sizeof space.words[0];
}

/* Up to LOOKUP_PAGES pages from `first` on; *done says how many. `regions` are those that the kernel
 * told, NULL if it was not asked. */
static bool take_pages(struct pages_fetch *f, uint64_t first, uint64_t count,
                       struct page_scan *scan, size_t *done)
{
    *done = 0;
    if (fetching_must_stop(f->fetching->request))
        return end_with(f, OUTCOME_CUT, 0);
    size_t known = read_words(f, first, count < LOOKUP_PAGES ? (size_t)count : LOOKUP_PAGES);
    page_lookup(&space.lookup, space.words, space.pages, known);
    for (size_t i = 0; i < known; i++) {
        struct page *page = &space.pages[i];
        if (scan && page_scan_is_huge(scan, (first + i) * f->page_bytes))
            page_is_huge_mapped(page);
        if (!add(f, page, 1))
            return false;
    }
    *done = known;
    return known > 0;
}

static bool take_all(struct pages_fetch *f, uint64_t first, uint64_t count, struct page_scan *scan)
{
    for (size_t done = 0; count > 0; first += done, count -= done)
        if (!take_pages(f, first, count, scan, &done))
            return false;
    return true;
}

/* The regions that one scan found between two pages; between them are holes. */
static bool take_regions(struct pages_fetch *f, uint64_t first, uint64_t behind)
{
    uint64_t from, to;
    while (page_scan_stretch(&space.scan, (uint64_t)LOOKUP_PAGES * f->page_bytes, &from, &to)) {
        from /= f->page_bytes;
        to /= f->page_bytes;
        if (!add_hole(f, from - first) || !take_all(f, from, to - from, &space.scan))
            return false;
        first = to;
    }
    return add_hole(f, behind - first);
}

static bool take_scanned(struct pages_fetch *f, const struct mapping *mapping)
{
    for (uint64_t at = mapping->start; at < mapping->end;) {
        if (fetching_must_stop(f->fetching->request))
            return end_with(f, OUTCOME_CUT, 0);
        uint64_t since_ns = clock_monotonic_ns(), behind = 0;
        int error = page_scan_run(&space.scan, f->pagemap, at, mapping->end, &behind);
        if (error)
            return end_with(f, outcome_from_errno(error), error);
        walked(f, since_ns);
        if (!take_regions(f, at / f->page_bytes, behind / f->page_bytes))
            return false;
        at = behind;
    }
    return true;
}

static bool take_plainly(struct pages_fetch *f, const struct mapping *mapping)
{
    uint64_t pages = (mapping->end - mapping->start) / f->page_bytes;
    uint64_t resident = mapping->resident_bytes / f->page_bytes, read = pages;
    if (resident == 0)
        return add_hole(f, pages);
    if (resident < pages / PLAIN_PAGES_EACH) {
        uint64_t sparse = pages - resident * PLAIN_PAGES_EACH;
        uint64_t allowed = sparse < f->allowance ? sparse : f->allowance;
        read = resident * PLAIN_PAGES_EACH + allowed;
        f->allowance -= allowed;
    }
    return take_all(f, mapping->start / f->page_bytes, read, NULL) && add_not_read(f, pages - read);
}

/* What a scan does not tell: memory that is gone looks empty. */
static bool is_there(struct pages_fetch *f, const struct mapping *mapping)
{
    return read_words(f, mapping->start / f->page_bytes, 1) == 1;
}

/* The kernel's own page in everyone's maps, behind the end of every pagemap. */
static bool is_of_kernel(const struct mapping *mapping)
{
    return mapping->start >> 63;
}

/* A mapping of which the memory vanished stays without its last run, so that nobody uses it. */
static bool take_mapping(struct pages_fetch *f, const struct mapping *mapping)
{
    uint64_t pages = (mapping->end - mapping->start) / f->page_bytes;
    if (!make_room(f))
        return false;
    page_runs_mapping(&f->runs, mapping->start / f->page_bytes, pages);
    if (is_of_kernel(mapping)) {
        if (!add_hole(f, pages))
            return false;
    } else if (!(f->scans ? take_scanned(f, mapping) : take_plainly(f, mapping)) ||
               !is_there(f, mapping)) {
        return false;
    }
    if (!make_room(f))
        return false;
    page_runs_close(&f->runs);
    return true;
}

static void take_mappings(struct pages_fetch *f)
{
    struct mapping mapping;
    int more;
    while ((more = mapping_stream_next(&space.mappings, &mapping)) > 0)
        if (!take_mapping(f, &mapping))
            return;
    if (more < 0)
        end_with(f, outcome_from_errno(errno), errno);
    else if (f->runs.mappings == 0)
        end_with(f, OUTCOME_EMPTY, 0);
    else if (make_room(f))
        page_runs_end(&f->runs);
}

/* Opened once in each reader. Without kpagecount there are no mapcounts. */
static void open_files(struct pages_access *access)
{
    if (space.files_open)
        return;
    space.files_open = true;
    space.lookup.numbers = &access->numbers;
    space.lookup.flags_file = small_file_open(access->root, KPAGEFLAGS_FILE);
    space.lookup.counts_file = small_file_open(access->root, KPAGECOUNT_FILE);
}

static void begin(struct pages_fetch *f)
{
    struct fetcher *fetcher = f->fetching->fetcher;
    if (fetcher->capacity < FETCH_BUFFER_BYTES)
        fetcher->renew(fetcher, fetcher->buffer, 0);
    f->runs.buffer = fetcher->buffer;
    page_runs_begin(&f->runs, f->page_bytes,
                    (space.lookup.counts_file >= 0 ? PAGES_HAS_MAPCOUNTS : 0) |
                        (f->scans ? PAGES_HAS_HUGE_MAPPED : 0),
                    frame_numbers_most(space.lookup.numbers));
}

bool fetch_pages(struct fetching *p, struct failure *why)
{
    struct pages_access *access = p->fetcher->access;
    struct pages_fetch f = {.fetching = p,
                            .why = why,
                            .page_bytes = (uint64_t)sysconf(_SC_PAGESIZE),
                            .allowance = PLAIN_PAGES_MOST,
                            .outcome = OUTCOME_READ};
    if (access->outcome != OUTCOME_READ) {
        fetching_finish(p->result, access->outcome, access->error);
        return true;
    }
    AUTO_CLOSE int folder = openat(p->request->folder, p->request->name,
                                   O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    AUTO_CLOSE int pagemap = folder < 0 ? -1 : small_file_open(folder, "pagemap");
    f.pagemap = pagemap;
    f.scans = pagemap >= 0 && page_scan_is_known(pagemap);
    AUTO_CLOSE int maps = pagemap < 0 ? -1 : small_file_open(folder, f.scans ? "maps" : "smaps");
    if (maps < 0) {
        fetching_finish(p->result, outcome_from_errno(errno), errno);
        return true;
    }
    open_files(access);
    mapping_stream_init(&space.mappings, maps, !f.scans, f.page_bytes);
    begin(&f);
    take_mappings(&f);
    fetching_finish(p->result, f.outcome, f.error);
    if (f.outcome == OUTCOME_EMPTY)
        f.runs.length = 0;
    return !f.sink_failed && fetching_emit(p, f.runs.length, true, why);
}
