/* analyzer/compare/object_match: which objects are one, and which only have one name. */
#include "tests/unit/compare/diff_pair.h"

static const struct object_match *match_named(size_t side, const char *name, uint64_t inode)
{
    const struct object_match *all = side ? diff.object_matches.after : diff.object_matches.before;
    for (size_t i = 0; i < sides[side]->mappings.object_count; i++) {
        const struct mapped_object *object = &sides[side]->mappings.objects[i];
        if (object->inode == inode &&
            slice_equal(snapshot_text(sides[side], object->name), slice_of(name)))
            return &all[i];
    }
    fail_msg("no object %s on side %zu", name, side);
    return NULL;
}

#define OBJECT(at, named, number, on)                                                              \
    {                                                                                              \
        .start = (at), .end = (at) + 0x1000, .name = (named), .inode = (number), .device = (on),   \
        .rss = 4, .pss = 4                                                                         \
    }

/* One object before, one after. */
static const struct one_each {
    const char *what;
    struct block before, after;
    const char *boots[2];
    bool is_pair;
    enum object_relation relation;
} one_each[] = {
    {"the same",
     OBJECT(0x1000, "/lib/x",                  9, "08:01"),
     OBJECT(0x1000, "/lib/x",                  9,  "08:01"),
     {"a\n", "a\n"},
     true,  OBJECT_RELATION_SAME      },
    {"deleted now",
     OBJECT(0x1000, "/lib/x",                  9, "08:01"),
     OBJECT(0x1000, "/lib/x (deleted)",        9,  "08:01"),
     {"a\n", "a\n"},
     true,  OBJECT_RELATION_SAME      },
    {"upgraded",
     OBJECT(0x1000, "/lib/x",                  9, "08:01"),
     OBJECT(0x1000, "/lib/x",                  10, "08:01"),
     {"a\n", "a\n"},
     true,  OBJECT_RELATION_REPLACED  },
    {"renamed",
     OBJECT(0x1000, "/lib/x",                  9, "08:01"),
     OBJECT(0x1000, "/lib/y",                  9,  "08:01"),
     {"a\n", "a\n"},
     true,  OBJECT_RELATION_RENAMED   },
    {"overlay mounted anew",
     OBJECT(0x1000, "/lib/x",                  9, "00:31"),
     OBJECT(0x1000, "/lib/x",                  9,  "00:45"),
     {"a\n", "b\n"},
     true,  OBJECT_RELATION_RENUMBERED},
    {"a number that tmpfs gave twice",
     OBJECT(0x1000, "/run/x",                  9, "00:31"),
     OBJECT(0x1000, "/run/y",                  9,  "00:31"),
     {"a\n", "b\n"},
     false, OBJECT_RELATION_SAME      },
    {"one segment",
     OBJECT(0x1000, "/SYSV00000000 (deleted)", 3, "00:01"),
     OBJECT(0x1000, "/SYSV00000000 (deleted)", 3,  "00:01"),
     {"a\n", "a\n"},
     true,  OBJECT_RELATION_SAME      },
    {"segments without a key",
     OBJECT(0x1000, "/SYSV00000000 (deleted)", 3, "00:01"),
     OBJECT(0x1000, "/SYSV00000000 (deleted)", 4,  "00:01"),
     {"a\n", "a\n"},
     false, OBJECT_RELATION_SAME      },
    {"their numbers begin again",
     OBJECT(0x1000, "/SYSV00000000 (deleted)", 3, "00:01"),
     OBJECT(0x1000, "/SYSV00000000 (deleted)", 3,  "00:01"),
     {"a\n", "b\n"},
     false, OBJECT_RELATION_SAME      },
    {"a segment with a key",
     OBJECT(0x1000, "/SYSV00001234 (deleted)", 3, "00:01"),
     OBJECT(0x1000, "/SYSV00001234 (deleted)", 4,  "00:01"),
     {"a\n", "a\n"},
     true,  OBJECT_RELATION_REPLACED  },
    {"a memfd made again",
     OBJECT(0x1000, "/memfd:pool (deleted)",   3, "00:01"),
     OBJECT(0x1000, "/memfd:pool (deleted)",   4,  "00:01"),
     {"a\n", "a\n"},
     true,  OBJECT_RELATION_REPLACED  },
    {"shared memory without a name",
     OBJECT(0x1000, "/dev/zero (deleted)",     3, "00:01"),
     OBJECT(0x1000, "/dev/zero (deleted)",     4,  "00:01"),
     {"a\n", "a\n"},
     false, OBJECT_RELATION_SAME      },
};

/* A file may be called like the heap. */
static void a_file_is_no_heap(void **state)
{
    (void)state;
    const struct block before[] = {OBJECT(0x1000, "[heap]", 0, NULL)};
    const struct block after[] = {OBJECT(0x1000, "[heap]", 9, "08:01")};
    put(0, 7, 100, before, 1);
    put(1, 7, 100, after, 1);
    compare();
    assert_int_equal(diff.object_matches.before->other, OBJECT_UNMATCHED);
}

static void number_and_name_decide(void **state)
{
    for (size_t i = 0; i < sizeof one_each / sizeof one_each[0]; i++) {
        const struct one_each *one = &one_each[i];
        const struct block *blocks[] = {&one->before, &one->after};
        for (size_t side = 0; side < 2; side++) {
            tree_put(&trees[side], "proc/sys/kernel/random/boot_id", one->boots[side]);
            put(side, 7, 100, blocks[side], 1);
        }
        compare();
        const struct object_match *before = diff.object_matches.before;
        const struct object_match *after = diff.object_matches.after;
        if ((before->other == 0) != one->is_pair || (after->other == 0) != one->is_pair)
            fail_msg("%s: %smatched", one->what, one->is_pair ? "not " : "");
        if (one->is_pair && before->relation != one->relation)
            fail_msg("%s: %s", one->what,
                     object_relation_word((enum object_relation)before->relation));
        assert_int_equal(before->identity == after->identity, one->is_pair);
        tear_down(state);
        set_up(state);
    }
}

/* The old file is still mapped by who did not restart; the new one has its name. */
static void an_upgrade_that_not_all_have_seen_is_told_of_the_new_file(void **state)
{
    (void)state;
    const struct block before[] = {OBJECT(0x1000, "/lib/x", 9, "08:01")};
    const struct block after[] = {OBJECT(0x1000, "/lib/x (deleted)", 9, "08:01"),
                                  OBJECT(0x5000, "/lib/x", 10, "08:01")};
    put(0, 7, 100, before, 1);
    put(1, 7, 100, after, 2);
    compare();
    assert_int_equal(match_named(0, "/lib/x", 9)->relation, OBJECT_RELATION_SAME);
    const struct object_match *new_one = match_named(1, "/lib/x", 10);
    assert_int_equal(new_one->other, OBJECT_UNMATCHED);
    assert_true(new_one->name_reused);
    assert_int_equal(new_one->candidates, 0);
}

static void of_several_with_one_name_none_is_guessed(void **state)
{
    (void)state;
    const struct block before[] = {OBJECT(0x1000, "/memfd:pool (deleted)", 3, "00:01"),
                                   OBJECT(0x2000, "/memfd:pool (deleted)", 4, "00:01")};
    const struct block after[] = {OBJECT(0x1000, "/memfd:pool (deleted)", 5, "00:01"),
                                  OBJECT(0x2000, "/memfd:pool (deleted)", 4, "00:01"),
                                  OBJECT(0x3000, "/memfd:pool (deleted)", 6, "00:01")};
    put(0, 7, 100, before, 2);
    put(1, 7, 100, after, 3);
    compare();
    assert_int_equal(match_named(0, "/memfd:pool (deleted)", 4)->relation, OBJECT_RELATION_SAME);
    assert_int_equal(match_named(0, "/memfd:pool (deleted)", 3)->other, OBJECT_UNMATCHED);
    assert_int_equal(match_named(0, "/memfd:pool (deleted)", 3)->candidates, 2);
    assert_int_equal(match_named(1, "/memfd:pool (deleted)", 6)->candidates, 1);
    assert_int_equal(match_named(0, "/memfd:pool (deleted)", 3)->name,
                     match_named(1, "/memfd:pool (deleted)", 6)->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(number_and_name_decide),
        TEST(a_file_is_no_heap),
        TEST(an_upgrade_that_not_all_have_seen_is_told_of_the_new_file),
        TEST(of_several_with_one_name_none_is_guessed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
