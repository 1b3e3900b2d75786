/* analyzer/compare/mapping_match: which mappings of a process are the same memory. */
#include "tests/unit/compare/diff_pair.h"

#define PART(from, to, may, at, kib)                                                               \
    {                                                                                              \
        .start = (from), .end = (to), .permissions = (may), .offset = (at), .inode = 9,            \
        .name = "/lib/x", .rss = (kib), .pss = (kib)                                               \
    }
#define MEMORY(from, to, may, kib)                                                                 \
    {                                                                                              \
        .start = (from), .end = (to), .permissions = (may), .rss = (kib), .pss = (kib)             \
    }

#define BLOCKS_MOST 4

/* A row of what is expected: how many on each side, and the sum of what became of them. */
struct expected {
    enum mapping_status status;
    uint32_t before, after;
    int64_t rss_kib;
};

struct mapping_case {
    const char *what;
    struct block before[BLOCKS_MOST], after[BLOCKS_MOST]; /* up to the first without an end */
    struct expected expected[BLOCKS_MOST];                /* in the order of the diff       */
    size_t rows;
};

static size_t count_of(const struct block *blocks)
{
    size_t count = 0;
    while (count < BLOCKS_MOST && blocks[count].end)
        count++;
    return count;
}

static void check_rows(const struct mapping_case *one, const struct process_change *process)
{
    if (process->mapping_count != one->rows)
        fail_msg("%s: %zu rows", one->what, process->mapping_count);
    for (size_t i = 0; i < one->rows; i++) {
        const struct mapping_change *row = &diff.mappings[process->first_mapping + i];
        const struct expected *expected = &one->expected[i];
        if (row->status != expected->status)
            fail_msg("%s, row %zu: %s", one->what, i, mapping_status_word(row->status));
        if (row->before_count != expected->before || row->after_count != expected->after)
            fail_msg("%s, row %zu: %u to %u", one->what, i, row->before_count, row->after_count);
        if (row->rss_change != expected->rss_kib * 1024)
            fail_msg("%s, row %zu: RSS %lld", one->what, i, (long long)row->rss_change);
    }
}

static void check(void **state, const struct mapping_case *cases, size_t count,
                  uint64_t start_after, enum match_status status)
{
    for (size_t i = 0; i < count; i++) {
        put(0, 7, 100, cases[i].before, count_of(cases[i].before));
        put(1, 7, start_after, cases[i].after, count_of(cases[i].after));
        compare();
        check_rows(&cases[i], change_of(7, status));
        tear_down(state);
        set_up(state);
    }
}

static const struct mapping_case same_cases[] = {
    {"an arena grows into what it reserved",
     {MEMORY(0x10000, 0x12000, "rw-p", 8), MEMORY(0x12000, 0x20000, "---p", 0)},
     {MEMORY(0x10000, 0x14000, "rw-p", 16), MEMORY(0x14000, 0x20000, "---p", 0)},
     {{MAPPING_GROWN, 1, 1, 8}, {MAPPING_SHRUNK, 1, 1, 0}},
     2},
    {"mprotect of the middle",
     {MEMORY(0x10000, 0x20000, "rw-p", 64)},
     {MEMORY(0x10000, 0x14000, "rw-p", 16), MEMORY(0x14000, 0x18000, "r--p", 16),
      MEMORY(0x18000, 0x20000, "rw-p", 32)},
     {{MAPPING_SPLIT, 1, 3, 0}},
     1},
    {"munmap of the middle",
     {MEMORY(0x10000, 0x20000, "rw-p", 64)},
     {MEMORY(0x10000, 0x14000, "rw-p", 16), MEMORY(0x18000, 0x20000, "rw-p", 32)},
     {{MAPPING_SPLIT, 1, 2, -16}},
     1},
    {"two become one",
     {MEMORY(0x10000, 0x14000, "rw-p", 16), MEMORY(0x14000, 0x20000, "r--p", 0)},
     {MEMORY(0x10000, 0x20000, "rw-p", 48)},
     {{MAPPING_MERGED, 2, 1, 32}},
     1},
    {"other permissions",
     {MEMORY(0x10000, 0x14000, "rw-p", 16)},
     {MEMORY(0x10000, 0x14000, "r--p", 12)},
     {{MAPPING_SAME, 1, 1, -4}},
     1},
    {"moved with its pages",
     {MEMORY(0x10000, 0x14000, "rw-p", 16)},
     {MEMORY(0x50000, 0x54000, "rw-p", 16)},
     {{MAPPING_MOVED, 1, 1, 0}},
     1},
    {"of two alike none is known to have moved",
     {MEMORY(0x10000, 0x14000, "rw-p", 16), MEMORY(0x20000, 0x24000, "rw-p", 16)},
     {MEMORY(0x50000, 0x54000, "rw-p", 16)},
     {{MAPPING_GONE, 1, 0, -16}, {MAPPING_GONE, 1, 0, -16}, {MAPPING_NEW, 0, 1, 16}},
     3},
    {"untouched memory of one size",
     {MEMORY(0x10000, 0x14000, "rw-p", 0)},
     {MEMORY(0x50000, 0x54000, "rw-p", 0)},
     {{MAPPING_GONE, 1, 0, 0}, {MAPPING_NEW, 0, 1, 0}},
     2},
    {"a part of a file, moved",
     {PART(0x10000, 0x14000, "r--p", 0x3000, 0)},
     {PART(0x50000, 0x54000, "r--p", 0x3000, 8)},
     {{MAPPING_MOVED, 1, 1, 8}},
     1},
    {"another part of the file at the same place",
     {PART(0x10000, 0x14000, "r--p", 0x3000, 4)},
     {PART(0x10000, 0x14000, "r--p", 0x8000, 8)},
     {{MAPPING_NEW, 0, 1, 8}, {MAPPING_GONE, 1, 0, -4}},
     2},
};

static void addresses_decide_within_one_process(void **state)
{
    check(state, same_cases, sizeof same_cases / sizeof same_cases[0], 100, MATCH_SAME);
}

static const struct mapping_case restarted_cases[] = {
    {"the file and its bss at another place",
     {PART(0x10000, 0x14000, "r-xp", 0, 4), PART(0x14000, 0x15000, "rw-p", 0x4000, 4),
      MEMORY(0x15000, 0x16000, "rw-p", 4), MEMORY(0x80000, 0x90000, "rw-p", 8)},
     {MEMORY(0x20000, 0x30000, "rw-p", 8), PART(0x50000, 0x54000, "r-xp", 0, 12),
      PART(0x54000, 0x55000, "rw-p", 0x4000, 4), MEMORY(0x55000, 0x57000, "rw-p", 8)},
     {{MAPPING_SAME, 1, 1, 8}, {MAPPING_GROWN, 1, 1, 4}},
     2},
    {"what is alike is one row",
     {MEMORY(0x10000, 0x14000, "rw-p", 4), MEMORY(0x20000, 0x24000, "rw-p", 4)},
     {MEMORY(0x50000, 0x54000, "rw-p", 4), MEMORY(0x60000, 0x64000, "rw-p", 4),
      MEMORY(0x70000, 0x78000, "rw-p", 8)},
     {{MAPPING_GROWN, 2, 3, 8}},
     1},
    {"another release has its parts elsewhere",
     {PART(0x10000, 0x14000, "r-xp", 0x1000, 4)},
     {PART(0x50000, 0x56000, "r-xp", 0x2000, 8)},
     {{MAPPING_GROWN, 1, 1, 4}},
     1},
};

static void addresses_say_nothing_of_a_restarted_one(void **state)
{
    check(state, restarted_cases, sizeof restarted_cases / sizeof restarted_cases[0], 200,
          MATCH_RESTARTED);
}

/* exec: the same process, with nothing left of its memory. */
static void another_program_in_one_process_is_compared_as_a_restarted_one(void **state)
{
    (void)state;
    const struct block before[] = {MEMORY(0x10000, 0x14000, "rw-p", 4)};
    const struct block after[] = {MEMORY(0x12000, 0x16000, "rw-p", 12)};
    put(0, 7, 100, before, 1);
    put(1, 7, 100, after, 1);
    tree_put(&trees[0], "proc/7/exe.link", "/bin/sh");
    tree_put(&trees[1], "proc/7/exe.link", "/bin/sleep");
    compare();
    const struct process_change *process = change_of(7, MATCH_SAME);
    assert_true(process->executed);
    assert_int_equal(process->mapping_count, 1);
    assert_int_equal(diff.mappings[process->first_mapping].status, MAPPING_SAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(addresses_decide_within_one_process),
        TEST(addresses_say_nothing_of_a_restarted_one),
        TEST(another_program_in_one_process_is_compared_as_a_restarted_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
