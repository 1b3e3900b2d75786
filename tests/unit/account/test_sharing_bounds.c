/* analyzer/account/sharing_bounds.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "analyzer/account/sharing_bounds.h"

enum { PROCESSES = 6, PAGES = 24, PAGE = 4096 };

static uint64_t state_of_random = UINT64_C(88172645463325252);

static uint64_t random_number(void)
{
    state_of_random ^= state_of_random << 13;
    state_of_random ^= state_of_random >> 7;
    state_of_random ^= state_of_random << 17;
    return state_of_random;
}

/* Which process maps which page; pages with less than two mappers are private and no part of it. */
static bool maps[PROCESSES][PAGES];
static unsigned mappers[PAGES];

static void make_memory(void)
{
    unsigned density = (unsigned)(random_number() % 8) + 1;
    memset(mappers, 0, sizeof mappers);
    for (unsigned i = 0; i < PROCESSES; i++)
        for (unsigned page = 0; page < PAGES; page++) {
            maps[i][page] = random_number() % 8 < density;
            mappers[page] += maps[i][page];
        }
    for (unsigned i = 0; i < PROCESSES; i++)
        for (unsigned page = 0; page < PAGES; page++)
            maps[i][page] = maps[i][page] && mappers[page] > 1;
}

/* As the kernel counts and prints it. */
static struct shared_sum sum_of_set(unsigned set)
{
    struct shared_sum sum = {0};
    for (unsigned i = 0; i < PROCESSES; i++) {
        uint64_t rss = 0, pss = 0;
        if (!(set >> i & 1))
            continue;
        for (unsigned page = 0; page < PAGES; page++)
            if (maps[i][page]) {
                rss += PAGE;
                pss += ((uint64_t)PAGE << 12) / mappers[page];
            }
        if (!rss)
            continue;
        sum.rss_bytes += rss;
        sum.pss_bytes += (pss >> 22) * 1024;
        sum.mappings++;
        sum.units++;
        sum.largest_bytes = most(sum.largest_bytes, rss);
    }
    return sum;
}

static void truth_of_set(unsigned set, uint64_t *footprint, uint64_t *last_mapped)
{
    *footprint = *last_mapped = 0;
    for (unsigned page = 0; page < PAGES; page++) {
        unsigned in = 0;
        for (unsigned i = 0; i < PROCESSES; i++)
            in += (set >> i & 1) && maps[i][page];
        *footprint += in ? PAGE : 0;
        *last_mapped += in && in == mappers[page] ? PAGE : 0;
    }
}

static struct sharing_answer ask(unsigned set, unsigned known, bool closed)
{
    struct sharing_question question = {.in = sum_of_set(set),
                                        .out = sum_of_set(known & ~set),
                                        .page_bytes = PAGE,
                                        .most_bytes = UINT64_MAX,
                                        .closed = closed};
    return sharing_bounds(&question);
}

static void every_set_of_random_memory_lies_in_its_bounds(void **state)
{
    (void)state;
    const unsigned all = (1u << PROCESSES) - 1;
    for (unsigned round = 0; round < 2000; round++) {
        make_memory();
        for (unsigned set = 1; set <= all; set++) {
            uint64_t footprint, last;
            truth_of_set(set, &footprint, &last);
            for (unsigned closed = 0; closed < 2; closed++) {
                struct sharing_answer answer = ask(set, all, closed);
                assert_false(answer.contradicted);
                assert_in_range(footprint, answer.footprint.low, answer.footprint.high);
                assert_in_range(last, answer.last_mapped.low, answer.last_mapped.high);
            }
        }
        uint64_t footprint, last;
        truth_of_set(all, &footprint, &last);
        struct sharing_answer whole = ask(all, all, true);
        assert_int_equal(whole.footprint.low, whole.last_mapped.low);
        assert_int_equal(whole.footprint.high, whole.last_mapped.high);
        assert_true(whole.footprint.high - whole.footprint.low <= PROCESSES * 1024);
    }
}

static void a_mapper_that_is_not_known_makes_no_bound_wrong(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        make_memory();
        unsigned known = (unsigned)(random_number() % (1u << PROCESSES));
        for (unsigned set = 1; set < 1u << PROCESSES; set++) {
            uint64_t footprint, last;
            if (set & ~known)
                continue;
            truth_of_set(set, &footprint, &last);
            struct sharing_answer answer = ask(set, known, false);
            assert_in_range(footprint, answer.footprint.low, answer.footprint.high);
            assert_in_range(last, answer.last_mapped.low, answer.last_mapped.high);
        }
    }
}

/* Three that share 3 MiB: two hold them as well as three do, and give nothing of them back. */
static void three_shells_hold_what_they_share_once(void **state)
{
    (void)state;
    const uint64_t mib = 1 << 20;
    const struct shared_sum one = {3 * mib, mib, 1, 1, 3 * mib, false};
    const struct shared_sum two = {6 * mib, 2 * mib, 2, 2, 3 * mib, false};
    const struct shared_sum three = {9 * mib, 3 * mib, 3, 3, 3 * mib, false};
    struct sharing_question question = {
        .in = three, .page_bytes = PAGE, .most_bytes = UINT64_MAX, .closed = true};
    struct sharing_answer answer = sharing_bounds(&question);
    assert_int_equal(answer.footprint.low, 3 * mib);
    assert_int_equal(answer.footprint.high, 3 * mib);
    assert_int_equal(answer.last_mapped.low, 3 * mib);
    question.in = two;
    question.out = one;
    answer = sharing_bounds(&question);
    assert_int_equal(answer.footprint.low, 3 * mib);
    assert_int_equal(answer.footprint.high, 3 * mib);
    assert_int_equal(answer.last_mapped.high, 0);
}

static void figures_that_cannot_be_are_not_closed(void **state)
{
    (void)state;
    /* Two map 100 pages, but their PSS says that more do. */
    const struct shared_sum one = {100 * PAGE, 20 * PAGE, 1, 1, 100 * PAGE, false};
    struct sharing_question question = {
        .in = one, .out = one, .page_bytes = PAGE, .most_bytes = UINT64_MAX, .closed = true};
    struct sharing_answer answer = sharing_bounds(&question);
    assert_true(answer.contradicted);
    assert_int_equal(answer.footprint.low, 100 * PAGE);
    assert_int_equal(answer.last_mapped.low, 0);
    /* Random nonsense keeps the bounds in order. */
    for (unsigned round = 0; round < 100000; round++) {
        uint64_t *fields = (uint64_t *)&question.in;
        for (size_t i = 0; i < offsetof(struct shared_sum, pss_unknown) / sizeof *fields; i++)
            fields[i] = random_number() >> random_number() % 64;
        question.in.largest_bytes = least(question.in.largest_bytes, question.in.rss_bytes);
        question.closed = round & 1;
        answer = sharing_bounds(&question);
        assert_true(answer.footprint.low <= answer.footprint.high);
        assert_true(answer.last_mapped.low <= answer.last_mapped.high);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_of_random_memory_lies_in_its_bounds),
        cmocka_unit_test(a_mapper_that_is_not_known_makes_no_bound_wrong),
        cmocka_unit_test(three_shells_hold_what_they_share_once),
        cmocka_unit_test(figures_that_cannot_be_are_not_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
