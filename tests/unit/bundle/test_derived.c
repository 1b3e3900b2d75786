#include "analyzer/bundle/derived.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const char good_lines[] =
    "mount type tmpfs device 0:26 block_bytes 4096 blocks 100 free_blocks 40 files 9 free_files 3 "
    "path /dev/shm\n"
    "mount type hugetlbfs device 0:31 errno 13 path /huge\\\\\\x0a pages\n"
    "held kind memfd device 0:1 inode 4711 bytes 8192 path /memfd:a (deleted)\n"
    "held colour red kind gpu path \n"
    "weather sunny\n"
    "\n"
    "pipe inode 18446744073709551615\n"
    "shared pid 12 first 7\n"
    "compared processes 9 refused 2\n";

#define RECORDS_MAX 8

struct collected {
    struct derived_record records[RECORDS_MAX];
    char paths[RECORDS_MAX][64];
    size_t count;
    size_t stop_after; /* 0: never */
};

static bool collect(void *context, const struct derived_record *record, struct failure *why)
{
    struct collected *all = context;
    assert_true(all->count < RECORDS_MAX && record->path.length_bytes < 64);
    if (record->path.length_bytes)
        memcpy(all->paths[all->count], record->path.at, record->path.length_bytes);
    all->records[all->count++] = *record;
    if (all->count == all->stop_after)
        return failure_set(why, FAILURE_LIMIT, 0, "enough");
    return true;
}

static void reads_each_record(void **state)
{
    (void)state;
    struct collected all = {0};
    struct failure why = {0};
    const struct derived_record *r = all.records;
    assert_true(derived_parse(slice_of(good_lines), collect, &all, &why));
    assert_int_equal(all.count, 7);

    assert_int_equal(r[0].kind, DERIVED_MOUNT);
    assert_true(slice_equal(r[0].type, SLICE("tmpfs")));
    assert_true(r[0].has_device);
    assert_int_equal(r[0].major, 0);
    assert_int_equal(r[0].minor, 26);
    assert_int_equal(r[0].number[DERIVED_BLOCK_BYTES], 4096);
    assert_int_equal(r[0].number[DERIVED_BLOCKS], 100);
    assert_int_equal(r[0].number[DERIVED_FREE_BLOCKS], 40);
    assert_int_equal(r[0].number[DERIVED_FILES], 9);
    assert_int_equal(r[0].number[DERIVED_FREE_FILES], 3);
    assert_false(r[0].has[DERIVED_ERRNO]);
    assert_string_equal(all.paths[0], "/dev/shm");

    assert_true(r[1].has[DERIVED_ERRNO]);
    assert_int_equal(r[1].number[DERIVED_ERRNO], 13);
    assert_false(r[1].has[DERIVED_BLOCKS]);
    assert_string_equal(all.paths[1], "/huge\\\n pages");

    assert_int_equal(r[2].kind, DERIVED_HELD);
    assert_true(slice_equal(r[2].type, SLICE("memfd")));
    assert_int_equal(r[2].number[DERIVED_INODE], 4711);
    assert_int_equal(r[2].number[DERIVED_BYTES], 8192);

    assert_false(r[3].has_device || r[3].has[DERIVED_BYTES] || r[3].has[DERIVED_INODE]);
    assert_int_equal(r[3].path.length_bytes, 0);

    assert_int_equal(r[4].kind, DERIVED_PIPE);
    assert_int_equal(r[4].number[DERIVED_INODE], UINT64_MAX);

    assert_int_equal(r[5].kind, DERIVED_SHARED);
    assert_int_equal(r[5].number[DERIVED_PID], 12);
    assert_int_equal(r[5].number[DERIVED_FIRST], 7);
    assert_int_equal(r[6].kind, DERIVED_COMPARED);
    assert_int_equal(r[6].number[DERIVED_PROCESSES], 9);
    assert_int_equal(r[6].number[DERIVED_REFUSED], 2);
}

static const struct rejected {
    const char *text;
    uint64_t line;
    const char *word; /* in the message */
} rejected[] = {
    {"pipe inode 1",                                       1, "newline"},
    {"pipe inode 1\npipe\n",                               2, "about"  },
    {"pipe inode\n",                                       1, "key"    },
    {"pipe inode x\n",                                     1, "key"    },
    {"pipe inode 1 inode 1\n",                             1, "twice"  },
    {"pipe  inode 1\n",                                    1, "key"    },
    {"mount type tmpfs path /a\n",                         1, "about"  },
    {"mount device 0:1 path /a\n",                         1, "about"  },
    {"mount type tmpfs device 0:1\n",                      1, "about"  },
    {"mount type tmpfs type tmpfs device 0:1 path /a\n",   1, "twice"  },
    {"mount type tmpfs device 0:1 device 0:1 path /a\n",   1, "twice"  },
    {"mount type tmpfs device 0 path /a\n",                1, "key"    },
    {"mount type tmpfs device 0:x path /a\n",              1, "key"    },
    {"mount type tmpfs device :1 path /a\n",               1, "key"    },
    {"held kind memfd path a\\qb\n",                       1, "escape" },
    {"held path a\n",                                      1, "about"  },
    {"shared pid 1\n",                                     1, "about"  },
    {"compared processes 1\n",                             1, "about"  },
    {"held kind memfd bytes 18446744073709551616 path \n", 1, "key"    },
};

static void refuses_damage_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rejected / sizeof rejected[0]; i++) {
        struct collected all = {0};
        struct failure why = {0};
        if (derived_parse(slice_of(rejected[i].text), collect, &all, &why))
            fail_msg("'%s' was read", rejected[i].text);
        if (why.kind != FAILURE_MALFORMED || why.position != rejected[i].line ||
            !strstr(why.message, rejected[i].word))
            fail_msg("'%s': line %d: %s", rejected[i].text, (int)why.position, why.message);
    }
}

static void every_prefix_is_read_or_refused(void **state)
{
    (void)state;
    for (size_t length = 0; length < sizeof good_lines; length++) {
        char *copy = malloc(length ? length : 1);
        assert_non_null(copy);
        memcpy(copy, good_lines, length);
        struct collected all = {0};
        struct failure why = {0};
        bool parsed = derived_parse((struct slice){copy, length}, collect, &all, &why);
        bool whole = length == 0 || good_lines[length - 1] == '\n';
        if (length < sizeof good_lines - 1)
            assert_int_equal(parsed, whole);
        assert_int_equal(parsed, why.kind == FAILURE_NONE);
        free(copy);
    }
}

static void a_sink_can_stop_it(void **state)
{
    (void)state;
    struct collected all = {.stop_after = 2};
    struct failure why = {0};
    assert_false(derived_parse(slice_of(good_lines), collect, &all, &why));
    assert_int_equal(why.kind, FAILURE_LIMIT);
    assert_int_equal(all.count, 2);
    all = (struct collected){0};
    assert_true(derived_parse(SLICE(""), collect, &all, NULL));
    assert_int_equal(all.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_record),
        cmocka_unit_test(refuses_damage_with_its_line),
        cmocka_unit_test(every_prefix_is_read_or_refused),
        cmocka_unit_test(a_sink_can_stop_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
