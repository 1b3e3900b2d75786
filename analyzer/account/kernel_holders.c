#include "analyzer/account/kernel_holders.h"

#include <stdlib.h>

#include "analyzer/account/vmalloc_owner.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"

/* Smaller than any kernel's stack. */
#define STACK_MIN_BYTES 1024u
/* Larger than any kernel's stack, debugging kernels included: more means that threads are missing
 * in the bundle. */
#define STACK_MAX_BYTES (UINT64_C(128) << 10)

static uint64_t held(const struct process_holding *row)
{
    return add_saturating(row->page_tables.bytes, row->stacks.bytes);
}

static int by_held(const void *a, const void *b)
{
    const struct process_holding *left = a, *right = b;
    if (held(left) != held(right))
        return held(left) > held(right) ? -1 : 1;
    return left->process->pid < right->process->pid ? -1 : left->process->pid > right->process->pid;
}

static struct amount page_tables_of(const struct process *process)
{
    struct amount pte = process->status_size[STATUS_VM_PTE];
    struct amount pmd = process->status_size[STATUS_VM_PMD];
    return pte.known && pmd.known ? amount_add(pte, pmd) : pte;
}

/* All stacks of a kernel have one size. Where they are vmalloc areas, the areas show it; if not all
 * agree (a caller of that name took something else), it is not taken from there. */
static bool stack_size_of_areas(const struct snapshot *snapshot, uint64_t page_bytes,
                                struct kernel_holders *holders)
{
    const struct vmallocinfo *info = &snapshot->system.vmallocinfo;
    uint64_t pages = 0;
    for (size_t i = 0; i < info->count; i++) {
        const struct vmalloc_area *area = &info->areas[i];
        if (!area->has_pages || vmalloc_owner_of(area) != OWNER_STACKS)
            continue;
        if (pages && pages != area->pages)
            return false;
        pages = area->pages;
    }
    if (pages == 0 || page_bytes == 0)
        return false;
    holders->stack_size = amount_of(multiply_saturating(pages, page_bytes));
    holders->stack_grade = GRADE_EXACT;
    holders->stack_source = "vmallocinfo: pages of a stack area";
    return true;
}

/* Sizes are powers of two. KernelStack also has idle threads, and threads may begin and end between
 * the reads: an eighth more or less does not change the answer. */
static void stack_size_of_meminfo(const struct snapshot *snapshot, struct kernel_holders *holders)
{
    uint64_t total, threads = add_saturating(holders->threads, holders->kernel_threads);
    if (!field_get(&snapshot->system.now.meminfo, MEMINFO_KERNEL_STACK, &total) || threads == 0)
        return;
    uint64_t each = total / threads, size = STACK_MIN_BYTES;
    each = add_saturating(each, each / 8);
    if (each < size || each >= 2 * STACK_MAX_BYTES)
        return;
    while (size <= each / 2)
        size *= 2;
    holders->stack_size = amount_of(size);
    holders->stack_grade = GRADE_ESTIMATE;
    holders->stack_source = "meminfo KernelStack / threads, to a power of two";
}

static void count_process(const struct process *process, struct kernel_holders *holders)
{
    if (process_is_kernel_thread(process)) {
        holders->kernel_threads++;
        return;
    }
    /* What ended gave its stack back, and has no memory any more. It stays the process of threads
     * that live on. */
    bool ended = process->state == 'Z' || process->state == 'X';
    struct process_holding *row = &holders->rows[holders->count++];
    *row = (struct process_holding){
        .process = process, .page_tables = page_tables_of(process), .threads = process->threads};
    if (row->page_tables.known)
        holders->page_tables =
            amount_of(add_saturating(holders->page_tables.bytes, row->page_tables.bytes));
    if (ended && row->threads.bytes)
        row->threads.bytes--;
    holders->ended += ended;
    holders->threads = add_saturating(holders->threads, row->threads.bytes);
    holders->threads_unknown += !row->threads.known;
    holders->page_tables_unknown += !row->page_tables.known && !ended;
}

static void multiply_stacks(struct kernel_holders *holders)
{
    if (!holders->stack_size.known)
        return;
    uint64_t size = holders->stack_size.bytes;
    for (size_t i = 0; i < holders->count; i++)
        if (holders->rows[i].threads.known)
            holders->rows[i].stacks =
                amount_of(multiply_saturating(holders->rows[i].threads.bytes, size));
    holders->kernel_thread_bytes = amount_of(multiply_saturating(holders->kernel_threads, size));
    holders->stacks_bytes = amount_of(
        multiply_saturating(add_saturating(holders->threads, holders->kernel_threads), size));
}

bool kernel_holders_compute(const struct snapshot *snapshot, struct kernel_holders *out,
                            struct failure *why)
{
    struct kernel_holders holders = {.stack_grade = GRADE_ESTIMATE};
    uint64_t page_bytes = 0;
    holders.rows = calloc(snapshot->process_count + 1, sizeof *holders.rows);
    if (!holders.rows)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    snapshot_page_size(snapshot, &page_bytes);
    for (size_t i = 0; i < snapshot->process_count; i++)
        count_process(&snapshot->processes[i], &holders);
    if (!stack_size_of_areas(snapshot, page_bytes, &holders))
        stack_size_of_meminfo(snapshot, &holders);
    multiply_stacks(&holders);
    qsort(holders.rows, holders.count, sizeof *holders.rows, by_held);
    *out = holders;
    return true;
}

void kernel_holders_deinit(struct kernel_holders *holders)
{
    free(holders->rows);
    *holders = (struct kernel_holders){0};
}
