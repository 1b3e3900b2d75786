#include "collector/read/page_scan.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* include/uapi/linux/fs.h: what is asked for here. */
#define PAGE_IS_PRESENT (UINT64_C(1) << 3)
#define PAGE_IS_SWAPPED (UINT64_C(1) << 4)
#define PAGE_IS_HUGE    (UINT64_C(1) << 6)

/* One call holds the process's lock, so it is not asked for more addresses than 64 GiB. */
#define SCAN_MOST_BYTES (UINT64_C(64) << 30)

struct scan_request {
    uint64_t size, flags;
    uint64_t start, end, walk_end;
    uint64_t regions, region_count, most_pages;
    uint64_t inverted, all_of, any_of, returned;
};

#define SCAN _IOWR('f', 16, struct scan_request)

static long scan_pages(int pagemap, struct scan_request *request)
{
    long count;
    request->size = sizeof *request;
    request->any_of = PAGE_IS_PRESENT | PAGE_IS_SWAPPED;
    request->returned = PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_HUGE;
    do /* not ioctl(): glibc takes the request as unsigned long, musl as int */
        count = syscall(SYS_ioctl, pagemap, SCAN, request);
    while (count < 0 && errno == EINTR);
    return count;
}

bool page_scan_is_known(int pagemap)
{
    struct scan_region region;
    struct scan_request nothing = {.regions = (uint64_t)(uintptr_t)&region, .region_count = 1};
    return scan_pages(pagemap, &nothing) == 0;
}

int page_scan_run(struct page_scan *scan, int pagemap, uint64_t start, uint64_t end,
                  uint64_t *behind)
{
    struct scan_request request = {
        .start = start,
        .end = end - start > SCAN_MOST_BYTES ? start + SCAN_MOST_BYTES : end,
        .regions = (uint64_t)(uintptr_t)scan->regions,
        .region_count = SCAN_REGIONS,
    };
    scan->count = scan->at = scan->asked = 0;
    long count = scan_pages(pagemap, &request);
    if (count < 0)
        return errno;
    if (count > SCAN_REGIONS || request.walk_end <= start || request.walk_end > request.end)
        return EIO;
    scan->count = (size_t)count;
    *behind = request.walk_end;
    return 0;
}

bool page_scan_stretch(struct page_scan *scan, uint64_t bytes, uint64_t *from, uint64_t *to)
{
    if (scan->at == scan->count)
        return false;
    *from = scan->regions[scan->at].start;
    do
        *to = scan->regions[scan->at++].end;
    while (scan->at < scan->count && scan->regions[scan->at].end - *from <= bytes);
    return true;
}

bool page_scan_is_huge(struct page_scan *scan, uint64_t address)
{
    while (scan->asked < scan->count && scan->regions[scan->asked].end <= address)
        scan->asked++;
    return scan->asked < scan->count && scan->regions[scan->asked].start <= address &&
           (scan->regions[scan->asked].categories & PAGE_IS_HUGE);
}
