/* Radix sort in place, a byte of the frame number at a time from the highest: a copy of the runs would
 * double the memory. */
#include "analyzer/model/page_store.h"

#define BYTE_BITS  8
#define BUCKETS    (1u << BYTE_BITS)
#define SMALL_MOST 48 /* up to here moving neighbours is quicker than counting */

static void sort_small(struct page_run *runs, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct page_run run = runs[i];
        size_t at = i;
        for (; at > 0 && runs[at - 1].frame > run.frame; at--)
            runs[at] = runs[at - 1];
        runs[at] = run;
    }
}

static unsigned bucket_of(const struct page_run *run, unsigned shift)
{
    return (unsigned)(run->frame >> shift) & (BUCKETS - 1);
}

/* Where each bucket begins, and in the last place where all end. */
static void find_borders(const struct page_run *runs, size_t count, unsigned shift,
                         size_t border[BUCKETS + 1])
{
    for (unsigned i = 0; i <= BUCKETS; i++)
        border[i] = 0;
    for (size_t i = 0; i < count; i++)
        border[bucket_of(&runs[i], shift) + 1]++;
    for (unsigned i = 0; i < BUCKETS; i++)
        border[i + 1] += border[i];
}

/* Each run that is met in a wrong bucket goes to its own, and takes the place of one there. */
static void deal_out(struct page_run *runs, unsigned shift, const size_t border[BUCKETS + 1])
{
    size_t next[BUCKETS];
    for (unsigned i = 0; i < BUCKETS; i++)
        next[i] = border[i];
    for (unsigned i = 0; i < BUCKETS; i++) {
        while (next[i] < border[i + 1]) {
            struct page_run run = runs[next[i]];
            unsigned home = bucket_of(&run, shift);
            while (home != i) {
                struct page_run other = runs[next[home]];
                runs[next[home]++] = run;
                run = other;
                home = bucket_of(&run, shift);
            }
            runs[next[i]++] = run;
        }
    }
}

/* One level for each byte, so that it ends. */
static void sort_by_byte(struct page_run *runs, size_t count, unsigned shift)
{
    size_t border[BUCKETS + 1];
    if (count <= SMALL_MOST) {
        sort_small(runs, count);
        return;
    }
    find_borders(runs, count, shift, border);
    deal_out(runs, shift, border);
    for (unsigned i = 0; shift && i < BUCKETS; i++)
        sort_by_byte(runs + border[i], border[i + 1] - border[i], shift - BYTE_BITS);
}

void page_runs_sort(struct page_runs *runs)
{
    bool sorted = true;
    for (size_t i = 1; i < runs->count && sorted; i++)
        sorted = runs->runs[i - 1].frame <= runs->runs[i].frame;
    if (!sorted)
        sort_by_byte(runs->runs, runs->count, PAGE_FRAME_BITS - BYTE_BITS);
}
