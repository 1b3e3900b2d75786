/* analyzer/account/process_usage.c */
#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/account/process_usage.h"

static struct snapshot *snapshot;

static int set_up(void **state)
{
    (void)state;
    snapshot = snapshot_of_nothing(4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    snapshot_free(snapshot);
    return 0;
}

static struct process_usage usage_of(const struct process *process)
{
    struct process_usage usage;
    process_usage_compute(snapshot, process, &usage);
    return usage;
}

static void give(struct smaps_sums *sums, enum smaps_field field, uint64_t kib)
{
    sums->bytes[field] = KIB(kib);
    sums->present |= SMAPS_BIT(field);
}

static void expect_kib(struct amount amount, uint64_t kib)
{
    assert_true(amount.known);
    assert_int_equal(amount.bytes, KIB(kib));
}

/* A process as its files of a recent kernel show it. */
static struct process whole_process(uint64_t pid)
{
    struct process process = {.pid = pid,
                              .files = PROCESS_STAT | PROCESS_STATM | PROCESS_STATUS |
                                       PROCESS_SMAPS | PROCESS_ROLLUP,
                              .state = 'S',
                              .vsize_bytes = KIB(9000),
                              .statm_resident_pages = 20};
    process.status_size[STATUS_VM_SIZE] = amount_of(KIB(9000));
    process.status_size[STATUS_VM_RSS] = amount_of(KIB(80));
    process.status_size[STATUS_VM_PTE] = amount_of(KIB(40));
    process.status_size[STATUS_VM_PMD] = amount_of(KIB(8));
    process.smaps.blocks = 3;
    give(&process.smaps, SMAPS_SIZE, 8900);
    give(&process.smaps, SMAPS_RSS, 84);
    give(&process.smaps, SMAPS_PSS, 50);
    give(&process.smaps, SMAPS_PRIVATE_CLEAN, 4);
    give(&process.smaps, SMAPS_PRIVATE_DIRTY, 20);
    give(&process.smaps, SMAPS_SWAP, 12);
    give(&process.smaps, SMAPS_SWAP_PSS, 6);
    give(&process.smaps, SMAPS_PRIVATE_HUGETLB, 2048);
    give(&process.smaps, SMAPS_SHARED_HUGETLB, 4096);
    process.rollup.blocks = 1;
    give(&process.rollup, SMAPS_RSS, 84);
    give(&process.rollup, SMAPS_PSS, 52);
    give(&process.rollup, SMAPS_PSS_ANON, 24);
    give(&process.rollup, SMAPS_PSS_FILE, 20);
    give(&process.rollup, SMAPS_PSS_SHMEM, 8);
    give(&process.rollup, SMAPS_PRIVATE_CLEAN, 4);
    give(&process.rollup, SMAPS_PRIVATE_DIRTY, 20);
    return process;
}

static void smaps_gives_every_figure(void **state)
{
    (void)state;
    struct process process = whole_process(5);
    struct process_usage usage = usage_of(&process);
    assert_int_equal(usage.state, PROCESS_READ_STATE);
    assert_string_equal(usage.source, "smaps");
    expect_kib(usage.vss, 8900);
    expect_kib(usage.rss, 84);
    expect_kib(usage.pss, 50);
    expect_kib(usage.uss, 24);
    expect_kib(usage.swap, 12);
    expect_kib(usage.swap_pss, 6);
    expect_kib(usage.hugetlb, 6144);
    expect_kib(usage.page_tables, 48);
    expect_kib(usage.pss_anon, 24);
    expect_kib(usage.pss_file, 20);
    expect_kib(usage.pss_shmem, 8);
    expect_kib(usage.freed_if_killed, 24 + 2048 + 48);
    assert_false(usage.locked.known || usage.anon_huge_pages.known);
    assert_int_equal(usage.mappings, 3);
}

/* VIRT, RES and SHR are the counters of statm; status has the same, but in parts. */
static void counters_are_those_of_statm(void **state)
{
    (void)state;
    struct process process = whole_process(5);
    process.statm_size_pages = 2250;
    process.statm_resident_pages = 21;
    process.statm_shared_pages = 11;
    struct process_usage usage = usage_of(&process);
    expect_kib(usage.virt, 9000);
    expect_kib(usage.res, 84);
    expect_kib(usage.shr, 44);
    process.files &= ~(uint32_t)PROCESS_STATM;
    usage = usage_of(&process);
    expect_kib(usage.res, 80);
    assert_false(usage.shr.known);
    process.status_size[STATUS_RSS_FILE] = amount_of(KIB(32));
    process.status_size[STATUS_RSS_SHMEM] = amount_of(KIB(8));
    expect_kib(usage_of(&process).shr, 40);
}

static void epss_needs_swap_pss_only_where_something_is_swapped_out(void **state)
{
    (void)state;
    struct process process = whole_process(5);
    expect_kib(usage_of(&process).epss, 50 + 6);
    process.smaps.present &= ~SMAPS_BIT(SMAPS_SWAP_PSS);
    assert_false(usage_of(&process).epss.known);
    process.smaps.bytes[SMAPS_SWAP] = 0;
    expect_kib(usage_of(&process).epss, 50);
    process.smaps.present &= ~SMAPS_BIT(SMAPS_SWAP);
    assert_false(usage_of(&process).epss.known);
}

static void stacks_are_freed_too(void **state)
{
    (void)state;
    struct process process = whole_process(5);
    struct process_usage usage = usage_of(&process);
    process_usage_add_stacks(&usage, amount_of(KIB(16)));
    assert_false(usage.kernel_stacks.known); /* of how many threads? */
    process.threads = amount_of(3);
    usage = usage_of(&process);
    process_usage_add_stacks(&usage, AMOUNT_UNKNOWN);
    assert_false(usage.kernel_stacks.known);
    expect_kib(usage.freed_if_killed, 24 + 2048 + 48);
    process_usage_add_stacks(&usage, amount_of(KIB(16)));
    expect_kib(usage.kernel_stacks, 48);
    expect_kib(usage.freed_if_killed, 24 + 2048 + 48 + 48);
    process.smaps = process.rollup = (struct smaps_sums){0};
    process.files = PROCESS_STAT;
    process.state = 'Z';
    usage = usage_of(&process);
    assert_true(process_usage_has_none(&usage));
    process_usage_add_stacks(&usage, amount_of(KIB(16)));
    assert_false(usage.kernel_stacks.known);
}

static void the_rollup_alone_will_do(void **state)
{
    (void)state;
    struct process process = whole_process(5);
    process.files &= ~(uint32_t)PROCESS_SMAPS;
    process.smaps = (struct smaps_sums){0};
    struct process_usage usage = usage_of(&process);
    assert_int_equal(usage.state, PROCESS_READ_STATE);
    assert_string_equal(usage.source, "smaps_rollup");
    expect_kib(usage.vss, 9000);
    expect_kib(usage.pss, 52);
    expect_kib(usage.uss, 24);
    expect_kib(usage.freed_if_killed, 24 + 48);
    assert_false(usage.swap.known); /* this rollup has none */
}

/* A cut smaps has a part of the figures; the rollup has all of them. */
static void a_rollup_is_better_than_a_cut_smaps(void **state)
{
    (void)state;
    struct process process = whole_process(5);
    process.files |= PROCESS_SMAPS_CUT;
    struct process_usage usage = usage_of(&process);
    assert_int_equal(usage.state, PROCESS_CUT_STATE);
    assert_string_equal(usage.source, "smaps_rollup");
    expect_kib(usage.pss, 52);
    expect_kib(usage.vss, 9000);
    process.files &= ~(uint32_t)PROCESS_ROLLUP;
    usage = usage_of(&process);
    assert_int_equal(usage.state, PROCESS_CUT_STATE);
    assert_string_equal(usage.source, "smaps");
    expect_kib(usage.pss, 50);
    expect_kib(usage.vss, 9000); /* status has all of it */
}

static void light_files_give_rss_and_no_more(void **state)
{
    (void)state;
    struct process process = whole_process(5);
    process.files = PROCESS_STAT | PROCESS_STATM | PROCESS_STATUS;
    process.smaps = process.rollup = (struct smaps_sums){0};
    process.status_size[STATUS_VM_SWAP] = amount_of(KIB(16));
    struct process_usage usage = usage_of(&process);
    assert_int_equal(usage.state, PROCESS_ABSENT_STATE);
    assert_string_equal(usage.source, "status");
    expect_kib(usage.rss, 80);
    expect_kib(usage.swap, 16);
    expect_kib(usage.vss, 9000);
    assert_false(usage.pss.known || usage.uss.known || usage.freed_if_killed.known);

    process.status_size[STATUS_VM_RSS] = AMOUNT_UNKNOWN;
    usage = usage_of(&process);
    assert_string_equal(usage.source, "statm");
    expect_kib(usage.rss, 80);

    snapshot->identity.page_size_source = NULL; /* statm counts pages of unknown size */
    usage = usage_of(&process);
    assert_string_equal(usage.source, "none");
    assert_false(usage.rss.known);
}

/* 2.6.32: smaps without Swap, without hugetlb. */
static void fields_that_this_kernel_lacks_stay_unknown(void **state)
{
    (void)state;
    struct process process = {.pid = 5, .files = PROCESS_SMAPS};
    process.smaps.blocks = 1;
    give(&process.smaps, SMAPS_RSS, 84);
    give(&process.smaps, SMAPS_PSS, 50);
    give(&process.smaps, SMAPS_PRIVATE_CLEAN, 4);
    struct process_usage usage = usage_of(&process);
    assert_false(usage.uss.known); /* half of a sum is no sum */
    assert_false(usage.swap.known || usage.swap_pss.known || usage.hugetlb.known);
    assert_false(usage.page_tables.known || usage.vss.known || usage.freed_if_killed.known);
}

static const struct state_case {
    const char *what;
    struct process process;
    enum process_read_state state;
} state_cases[] = {
    {"nothing is known",                        {0},                                                PROCESS_ABSENT_STATE       },
    {"kernel thread",                           {.files = PROCESS_STAT, .stat_flags = 0x200000},    PROCESS_KERNEL_THREAD_STATE},
    {"kernel thread, empty smaps",
     {.files = PROCESS_STAT | PROCESS_SMAPS, .stat_flags = 0x200000},
     PROCESS_KERNEL_THREAD_STATE                                                                                               },
    {"kernel thread, smaps refused",
     {.files = PROCESS_STAT,
      .stat_flags = 0x200000,
      .has_smaps_outcome = true,
      .smaps_outcome = OUTCOME_REFUSED},
     PROCESS_KERNEL_THREAD_STATE                                                                                               },
    {"zombie",                                  {.files = PROCESS_STAT, .state = 'Z'},              PROCESS_ZOMBIE_STATE       },
    {"zombie, empty smaps",
     {.files = PROCESS_STAT | PROCESS_SMAPS, .state = 'Z'},
     PROCESS_ZOMBIE_STATE                                                                                                      },
    {"dead",                                    {.files = PROCESS_STAT, .state = 'X'},              PROCESS_ZOMBIE_STATE       },
    {"empty smaps of a process without memory",
     {.files = PROCESS_SMAPS | PROCESS_STATM},
     PROCESS_READ_STATE                                                                                                        },
    {"empty smaps, but resident by statm",
     {.files = PROCESS_SMAPS | PROCESS_STATM, .statm_resident_pages = 9},
     PROCESS_FAILED_STATE                                                                                                      },
    {"empty smaps, but resident by status",
     {.files = PROCESS_SMAPS | PROCESS_STATUS, .status_size[STATUS_VM_RSS] = {4096, true}},
     PROCESS_FAILED_STATE                                                                                                      },
    {"smaps read",                              {.files = PROCESS_SMAPS, .smaps.blocks = 1},        PROCESS_READ_STATE         },
    {"smaps cut",
     {.files = PROCESS_SMAPS | PROCESS_SMAPS_CUT, .smaps.blocks = 1},
     PROCESS_CUT_STATE                                                                                                         },
    {"smaps cut by its deadline",
     {.files = PROCESS_SMAPS | PROCESS_SMAPS_CUT,
      .smaps.blocks = 1,
      .has_smaps_outcome = true,
      .smaps_outcome = OUTCOME_TIMED_OUT},
     PROCESS_TIMED_OUT_STATE                                                                                                   },
    {"smaps read, process then gone",
     {.files = PROCESS_SMAPS, .smaps.blocks = 1, .has_outcome = true, .outcome = OUTCOME_VANISHED},
     PROCESS_READ_STATE                                                                                                        },
    {"rollup only",                             {.files = PROCESS_ROLLUP, .rollup.blocks = 1},      PROCESS_READ_STATE         },
    {"rollup read, smaps timed out",
     {.files = PROCESS_ROLLUP,
      .rollup.blocks = 1,
      .has_smaps_outcome = true,
      .smaps_outcome = OUTCOME_TIMED_OUT},
     PROCESS_TIMED_OUT_STATE                                                                                                   },
};

static void what_became_of_a_process(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof state_cases / sizeof state_cases[0]; i++) {
        struct process_usage usage = usage_of(&state_cases[i].process);
        if (usage.state != state_cases[i].state)
            fail_msg("%s: %s, not %s", state_cases[i].what, process_state_word(usage.state),
                     process_state_word(state_cases[i].state));
    }
}

static const struct outcome_case {
    enum outcome outcome;
    enum process_read_state state;
} outcome_cases[] = {
    {OUTCOME_VANISHED,  PROCESS_VANISHED_STATE },
    {OUTCOME_REUSED,    PROCESS_VANISHED_STATE },
    {OUTCOME_REFUSED,   PROCESS_REFUSED_STATE  },
    {OUTCOME_TIMED_OUT, PROCESS_TIMED_OUT_STATE},
    {OUTCOME_ABANDONED, PROCESS_TIMED_OUT_STATE},
    {OUTCOME_CUT,       PROCESS_CUT_STATE      },
    {OUTCOME_ABSENT,    PROCESS_ABSENT_STATE   },
    {OUTCOME_SKIPPED,   PROCESS_ABSENT_STATE   },
    {OUTCOME_FAILED,    PROCESS_FAILED_STATE   },
};

static void the_journal_tells_why_smaps_is_not_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof outcome_cases / sizeof outcome_cases[0]; i++) {
        struct process of_smaps = {.files = PROCESS_STAT,
                                   .state = 'S',
                                   .has_smaps_outcome = true,
                                   .smaps_outcome = outcome_cases[i].outcome};
        assert_int_equal(usage_of(&of_smaps).state, outcome_cases[i].state);
        struct process of_all = {.files = PROCESS_STAT,
                                 .state = 'S',
                                 .has_outcome = true,
                                 .outcome = outcome_cases[i].outcome};
        assert_int_equal(usage_of(&of_all).state, outcome_cases[i].state);
        /* what is said of smaps counts more than what is said of the whole */
        of_all.has_smaps_outcome = true;
        of_all.smaps_outcome = OUTCOME_REFUSED;
        assert_int_equal(usage_of(&of_all).state, PROCESS_REFUSED_STATE);
    }
}

static void every_state_has_a_word(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PROCESS_STATE_COUNT; i++)
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(process_state_word((enum process_read_state)i),
                                    process_state_word((enum process_read_state)j));
}

static void totals_sum_what_is_known_and_count_what_is_not(void **state)
{
    (void)state;
    struct process_totals totals = {0};
    struct process processes[6] = {whole_process(1), whole_process(2)};
    processes[2] = (struct process){.pid = 3, .files = PROCESS_STAT, .stat_flags = 0x200000};
    processes[3] = (struct process){.pid = 4, .files = PROCESS_STAT, .state = 'Z'};
    processes[4] = (struct process){.pid = 5,
                                    .files = PROCESS_STATM,
                                    .statm_resident_pages = 100,
                                    .has_smaps_outcome = true,
                                    .smaps_outcome = OUTCOME_REFUSED};
    processes[5] = (struct process){.pid = 6, .has_outcome = true, .outcome = OUTCOME_VANISHED};
    processes[1].files &= ~(uint32_t)PROCESS_ROLLUP;
    for (size_t i = 0; i < 6; i++) {
        struct process_usage usage = usage_of(&processes[i]);
        process_totals_add(&totals, &usage);
    }
    assert_int_equal(totals.processes, 6);
    assert_int_equal(totals.kernel_threads, 1);
    assert_int_equal(totals.by_state[PROCESS_READ_STATE], 2);
    assert_int_equal(totals.by_state[PROCESS_KERNEL_THREAD_STATE], 1);
    assert_int_equal(totals.by_state[PROCESS_ZOMBIE_STATE], 1);
    assert_int_equal(totals.by_state[PROCESS_REFUSED_STATE], 1);
    assert_int_equal(totals.by_state[PROCESS_VANISHED_STATE], 1);
    expect_kib(totals.rss, 84 + 84 + 400);
    expect_kib(totals.pss, 100);
    expect_kib(totals.uss, 48);
    expect_kib(totals.swap, 24);
    expect_kib(totals.hugetlb, 2 * 6144);
    expect_kib(totals.page_tables, 96);
    expect_kib(totals.pss_best, 52 + 50);
    expect_kib(totals.epss, 112);
    /* of the refused and of the vanished one; the zombie has nothing, kernel threads neither */
    assert_int_equal(totals.unknown.pss, 2);
    assert_int_equal(totals.unknown.rss, 1);
    assert_int_equal(totals.unknown.locked, 4);
    assert_int_equal(totals.unread, 2);
    assert_int_equal(totals.unread_rss_bytes, KIB(400));
    assert_int_equal(totals.mappings, 6);
}

static void totals_of_nothing_are_unknown(void **state)
{
    (void)state;
    struct process_totals totals;
    process_totals_compute(snapshot, &totals);
    assert_int_equal(totals.processes, 0);
    assert_false(totals.rss.known || totals.pss.known || totals.pss_best.known);
}

static void absurd_figures_saturate(void **state)
{
    (void)state;
    struct process_totals totals = {0};
    struct process process = whole_process(1);
    for (unsigned i = 0; i < SMAPS_FIELD_COUNT; i++)
        process.smaps.bytes[i] = process.rollup.bytes[i] = UINT64_MAX;
    process.statm_resident_pages = UINT64_MAX;
    struct process_usage usage = usage_of(&process);
    assert_true(usage.uss.bytes == UINT64_MAX);
    process_totals_add(&totals, &usage);
    process_totals_add(&totals, &usage);
    assert_true(totals.pss.bytes == UINT64_MAX && totals.pss_best.bytes == UINT64_MAX);
    process.files = PROCESS_STATM;
    process.smaps = process.rollup = (struct smaps_sums){0};
    process.status_size[STATUS_VM_RSS] = AMOUNT_UNKNOWN;
    assert_true(usage_of(&process).rss.bytes == UINT64_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(smaps_gives_every_figure),
        TEST(counters_are_those_of_statm),
        TEST(epss_needs_swap_pss_only_where_something_is_swapped_out),
        TEST(stacks_are_freed_too),
        TEST(the_rollup_alone_will_do),
        TEST(a_rollup_is_better_than_a_cut_smaps),
        TEST(light_files_give_rss_and_no_more),
        TEST(fields_that_this_kernel_lacks_stay_unknown),
        TEST(what_became_of_a_process),
        TEST(the_journal_tells_why_smaps_is_not_there),
        TEST(every_state_has_a_word),
        TEST(totals_sum_what_is_known_and_count_what_is_not),
        TEST(totals_of_nothing_are_unknown),
        TEST(absurd_figures_saturate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
