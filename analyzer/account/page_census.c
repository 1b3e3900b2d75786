#include "analyzer/account/page_census.h"

#include "analyzer/base/checked_math.h"

#define MAPPED_FLAG (UINT64_C(1) << KPF_BIT_MMAP)

static const char *const labels[PAGE_CLASS_COUNT] = {
    [PAGE_CLASS_NOPAGE] = "no page behind the frame",
    [PAGE_CLASS_FREE] = "free",
    [PAGE_CLASS_SLAB] = "slab",
    [PAGE_CLASS_PAGETABLE] = "page tables",
    [PAGE_CLASS_HUGETLB] = "huge page pool",
    [PAGE_CLASS_OFFLINE] = "offline or in a balloon",
    [PAGE_CLASS_HWPOISON] = "poisoned by the hardware",
    [PAGE_CLASS_ZERO] = "the zero page",
    [PAGE_CLASS_ANON] = "anonymous",
    [PAGE_CLASS_SHMEM] = "shared memory, tmpfs",
    [PAGE_CLASS_FILE] = "page cache of files",
    [PAGE_CLASS_RESERVED] = "reserved since boot",
    [PAGE_CLASS_MAPPED] = "mapped, of no other kind",
    [PAGE_CLASS_UNFLAGGED] = "nobody's by its flags",
};

const char *page_class_label(enum page_class class)
{
    return labels[class];
}

static void add(struct page_census_row *row, uint64_t bytes, bool mapped)
{
    row->bytes = add_saturating(row->bytes, bytes);
    row->mapped_bytes = add_saturating(row->mapped_bytes, mapped ? bytes : 0);
}

bool page_census_compute(const struct snapshot *snapshot, struct page_census *out)
{
    const struct census *census = &snapshot->system.details.census;
    if (!snapshot->system.details.has_census)
        return false;
    *out = (struct page_census){
        .frame_bytes = multiply_saturating(census->frames, census->page_bytes),
        .within_ram = census->within_ram,
        .is_whole = !census->is_cut,
    };
    for (size_t i = 0; i < census->row_count; i++) {
        uint64_t bytes = multiply_saturating(census->rows[i].pages, census->page_bytes);
        bool mapped = census->rows[i].flags & MAPPED_FLAG;
        add(&out->classes[page_class_of(census->rows[i].flags)], bytes, mapped);
        add(&out->all, bytes, mapped);
    }
    return true;
}
