/* analyzer/parse/process/smaps.c: chunks, cuts, limits, one file after the other */
#include "tests/unit/parse/smaps_recorder.h"
#include "tests/unit/parse/smaps_texts.h"

#include <stdio.h>

static const char three[] = BLOCK_7(HEAD_64 "/bin/busybox\n", "1360")
    BLOCK_7("00500000-00501000 rw-p 00000000 00:00 0 \n", "   0")
        BLOCK_7("00600000-00601000 rw-s 00000000 00:00 5                                  "
                " /a name: of (its) own \n",
                "123456789");

struct run {
    struct smaps_recorder recorder;
    struct smaps_parser *parser;
};

static void run_init(struct run *run)
{
    memset(run, 0, sizeof *run);
    run->parser = smaps_parser_create(smaps_record, &run->recorder);
    assert_non_null(run->parser);
}

static void run_deinit(struct run *run)
{
    smaps_parser_destroy(run->parser);
    smaps_recorder_deinit(&run->recorder);
}

static void expect_same(struct run *a, struct run *b)
{
    struct smaps_parser_counts counts_a = smaps_parser_counts(a->parser);
    struct smaps_parser_counts counts_b = smaps_parser_counts(b->parser);
    assert_int_equal(a->recorder.count, b->recorder.count);
    assert_int_equal(a->recorder.text_bytes, b->recorder.text_bytes);
    if (a->recorder.text_bytes)
        assert_memory_equal(a->recorder.text, b->recorder.text, a->recorder.text_bytes);
    assert_int_equal(counts_a.blocks, counts_b.blocks);
    assert_int_equal(counts_a.unknown_lines, counts_b.unknown_lines);
    assert_int_equal(counts_a.dropped_blocks, counts_b.dropped_blocks);
    assert_int_equal(counts_a.relearnt, counts_b.relearnt);
}

static void any_chunk_size_gives_the_same(void **state)
{
    (void)state;
    struct run whole;
    struct failure why = {0};
    run_init(&whole);
    assert_true(smaps_read(whole.parser, SLICE(three), SIZE_MAX, false, &why));
    assert_int_equal(whole.recorder.count, 3);
    for (size_t chunk_bytes = 1; chunk_bytes < sizeof three; chunk_bytes++) {
        struct run run;
        run_init(&run);
        assert_true(smaps_read(run.parser, SLICE(three), chunk_bytes, false, &why));
        expect_same(&whole, &run);
        run_deinit(&run);
    }
    run_deinit(&whole);
}

static void any_cut_gives_the_same(void **state)
{
    (void)state;
    struct run whole;
    struct failure why = {0};
    run_init(&whole);
    assert_true(smaps_read(whole.parser, SLICE(three), SIZE_MAX, false, &why));
    for (size_t cut = 0; cut < sizeof three; cut++) {
        struct run run;
        run_init(&run);
        struct slice first = exact_copy(three, cut);
        struct slice second = exact_copy(three + cut, sizeof three - 1 - cut);
        assert_true(smaps_parser_feed(run.parser, first, &why));
        free_copy(first);
        assert_true(smaps_parser_feed(run.parser, second, &why));
        free_copy(second);
        assert_true(smaps_parser_finish(run.parser, false, &why));
        expect_same(&whole, &run);
        run_deinit(&run);
    }
    run_deinit(&whole);
}

/* The real smaps of this very process, cut at random places (the same at every run). */
static void random_cuts_of_a_real_one_give_the_same(void **state)
{
    (void)state;
    static char text[1 << 20];
    FILE *file = fopen("/proc/self/smaps", "r");
    if (!file)
        skip();
    size_t length = fread(text, 1, sizeof text, file);
    fclose(file);
    if (length == 0 || length == sizeof text)
        skip();
    struct slice real = {text, length};
    struct run whole;
    struct failure why = {0};
    run_init(&whole);
    if (!smaps_read(whole.parser, real, SIZE_MAX, false, &why))
        fail_msg("%llu: %s", (unsigned long long)why.position, why.message);
    uint32_t random = 1;
    for (int round = 0; round < 50; round++) {
        struct run run;
        run_init(&run);
        for (struct slice rest = real; rest.length_bytes > 0;) {
            random = random * 1664525 + 1013904223;
            size_t bytes = (random >> 16) % (round % 2 ? 40 : 4000) + 1;
            if (bytes > rest.length_bytes)
                bytes = rest.length_bytes;
            struct slice chunk = exact_copy(rest.at, bytes);
            assert_true(smaps_parser_feed(run.parser, chunk, &why));
            free_copy(chunk);
            rest = slice_skip(rest, bytes);
        }
        assert_true(smaps_parser_finish(run.parser, false, &why));
        expect_same(&whole, &run);
        run_deinit(&run);
    }
    run_deinit(&whole);
}

/* A block counts as complete from its last line's end on; of the third block, which the text does
 * not complete, nothing must be seen. */
static void every_prefix_gives_its_complete_blocks(void **state)
{
    (void)state;
    size_t block_ends[3];
    size_t found = 0;
    for (size_t i = 0; i + 9 < sizeof three; i++)
        if (memcmp(three + i, "VmFlags: ", 9) == 0)
            block_ends[found++] = (size_t)(strchr(three + i, '\n') - three) + 1;
    assert_int_equal(found, 3);
    for (size_t length = 0; length < sizeof three; length++) {
        struct run run;
        struct failure why = {0};
        size_t complete = 0;
        run_init(&run);
        while (complete < 3 && block_ends[complete] <= length)
            complete++;
        bool is_border = length == 0 || (complete > 0 && block_ends[complete - 1] == length);
        assert_true(smaps_read(run.parser, (struct slice){three, length}, 100, true, &why));
        assert_int_equal(run.recorder.count, complete);
        assert_int_equal(smaps_parser_counts(run.parser).dropped_blocks, is_border ? 0 : 1);
        run_deinit(&run);
    }
}

static void every_prefix_not_cut_is_whole_or_refused(void **state)
{
    (void)state;
    uint64_t line = 1;
    for (size_t length = 1; length < sizeof three; length++) {
        struct run run;
        struct failure why = {0};
        run_init(&run);
        bool ends_line = three[length - 1] == '\n';
        bool read = smaps_read(run.parser, (struct slice){three, length}, SIZE_MAX, false, &why);
        if (!ends_line) {
            assert_false(read);
            assert_int_equal(why.kind, FAILURE_MALFORMED);
            assert_int_equal(why.position, line);
        } else if (!read) {
            assert_int_equal(why.position, line);
        }
        line += ends_line;
        run_deinit(&run);
    }
}

/* Without a block before there is nothing to miss: Size and Rss are enough. */
static void a_single_block_may_be_short(void **state)
{
    (void)state;
    struct run run;
    struct failure why = {0};
    run_init(&run);
    assert_true(smaps_read(run.parser, SLICE(HEAD_64 "/a\nSize: 4 kB\nRss: 4 kB\n"), SIZE_MAX,
                           false, &why));
    assert_int_equal(run.recorder.count, 1);
    /* known to be cut, it cannot be called complete: no VmFlags, nothing learnt to end with */
    run_deinit(&run);
    run_init(&run);
    assert_true(
        smaps_read(run.parser, SLICE(HEAD_64 "/a\nSize: 4 kB\nRss: 4 kB\n"), SIZE_MAX, true, &why));
    assert_int_equal(run.recorder.count, 0);
    assert_int_equal(smaps_parser_counts(run.parser).dropped_blocks, 1);
    run_deinit(&run);
}

static void optional_fields_are_not_missed(void **state)
{
    (void)state;
    struct run run;
    struct failure why = {0};
    run_init(&run);
    assert_true(smaps_read(run.parser,
                           SLICE(BLOCK_3(HEAD_64 "/a\n", "") BLOCK_3(HEAD_64 "/b\n", NONLINEAR)
                                     BLOCK_3(HEAD_64 "/c\n", "")),
                           SIZE_MAX, false, &why));
    assert_int_equal(run.recorder.count, 3);
    run_deinit(&run);
}

static void one_file_after_the_other(void **state)
{
    (void)state;
    struct run run;
    struct failure why = {0};
    run_init(&run);
    assert_true(smaps_read(run.parser, SLICE(three), 77, false, &why));
    assert_true(smaps_read(run.parser, SLICE(""), 77, false, &why));
    assert_false(smaps_read(run.parser, SLICE("x\n"), 77, false, &why));
    assert_int_equal(why.position, 1);
    why = (struct failure){0};
    assert_true(smaps_read(run.parser, SLICE(three), 77, false, &why));
    assert_int_equal(run.recorder.count, 6);
    assert_int_equal(smaps_parser_counts(run.parser).blocks, 6);
    assert_int_equal(smaps_parser_counts(run.parser).relearnt, 0);
    run_deinit(&run);
}

static void blocks_before_a_bad_line_are_given(void **state)
{
    (void)state;
    static const char bad[] = BLOCK_7(HEAD_64 "/a\n", "   0") BLOCK_7(HEAD_64 "/b\n", "   0")
        HEAD_64 "/c\nSize: x kB\n" BLOCK_7(HEAD_64 "/d\n", "   0");
    for (size_t chunk_bytes = 1; chunk_bytes < sizeof bad; chunk_bytes += 13) {
        struct run run;
        struct failure why = {0};
        run_init(&run);
        assert_false(smaps_read(run.parser, SLICE(bad), chunk_bytes, false, &why));
        assert_int_equal(why.position, 2 * 26 + 2);
        assert_int_equal(run.recorder.count, 2);
        run_deinit(&run);
    }
}

static void a_failed_parser_stays_failed(void **state)
{
    (void)state;
    struct run run;
    struct failure why = {0};
    run_init(&run);
    assert_false(smaps_parser_feed(run.parser, SLICE("x\n"), &why));
    why = (struct failure){0};
    assert_false(smaps_parser_feed(run.parser, SLICE(three), &why));
    assert_int_equal(why.position, 1);
    why = (struct failure){0};
    assert_false(smaps_parser_finish(run.parser, true, &why));
    assert_int_equal(why.kind, FAILURE_MALFORMED);
    assert_int_equal(run.recorder.count, 0);
    run_deinit(&run);
}

static void the_sink_can_stop_it(void **state)
{
    (void)state;
    for (size_t at = 1; at <= 3; at++) {
        struct run run;
        struct failure why = {0};
        run_init(&run);
        run.recorder.refuse_at = at;
        assert_false(smaps_read(run.parser, SLICE(three), SIZE_MAX, false, &why));
        assert_int_equal(why.kind, FAILURE_LIMIT);
        assert_string_equal(why.message, "enough");
        assert_int_equal(run.recorder.count, at - 1);
        run_deinit(&run);
    }
}

/* A line of exactly the limit is read, one byte more is refused, however it comes. */
static void a_line_has_a_limit(void **state)
{
    (void)state;
    static const size_t chunks[] = {1000, SMAPS_LINE_LIMIT, SMAPS_LINE_LIMIT + 1, SIZE_MAX};
    static const char tail[] = "\nSize: 4 kB\nRss: 4 kB\n";
    size_t room = SMAPS_LINE_LIMIT + 1 + sizeof tail;
    char *text = malloc(room);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        for (size_t over = 0; over < 2; over++) {
            struct run run;
            struct failure why = {0};
            size_t line_bytes = SMAPS_LINE_LIMIT + over;
            memset(text, 'n', line_bytes);
            memcpy(text, HEAD_64, sizeof HEAD_64 - 1);
            memcpy(text + line_bytes, tail, sizeof tail - 1);
            run_init(&run);
            struct slice all = {text, line_bytes + sizeof tail - 1};
            assert_int_equal(smaps_read(run.parser, all, chunks[i], false, &why), over == 0);
            assert_int_equal(why.kind, over ? FAILURE_LIMIT : FAILURE_NONE);
            assert_int_equal(why.position, over ? 1 : 0);
            run_deinit(&run);
        }
    }
    free(text);
}

static void field_kinds_have_a_limit(void **state)
{
    (void)state;
    for (unsigned keys = 64; keys <= 65; keys++) {
        char text[4096] = HEAD_64 "/a\nSize: 4 kB\nRss: 4 kB\n";
        size_t used = strlen(text);
        for (unsigned i = 2; i < keys; i++)
            used += (size_t)snprintf(text + used, sizeof text - used, "New%u: 1\n", i);
        struct run run;
        struct failure why = {0};
        run_init(&run);
        assert_int_equal(smaps_read(run.parser, slice_of(text), SIZE_MAX, false, &why), keys == 64);
        assert_int_equal(why.kind, keys == 64 ? FAILURE_NONE : FAILURE_LIMIT);
        assert_int_equal(smaps_parser_counts(run.parser).unknown_name_count, 62);
        run_deinit(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_chunk_size_gives_the_same),
        cmocka_unit_test(any_cut_gives_the_same),
        cmocka_unit_test(random_cuts_of_a_real_one_give_the_same),
        cmocka_unit_test(every_prefix_gives_its_complete_blocks),
        cmocka_unit_test(every_prefix_not_cut_is_whole_or_refused),
        cmocka_unit_test(a_single_block_may_be_short),
        cmocka_unit_test(optional_fields_are_not_missed),
        cmocka_unit_test(one_file_after_the_other),
        cmocka_unit_test(blocks_before_a_bad_line_are_given),
        cmocka_unit_test(a_failed_parser_stays_failed),
        cmocka_unit_test(the_sink_can_stop_it),
        cmocka_unit_test(a_line_has_a_limit),
        cmocka_unit_test(field_kinds_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
