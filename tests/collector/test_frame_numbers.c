#include "collector/read/frame_numbers.h"
#include "schema/pages_format.h"

#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t one_key[FRAME_KEY_BYTES] = "one key", other_key[FRAME_KEY_BYTES] = "another";

static void make(struct frame_numbers *numbers, const uint8_t *key, uint64_t known)
{
    assert_true(frame_numbers_init(numbers, key, known));
}

static void every_frame_has_a_number_of_its_own(void **state)
{
    static const uint64_t sizes[] = {1, 511, 512, 513, 1024, 1536, 100000, 4096 * 512 + 7};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct frame_numbers numbers;
        make(&numbers, one_key, sizes[i]);
        uint64_t most = frame_numbers_most(&numbers);
        char *taken = calloc(most, 1);
        assert_non_null(taken);
        assert_true(most >= sizes[i] && most % PAGES_BLOCK_FRAMES == 0);
        assert_true(most <= PAGES_BLOCK_FRAMES || most / 2 < sizes[i]);
        for (uint64_t frame = 0; frame < most; frame++) {
            uint64_t number = frame_number(&numbers, frame);
            assert_true(number < most);
            assert_int_equal(taken[number], 0);
            taken[number] = 1;
        }
        free(taken);
        frame_numbers_deinit(&numbers);
    }
}

static void neighbours_in_a_block_stay_neighbours(void **state)
{
    struct frame_numbers numbers;
    (void)state;
    make(&numbers, one_key, 1000 * PAGES_BLOCK_FRAMES);
    for (uint64_t block = 0; block < 1000; block++) {
        uint64_t first = block * PAGES_BLOCK_FRAMES, base = frame_number(&numbers, first);
        for (uint64_t i = 1; i < PAGES_BLOCK_FRAMES; i++) {
            uint64_t number = frame_number(&numbers, first + i);
            assert_int_equal(number / PAGES_BLOCK_FRAMES, base / PAGES_BLOCK_FRAMES);
            assert_int_equal(number % PAGES_BLOCK_FRAMES, (base + i) % PAGES_BLOCK_FRAMES);
        }
    }
    frame_numbers_deinit(&numbers);
}

/* By chance one of a thousand stays, in block and in turn. */
static void nothing_stays_where_it_was(void **state)
{
    struct frame_numbers numbers, others;
    size_t blocks = 0, turns = 0, same = 0, following = 0;
    (void)state;
    make(&numbers, one_key, 1024 * PAGES_BLOCK_FRAMES);
    make(&others, other_key, 1024 * PAGES_BLOCK_FRAMES);
    for (uint64_t block = 0; block < 1024; block++) {
        uint64_t number = frame_number(&numbers, block * PAGES_BLOCK_FRAMES);
        uint64_t next = frame_number(&numbers, (block + 1) % 1024 * PAGES_BLOCK_FRAMES);
        uint64_t other = frame_number(&others, block * PAGES_BLOCK_FRAMES);
        blocks += number / PAGES_BLOCK_FRAMES == block;
        turns += number % PAGES_BLOCK_FRAMES == 0;
        same += number / PAGES_BLOCK_FRAMES == other / PAGES_BLOCK_FRAMES;
        following += next / PAGES_BLOCK_FRAMES == number / PAGES_BLOCK_FRAMES + 1;
    }
    assert_true(blocks < 16 && turns < 24 && same < 16 && following < 16);
    frame_numbers_deinit(&numbers);
    frame_numbers_deinit(&others);
}

/* The table ends before the halves do: what lies behind is hashed, with the same result. */
static void a_large_machine_needs_no_larger_table(void **state)
{
    struct frame_numbers numbers;
    uint64_t known = UINT64_C(1) << 40;
    (void)state;
    make(&numbers, one_key, known);
    assert_int_equal(numbers.memory.tabulated, HALVES_TABULATED);
    assert_int_equal(frame_numbers_most(&numbers), known);
    uint64_t before[64];
    for (unsigned i = 0; i < 64; i++) {
        before[i] = frame_number(&numbers, known - 1 - (uint64_t)i * 12345677);
        assert_true(before[i] < known);
    }
    numbers.memory.tabulated = 0;
    for (unsigned i = 0; i < 64; i++)
        assert_int_equal(before[i], frame_number(&numbers, known - 1 - (uint64_t)i * 12345677));
    frame_numbers_deinit(&numbers);
}

static void devices_have_a_domain_of_their_own(void **state)
{
    struct frame_numbers numbers;
    (void)state;
    make(&numbers, one_key, 4096);
    uint64_t last = PAGES_FRAMES_MOST - 1;
    uint64_t number = device_frame_number(&numbers, last);
    assert_true(number < PAGES_FRAMES_MOST && number != last);
    assert_int_equal(number / PAGES_BLOCK_FRAMES,
                     device_frame_number(&numbers, last - 1) / PAGES_BLOCK_FRAMES);
    assert_int_not_equal(device_frame_number(&numbers, 5000), frame_number(&numbers, 5000 % 4096));
    frame_numbers_deinit(&numbers);
}

static void the_key_is_forgotten(void **state)
{
    static const struct frame_numbers nothing;
    struct frame_numbers numbers;
    (void)state;
    make(&numbers, one_key, 4096);
    frame_numbers_deinit(&numbers);
    assert_memory_equal(&numbers, &nothing, sizeof numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_frame_has_a_number_of_its_own),
        cmocka_unit_test(neighbours_in_a_block_stay_neighbours),
        cmocka_unit_test(nothing_stays_where_it_was),
        cmocka_unit_test(a_large_machine_needs_no_larger_table),
        cmocka_unit_test(devices_have_a_domain_of_their_own),
        cmocka_unit_test(the_key_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
