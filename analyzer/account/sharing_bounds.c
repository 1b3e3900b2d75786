#include "analyzer/account/sharing_bounds.h"

#define ROUNDING_BYTES 1024u /* PSS of a mapping is printed in whole KiB, rounded down */

static uint64_t page_up(uint64_t bytes, uint64_t page_bytes)
{
    uint64_t over = bytes % page_bytes;
    return over ? add_saturating(bytes - over, page_bytes) : bytes;
}

/* PSS before it was rounded. The kernel divides each page in units of 1/4096 byte, and loses less
 * than one of them a page: less than 1 byte in 2^24, for pages of 4 KiB or more. */
static struct byte_range exact_pss(const struct shared_sum *sum)
{
    if (sum->pss_unknown)
        return (struct byte_range){0, sum->rss_bytes};
    uint64_t hidden = multiply_saturating(sum->mappings, ROUNDING_BYTES);
    uint64_t lost = (sum->rss_bytes >> 24) + (sum->rss_bytes >> 24 ? 1 : 0);
    return (struct byte_range){sum->pss_bytes,
                               add_saturating(sum->pss_bytes, add_saturating(hidden, lost))};
}

/* Pages that at least two units map are counted twice, and once beside the largest unit. */
static uint64_t covered_twice(const struct shared_sum *sum)
{
    if (sum->units < 2)
        return 0;
    return least(sum->rss_bytes / 2, sum->rss_bytes - sum->largest_bytes);
}

/* A page adds to the set's PSS at most 1, and all of it only if nobody else maps it. */
static struct sharing_answer of_alone(const struct shared_sum *in, uint64_t page_bytes,
                                      uint64_t most_bytes)
{
    struct byte_range pss = exact_pss(in);
    struct sharing_answer answer = {0};
    answer.footprint.low = most(page_up(pss.low, page_bytes), in->largest_bytes);
    answer.footprint.high = least(in->rss_bytes, most_bytes);
    answer.last_mapped.high =
        least(least(covered_twice(in), answer.footprint.high), pss.high - pss.high % page_bytes);
    return answer;
}

static bool orderly(struct byte_range range)
{
    return range.low <= range.high;
}

/* All pages: the sum of PSS, were it not rounded. */
static struct byte_range all_pages(const struct shared_sum *all, uint64_t page_bytes,
                                   uint64_t most_bytes)
{
    struct byte_range pss = exact_pss(all);
    struct byte_range pages = {.low = most(page_up(pss.low, page_bytes), all->largest_bytes)};
    pages.high = least(pss.high - pss.high % page_bytes, least(covered_twice(all), most_bytes));
    return pages;
}

static struct shared_sum sum_of(const struct shared_sum *a, const struct shared_sum *b)
{
    return (struct shared_sum){
        .rss_bytes = add_saturating(a->rss_bytes, b->rss_bytes),
        .pss_bytes = add_saturating(a->pss_bytes, b->pss_bytes),
        .mappings = add_saturating(a->mappings, b->mappings),
        .units = add_saturating(a->units, b->units),
        .largest_bytes = most(a->largest_bytes, b->largest_bytes),
        .pss_unknown = a->pss_unknown || b->pss_unknown,
    };
}

/* What the set maps and what only others map are together all pages: each bounds the other. */
static void close_in(struct sharing_answer *answer, const struct sharing_answer *others,
                     struct byte_range pages)
{
    struct byte_range *footprint = &answer->footprint, *last = &answer->last_mapped;
    footprint->low = most(footprint->low, subtract_to_zero(pages.low, others->last_mapped.high));
    footprint->high = least(footprint->high, pages.high);
    last->low = most(last->low, subtract_to_zero(pages.low, others->footprint.high));
    last->high = least(last->high, subtract_to_zero(pages.high, others->footprint.low));
}

struct sharing_answer sharing_bounds(const struct sharing_question *question)
{
    uint64_t page_bytes = question->page_bytes ? question->page_bytes : 1;
    struct sharing_answer loose = of_alone(&question->in, page_bytes, question->most_bytes);
    if (!orderly(loose.footprint)) { /* figures of two moments */
        loose.contradicted = true;
        loose.footprint = (struct byte_range){least(loose.footprint.low, question->in.rss_bytes),
                                              question->in.rss_bytes};
    }
    if (!question->closed || loose.contradicted)
        return loose;
    struct shared_sum all = sum_of(&question->in, &question->out);
    struct byte_range pages = all_pages(&all, page_bytes, question->most_bytes);
    struct sharing_answer others = of_alone(&question->out, page_bytes, question->most_bytes);
    struct sharing_answer closed = loose;
    close_in(&closed, &others, pages);
    if (orderly(pages) && orderly(closed.footprint) && orderly(closed.last_mapped))
        return closed;
    loose.contradicted = true;
    return loose;
}
