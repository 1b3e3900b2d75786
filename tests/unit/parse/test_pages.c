/* analyzer/parse/process/pages.c and pages_item.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "analyzer/parse/process/pages.h"
#include "tests/unit/parse/pages_bytes.h"

enum { MANY = 32 };

static struct recorded {
    struct pages_head head;
    uint64_t starts[MANY], lengths[MANY];
    struct pages_run runs[MANY];
    unsigned mappings, run_count;
} met;

static bool note_head(void *context, const struct pages_head *head, struct failure *why)
{
    (void)context;
    (void)why;
    met.head = *head;
    return true;
}

static bool note_mapping(void *context, uint64_t start, uint64_t length, struct failure *why)
{
    (void)context;
    (void)why;
    met.starts[met.mappings % MANY] = start;
    met.lengths[met.mappings++ % MANY] = length;
    return true;
}

static bool note_run(void *context, const struct pages_run *run, struct failure *why)
{
    (void)context;
    (void)why;
    met.runs[met.run_count++ % MANY] = *run;
    return true;
}

static const struct pages_visitor visitor = {NULL, note_head, note_mapping, note_run};

/* Feeds it in chunks of `step` bytes. */
static struct failure parse(const struct pages_bytes *bytes, size_t step)
{
    struct failure why = {0};
    struct slice left = pages_slice(bytes);
    struct pages_parser *parser = pages_parser_create(&visitor);
    assert_non_null(parser);
    met = (struct recorded){0};
    bool ok = true;
    while (ok && left.length_bytes) {
        struct slice chunk = {left.at, left.length_bytes < step ? left.length_bytes : step};
        ok = pages_parser_feed(parser, chunk, &why);
        left = slice_skip(left, chunk.length_bytes);
    }
    bool whole = pages_parser_finish(parser, &why);
    assert_int_equal(whole, ok && why.kind == FAILURE_NONE);
    pages_parser_destroy(parser);
    return why;
}

static void expect(const struct pages_bytes *bytes, enum failure_kind kind)
{
    for (size_t step = 1; step <= bytes->count; step++) {
        struct failure why = parse(bytes, step);
        if (why.kind != kind)
            fail_msg("in chunks of %zu: %d at %u: %s", step, why.kind, (unsigned)why.position,
                     why.message);
    }
}

static void expect_run(unsigned at, struct pages_run run)
{
    const struct pages_run *got = &met.runs[at];
    assert_int_equal(got->kind, run.kind);
    assert_int_equal(got->count, run.count);
    assert_int_equal(got->first, run.first);
    assert_int_equal(got->flags, run.flags);
    assert_int_equal(got->mapcount, run.mapcount);
    assert_int_equal(got->area, run.area);
}

static void every_kind_is_read(void **state)
{
    (void)state;
    struct pages_bytes b;
    put_head(&b, 4096);
    put_mapping(&b, 16, 100);
    put_run(&b, PAGES_HOLE, 3, 0);
    put_run(&b, PAGES_ASCENDING, 20, PAGES_HAS_ATTRIBUTES);
    put_step(&b, 1000);
    put_attributes(&b, 2, PAGES_FLAG_ANON | UINT64_C(1) << 40);
    put_run(&b, PAGES_ASCENDING, 1, 0); /* the next frame, and as before */
    put_step(&b, 0);
    put_run(&b, PAGES_DESCENDING, 6, PAGES_HAS_ATTRIBUTES);
    put_step(&b, -16);
    put_number(&b, 3 * 2); /* another count, flags as before */
    put_run(&b, PAGES_ASCENDING, 2, 0);
    put_step(&b, 0);
    put_run(&b, PAGES_REPEATED, 40, PAGES_HAS_ATTRIBUTES);
    put_step(&b, 77);
    put_attributes(&b, 0, PAGES_FLAG_ZERO_PAGE);
    put_run(&b, PAGES_OTHER, 10, 0);
    put_number(&b, PAGES_OTHER_SPECIAL);
    put_run(&b, PAGES_OTHER, 10, 0);
    put_number(&b, PAGES_OTHER_NOT_READ);
    put_run(&b, PAGES_OTHER, 3, 0);
    put_number(&b, PAGES_OTHER_ALONE + (PAGES_FLAG_THP | UINT64_C(1) << 40));
    put_run(&b, PAGES_FAR, 5, 0);
    put_byte(&b, 0x20);
    put_byte(&b, 0x0a);
    put_mapping(&b, 0, 12);
    put_run(&b, PAGES_SWAPPED, 4, PAGES_HAS_ATTRIBUTES);
    put_step(&b, 9);
    put_number(&b, 1);
    put_run(&b, PAGES_SWAPPED, 4, 0);
    put_step(&b, 0);
    put_run(&b, PAGES_DEVICE, 4, 0);
    put_step(&b, 1 << 20);
    put_end(&b, 2, 13);
    expect(&b, FAILURE_NONE);
    assert_int_equal(met.head.page_bytes, 4096);
    assert_int_equal(met.head.frames, 4096);
    assert_int_equal(met.mappings, 2);
    assert_int_equal(met.starts[1], 116);
    assert_int_equal(met.lengths[1], 12);
    expect_run(0, (struct pages_run){PAGES_HOLE, 3, 0, 0, 0, 0});
    expect_run(1, (struct pages_run){PAGES_ASCENDING, 20, 1000, PAGES_FLAG_ANON, 2, 0});
    expect_run(2, (struct pages_run){PAGES_ASCENDING, 1, 1020, PAGES_FLAG_ANON, 2, 0});
    /* Expected was 1021: it begins at 1005 and goes down to 1000. */
    expect_run(3, (struct pages_run){PAGES_DESCENDING, 6, 1000, PAGES_FLAG_ANON, 3, 0});
    expect_run(4, (struct pages_run){PAGES_ASCENDING, 2, 1000, PAGES_FLAG_ANON, 3, 0});
    expect_run(5, (struct pages_run){PAGES_REPEATED, 40, 77, PAGES_FLAG_ZERO_PAGE, 0, 0});
    expect_run(6, (struct pages_run){PAGES_OTHER, 10, PAGES_OTHER_SPECIAL, 0, 0, 0});
    expect_run(7, (struct pages_run){PAGES_OTHER, 10, PAGES_OTHER_NOT_READ, 0, 0, 0});
    expect_run(8, (struct pages_run){PAGES_OTHER, 3, PAGES_OTHER_ALONE, PAGES_FLAG_THP, 1, 0});
    /* Its first frame in two bytes, and attributes of the frames before. */
    expect_run(9, (struct pages_run){PAGES_ASCENDING, 5, 0xa20, PAGES_FLAG_ANON, 3, 0});
    expect_run(10, (struct pages_run){PAGES_SWAPPED, 4, 9, 0, 0, 1});
    expect_run(11, (struct pages_run){PAGES_SWAPPED, 4, 13, 0, 0, 1});
    expect_run(12, (struct pages_run){PAGES_DEVICE, 4, 1 << 20, 0, 0, 0});
}

static void a_run_may_go_down_to_frame_0_and_on_from_there(void **state)
{
    (void)state;
    struct pages_bytes b;
    put_head(&b, 512);
    put_mapping(&b, 1, 6);
    put_run(&b, PAGES_DESCENDING, 5, 0);
    put_step(&b, 4);
    put_run(&b, PAGES_ASCENDING, 1, 0);
    put_step(&b, 8); /* frame 0 was expected, again */
    put_end(&b, 1, 2);
    expect(&b, FAILURE_NONE);
    assert_int_equal(met.runs[0].first, 0);
    assert_int_equal(met.runs[1].first, 8);
}

static void a_cut_member_tells_that_it_is_cut(void **state)
{
    (void)state;
    struct pages_bytes b;
    put_head(&b, 512);
    put_mapping(&b, 1, 5);
    put_run(&b, PAGES_HOLE, 5, 0);
    put_end(&b, 1, 1);
    for (size_t whole = b.count; b.count-- > 1;) {
        assert_true(b.count < whole);
        expect(&b, FAILURE_TRUNCATED);
    }
}

/* A mapping of ten pages from page 1 on, with one run. */
static void one_run(struct pages_bytes *b, enum pages_kind kind, uint64_t count,
                    unsigned attributes, int64_t step)
{
    put_head(b, 1024);
    put_mapping(b, 1, 10);
    put_run(b, kind, count, attributes);
    put_step(b, step);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct {
        enum pages_kind kind;
        uint64_t count;
        unsigned attributes;
        int64_t step;
    } wrong[] = {
        {PAGES_HOLE,       11, 0,                    0                     },
        {PAGES_HOLE,       1,  PAGES_HAS_ATTRIBUTES, 0                     },
        {PAGES_OTHER,      1,  PAGES_HAS_ATTRIBUTES, 0                     },
        {PAGES_DEVICE,     1,  PAGES_HAS_ATTRIBUTES, 0                     },
        {PAGES_ASCENDING,  10, 0,                    1015                  },
        {PAGES_ASCENDING,  1,  0,                    -1                    },
        {PAGES_ASCENDING,  1,  0,                    INT64_MAX             },
        {PAGES_DESCENDING, 10, 0,                    8                     },
        {PAGES_DESCENDING, 1,  0,                    1024                  },
        {PAGES_REPEATED,   10, 0,                    1024                  },
        {PAGES_SWAPPED,    2,  0,                    (INT64_C(1) << 50) - 1},
        {PAGES_DEVICE,     2,  0,                    (INT64_C(1) << 55) - 1},
    };
    struct pages_bytes b;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        one_run(&b, wrong[i].kind, wrong[i].count, wrong[i].attributes, wrong[i].step);
        expect(&b, FAILURE_MALFORMED);
    }
    one_run(&b, PAGES_SWAPPED, 1, PAGES_HAS_ATTRIBUTES, 1);
    put_number(&b, PAGES_SWAP_TYPES);
    expect(&b, FAILURE_MALFORMED);
    put_head(&b, 1024);
    put_mapping(&b, 1, 10);
    put_run(&b, PAGES_FAR, 1, 0);
    put_byte(&b, 0); /* frame 1024, the lowest byte first */
    put_byte(&b, 4);
    expect(&b, FAILURE_MALFORMED);
}

static void the_last_that_can_be_is_taken(void **state)
{
    (void)state;
    static const struct {
        enum pages_kind kind;
        int64_t step;
    } right[] = {
        {PAGES_ASCENDING,  1014                   },
        {PAGES_DESCENDING, 1023                   },
        {PAGES_DESCENDING, 9                      },
        {PAGES_REPEATED,   1023                   },
        {PAGES_SWAPPED,    (INT64_C(1) << 50) - 10},
        {PAGES_DEVICE,     (INT64_C(1) << 55) - 10},
    };
    struct pages_bytes b;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        one_run(&b, right[i].kind, 10, 0, right[i].step);
        put_end(&b, 1, 1);
        expect(&b, FAILURE_NONE);
    }
}

static void heads_that_are_none_are_refused(void **state)
{
    (void)state;
    struct pages_bytes b;
    put_head(&b, 512);
    b.bytes[0] = 'm';
    expect(&b, FAILURE_MALFORMED);
    put_head(&b, 512);
    b.bytes[PAGES_MAGIC_BYTES] = 2;
    expect(&b, FAILURE_UNSUPPORTED);
    put_head(&b, 513);
    expect(&b, FAILURE_MALFORMED);
    put_head(&b, PAGES_FRAMES_MOST + 512);
    expect(&b, FAILURE_MALFORMED);
    put_head(&b, 512);
    b.bytes[PAGES_MAGIC_BYTES + 1] = (char)0x81; /* 4097 */
    expect(&b, FAILURE_MALFORMED);
}

static void mappings_and_ends_that_are_none_are_refused(void **state)
{
    (void)state;
    struct pages_bytes b;
    put_head(&b, 512);
    put_mapping(&b, 1, 0);
    expect(&b, FAILURE_MALFORMED);
    put_head(&b, 512);
    put_mapping(&b, UINT64_C(1) << 52, 1); /* beyond 2^64 bytes */
    expect(&b, FAILURE_MALFORMED);
    put_head(&b, 512);
    put_mapping(&b, 1, UINT64_MAX);
    expect(&b, FAILURE_MALFORMED);
    put_head(&b, 512);
    put_end(&b, 0, 1);
    expect(&b, FAILURE_MALFORMED);
    put_head(&b, 512);
    put_end(&b, 0, 0);
    put_byte(&b, 0);
    expect(&b, FAILURE_MALFORMED);
    put_head(&b, 512);
    for (unsigned i = 0; i < PAGES_VARINT_BYTES; i++)
        put_byte(&b, 0xff);
    expect(&b, FAILURE_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_read),
        cmocka_unit_test(a_run_may_go_down_to_frame_0_and_on_from_there),
        cmocka_unit_test(a_cut_member_tells_that_it_is_cut),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(the_last_that_can_be_is_taken),
        cmocka_unit_test(heads_that_are_none_are_refused),
        cmocka_unit_test(mappings_and_ends_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
