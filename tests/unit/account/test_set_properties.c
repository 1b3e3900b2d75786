/* analyzer/account/set_sharing.c on made-up memory: figures of sets fit together, and hold the truth. */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/set_sharing.h"

enum { PROCESSES = 5, PLACES = 3, PAGES = 16, PAGE = 4096, PAGE_KIB = 4, ROUNDS = 24 };
enum { ALL = (1 << PROCESSES) - 1 };

static uint64_t state_of_random = UINT64_C(88172645463325252);

static uint64_t random_number(void)
{
    state_of_random ^= state_of_random << 13;
    state_of_random ^= state_of_random >> 7;
    state_of_random ^= state_of_random << 17;
    return state_of_random;
}

/* Which processes map each page, one bit a process. The first place is memory that fork left, the
 * others are files. */
static unsigned mappers[PLACES][PAGES];

static void make_memory(void)
{
    for (unsigned place = 0; place < PLACES; place++) {
        unsigned density = (unsigned)(random_number() % 8) + 1;
        for (unsigned page = 0; page < PAGES; page++) {
            mappers[place][page] = 0;
            for (unsigned i = 0; i < PROCESSES; i++)
                if (random_number() % 8 < density)
                    mappers[place][page] |= 1u << i;
        }
    }
}

/* As the kernel counts and prints it; one more mapping has a page of its own. */
static struct block block_of(unsigned process, unsigned place)
{
    uint64_t file_base = UINT64_C(0x700000000000) + ((uint64_t)process << 32);
    uint64_t pss = 0;
    struct block block = {.start = UINT64_C(0x600000000000)};
    if (place)
        block = (struct block){.start = file_base + place * MIB(1),
                               .permissions = "r--p",
                               .inode = place,
                               .name = place == 1 ? "/lib/one.so" : "/lib/two.so"};
    block.end = block.start + (uint64_t)PAGES * PAGE;
    for (unsigned page = 0; page < PAGES; page++) {
        unsigned who = mappers[place][page];
        if (!(who >> process & 1))
            continue;
        unsigned count = (unsigned)__builtin_popcount(who);
        block.rss += PAGE_KIB;
        pss += ((uint64_t)PAGE << 12) / count;
        *(count > 1 ? &block.shared_clean : &block.private_dirty) += PAGE_KIB;
    }
    block.pss = pss >> 22;
    return block;
}

static struct snapshot *snapshot_of_memory(struct snapshot_tree *tree, bool whole)
{
    tree_create(tree);
    for (unsigned i = 0; i < PROCESSES; i++) {
        struct block blocks[PLACES + 1] = {
            {.start = 0x10000 + ((uint64_t)i << 32),
             .end = 0x10000 + PAGE + ((uint64_t)i << 32),
             .rss = PAGE_KIB,
             .pss = PAGE_KIB,
             .private_dirty = PAGE_KIB}
        };
        for (unsigned place = 0; place < PLACES; place++)
            blocks[place + 1] = block_of(i, place);
        char *text = BLOCKS_TEXT(blocks);
        tree_put_process(tree, &(struct tree_process){.pid = 10 + i, .comm = "p", .smaps = text});
        free(text);
    }
    if (whole)
        tree_put(tree, "proc/2/stat",
                 "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 "
                 "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
    return tree_load(tree);
}

/* figures[set] of every set of processes, each asked for by itself. */
static void compute_all(struct snapshot *snapshot, struct set_sharing *figures)
{
    struct failure why = {0};
    struct shared_stretches stretches;
    assert_true(shared_stretches_compute(snapshot, &stretches, &why));
    for (unsigned set = 1; set <= ALL; set++) {
        uint32_t set_of[PROCESSES + 1];
        assert_true(snapshot->process_count <= PROCESSES + 1);
        for (size_t i = 0; i < snapshot->process_count; i++) {
            uint64_t pid = snapshot->processes[i].pid;
            set_of[i] = pid >= 10 && (set >> (pid - 10) & 1) ? 0 : NO_SET;
        }
        struct set_sharing *figure = set_sharing_compute(&stretches, set_of, 1, &why);
        assert_non_null(figure);
        figures[set] = *figure;
        free(figure);
    }
    shared_stretches_deinit(&stretches);
}

static void holds_the_truth(unsigned set, const struct set_sharing *figures)
{
    uint64_t own = (uint64_t)__builtin_popcount(set) * PAGE, footprint = own, last = own;
    for (unsigned place = 0; place < PLACES; place++)
        for (unsigned page = 0; page < PAGES; page++) {
            unsigned who = mappers[place][page];
            footprint += who & set ? PAGE : 0;
            last += who && (who & ~set) == 0 ? PAGE : 0;
        }
    assert_in_range(footprint, figures->footprint.low, figures->footprint.high);
    assert_in_range(last, figures->last_mapped.low, figures->last_mapped.high);
    assert_in_range(footprint - last, figures->with_others.low, figures->with_others.high);
}

static void is_in_order(const struct set_sharing *figures)
{
    assert_true(figures->footprint.low <= figures->footprint.high);
    assert_true(figures->last_mapped.low <= figures->last_mapped.high);
    assert_true(figures->last_mapped.high <= figures->footprint.high);
    assert_true(figures->with_others.low <= figures->with_others.high);
    for (unsigned fate = 0; fate < PAGE_FATE_COUNT; fate++)
        assert_true(figures->fate[fate].low <= figures->fate[fate].high);
}

/* Two sets without a process in common, and the set of both. */
static void fits_together(const struct set_sharing *one, const struct set_sharing *two,
                          const struct set_sharing *both)
{
    assert_true(both->footprint.low >= one->footprint.low);
    assert_true(both->footprint.high >= one->footprint.high);
    assert_true(both->footprint.high <= one->footprint.high + two->footprint.high);
    assert_true(both->last_mapped.low >= one->last_mapped.low + two->last_mapped.low);
}

static void check_rounds(bool whole)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct set_sharing figures[ALL + 1];
        struct snapshot_tree tree;
        make_memory();
        struct snapshot *snapshot = snapshot_of_memory(&tree, whole);
        compute_all(snapshot, figures);
        for (unsigned set = 1; set <= ALL; set++) {
            is_in_order(&figures[set]);
            holds_the_truth(set, &figures[set]);
            for (unsigned other = 1; other <= ALL; other++)
                if (!(set & other))
                    fits_together(&figures[set], &figures[other], &figures[set | other]);
        }
        snapshot_free(snapshot);
        tree_remove(&tree);
    }
}

static void where_every_mapper_was_read(void **state)
{
    (void)state;
    check_rounds(true);
}

static void where_a_mapper_may_be_missing(void **state)
{
    (void)state;
    check_rounds(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_every_mapper_was_read),
        cmocka_unit_test(where_a_mapper_may_be_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
