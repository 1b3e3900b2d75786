/* Two trees and what analyzer/compare makes of them: for the tests of one topic each. */
#pragma once

#include "tests/unit/model/snapshot_tree.h"

#include "analyzer/compare/snapshot_diff.h"

static struct snapshot_tree trees[2];
static struct snapshot *sides[2];
static struct snapshot_diff diff;

#define MEMINFO(free, anon)                                                                        \
    "MemTotal: 100000 kB\nMemFree: " free " kB\nAnonPages: " anon " kB\nCached: 5000 kB\n"         \
    "Buffers: 0 kB\nSlab: 3000 kB\nPageTables: 100 kB\n"

static inline int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        tree_create(&trees[i]);
        tree_put(&trees[i], "proc/meminfo", MEMINFO("50000", "20000"));
        tree_put(&trees[i], "meta/collector", "snap pid 1 page_size 4096\n");
    }
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    snapshot_diff_deinit(&diff);
    for (size_t i = 0; i < 2; i++) {
        snapshot_free(sides[i]);
        sides[i] = NULL;
        tree_remove(&trees[i]);
    }
    return 0;
}

static inline void compare_scope(const struct diff_scope *scope)
{
    struct failure why = {0};
    for (size_t i = 0; i < 2; i++)
        sides[i] = tree_load(&trees[i]);
    assert_true(snapshot_diff_compute(sides[0], sides[1], scope, &diff, &why));
}

static inline void compare(void)
{
    compare_scope(NULL);
}

static inline void put_named(size_t side, uint64_t pid, uint64_t start_time_ticks, const char *comm,
                             const struct block *blocks, size_t count)
{
    char *text = blocks_text(blocks, count);
    tree_put_process(&trees[side], &(struct tree_process){.pid = pid,
                                                          .start_time_ticks = start_time_ticks,
                                                          .comm = comm,
                                                          .smaps = text});
    free(text);
}

static inline void put(size_t side, uint64_t pid, uint64_t start_time_ticks,
                       const struct block *blocks, size_t count)
{
    put_named(side, pid, start_time_ticks, NULL, blocks, count);
}

static inline const struct process_change *change_of(uint64_t pid, enum match_status status)
{
    for (size_t i = 0; i < diff.process_count; i++) {
        const struct process_change *change = &diff.processes[i];
        const struct process *process =
            change->after.process ? change->after.process : change->before.process;
        if (process->pid == pid && change->status == status)
            return change;
    }
    fail_msg("no change of %llu that is %s", (unsigned long long)pid, match_status_word(status));
    return NULL;
}

static inline const struct mapping_change *mapping_of(const struct process_change *process,
                                                      uint64_t start)
{
    for (size_t i = 0; i < process->mapping_count; i++) {
        const struct mapping_change *change = &diff.mappings[process->first_mapping + i];
        if ((change->before && change->before->start == start) ||
            (change->after && change->after->start == start))
            return change;
    }
    fail_msg("no change of the mapping at %llx", (unsigned long long)start);
    return NULL;
}

static inline int64_t line_change(const char *id)
{
    for (size_t i = 0; i < diff.ledger_count; i++)
        if (strcmp(diff.ledger[i].id, id) == 0)
            return diff.ledger[i].change_bytes;
    fail_msg("no line %s", id);
    return 0;
}

#define ANON(from, to, kib)                                                                        \
    {                                                                                              \
        .start = (from), .end = (to), .rss = (kib), .pss = (kib)                                   \
    }
#define FILE_AT(from, to, kib)                                                                     \
    {                                                                                              \
        .start = (from), .end = (to), .inode = 9, .name = "/lib/x", .rss = (kib), .pss = (kib)     \
    }

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
