/* analyzer/parse/system/census.c */
#include "tests/unit/parse/parse_support.h"

#include <stdio.h>

#include "analyzer/parse/system/census.h"
#include "schema/bundle_format.h"

#define BIT(name) (UINT64_C(1) << KPF_BIT_##name)

static bool parse(struct slice text, struct failure *why)
{
    struct census census = {0};
    bool parsed = census_parse(text, &census, why);
    census_deinit(&census);
    return parsed;
}

#define HEADER "census 1\npage_bytes 4096\nframes 1000\nwithin_ram yes\ncounts yes\n"

/* no flag; FILE: LRU; ANON: MMAP, ANON, LRU and SWAPBACKED; BUDDY; RESERVED */
static const char usual[] = HEADER "flags 0 pages 50 mapped 2\n"
                                   "flags 20 pages 100 mapped 7\n"
                                   "flags 400 pages 300 mapped 0\n"
                                   "flags 5820 pages 200 mapped 200\n"
                                   "flags 100000000 pages 350 mapped 0\n"
                                   "end rows 5 complete yes\n";

static void reads_rows_and_sums_classes(void **state)
{
    (void)state;
    struct census census;
    struct failure why = {0};
    assert_true(census_parse(SLICE(usual), &census, &why));
    assert_int_equal(census.page_bytes, 4096);
    assert_int_equal(census.frames, 1000);
    assert_true(census.within_ram && census.has_counts);
    assert_false(census.is_cut);
    assert_int_equal(census.row_count, 5);
    assert_int_equal(census.rows[3].flags, 0x5820);
    assert_int_equal(census.rows[3].pages, 200);
    assert_int_equal(census.rows[1].mapped, 7);
    assert_int_equal(census.pages[PAGE_CLASS_UNFLAGGED], 50);
    assert_int_equal(census.pages[PAGE_CLASS_FILE], 100);
    assert_int_equal(census.pages[PAGE_CLASS_FREE], 300);
    assert_int_equal(census.pages[PAGE_CLASS_ANON], 200);
    assert_int_equal(census.pages[PAGE_CLASS_RESERVED], 350);
    census_deinit(&census);
}

static void a_stopped_census_and_newer_keys_are_read(void **state)
{
    (void)state;
    struct census census;
    assert_true(census_parse(SLICE("census 1\ncolour red\ncounts no\nwithin_ram no\nframes 7\n"
                                   "page_bytes 65536\nend rows 0 complete no\n"),
                             &census, NULL));
    assert_true(census.is_cut);
    assert_false(census.has_counts || census.within_ram);
    assert_int_equal(census.page_bytes, 65536);
    census_deinit(&census);
}

static void sums_saturate(void **state)
{
    (void)state;
    struct census census;
    assert_true(census_parse(SLICE(HEADER "flags 0 pages 18446744073709551615 mapped 0\n"
                                          "flags 8000 pages 5 mapped 0\nend rows 2 complete yes\n"),
                             &census, NULL));
    assert_int_equal(census.pages[PAGE_CLASS_UNFLAGGED], UINT64_MAX);
    census_deinit(&census);
}

static void each_page_has_the_class_that_is_judged_first(void **state)
{
    (void)state;
    static const struct {
        uint64_t flags;
        enum page_class class;
    } pages[] = {
        {0,                                            PAGE_CLASS_UNFLAGGED},
        {BIT(COMPOUND_HEAD),                           PAGE_CLASS_UNFLAGGED},
        {BIT(COMPOUND_TAIL) | BIT(SWAPBACKED),         PAGE_CLASS_UNFLAGGED},
        {BIT(ANON),                                    PAGE_CLASS_UNFLAGGED},
        {BIT(NOPAGE) | BIT(BUDDY),                     PAGE_CLASS_NOPAGE   },
        {BIT(BUDDY) | BIT(LRU),                        PAGE_CLASS_FREE     },
        {BIT(SLAB) | BIT(ANON) | BIT(MMAP),            PAGE_CLASS_SLAB     },
        {BIT(PGTABLE) | BIT(MMAP),                     PAGE_CLASS_PAGETABLE},
        {BIT(HUGE) | BIT(MMAP) | BIT(ANON),            PAGE_CLASS_HUGETLB  },
        {BIT(OFFLINE) | BIT(RESERVED),                 PAGE_CLASS_OFFLINE  },
        {BIT(HWPOISON) | BIT(LRU),                     PAGE_CLASS_HWPOISON },
        {BIT(ZERO_PAGE) | BIT(RESERVED),               PAGE_CLASS_ZERO     },
        {BIT(ZERO_PAGE) | BIT(THP) | BIT(MMAP),        PAGE_CLASS_ZERO     },
        {BIT(ANON) | BIT(LRU) | BIT(SWAPBACKED),       PAGE_CLASS_ANON     },
        {BIT(ANON) | BIT(MMAP),                        PAGE_CLASS_ANON     },
        {BIT(ANON) | BIT(SWAPCACHE) | BIT(SWAPBACKED), PAGE_CLASS_ANON     },
        {BIT(ANON) | BIT(UNEVICTABLE) | BIT(MLOCKED),  PAGE_CLASS_ANON     },
        {BIT(LRU) | BIT(SWAPBACKED) | BIT(MMAP),       PAGE_CLASS_SHMEM    },
        {BIT(UNEVICTABLE) | BIT(SWAPBACKED),           PAGE_CLASS_SHMEM    },
        {BIT(LRU) | BIT(MMAP),                         PAGE_CLASS_FILE     },
        {BIT(RESERVED) | BIT(MMAP),                    PAGE_CLASS_RESERVED },
        {BIT(MMAP) | BIT(COMPOUND_HEAD),               PAGE_CLASS_MAPPED   },
    };
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (page_class_of(pages[i].flags) != pages[i].class)
            fail_msg("row %zu: %s", i, page_class_word(page_class_of(pages[i].flags)));
    /* every class has a word, and its bits pass the collector's mask */
    for (unsigned class = 0; class < PAGE_CLASS_COUNT; class ++)
        assert_non_null(page_class_word((enum page_class) class));
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        assert_int_equal(pages[i].flags & ~CENSUS_FLAG_MASK, 0);
    assert_int_equal(CENSUS_FLAG_MASK, UINT64_C(0x305fffca0)); /* docs/bundle-format.md */
}

static void refuses_what_is_no_census(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",            "",                                                             1, "no 'census"},
        {"no version",       "census\n",                                                     1, "no 'census"},
        {"no end",           HEADER "flags 0 pages 1 mapped 0\n",                            6, "no end"    },
        {"cut end",          HEADER "end rows 0 complete yes",                               6, "cut"       },
        {"a row is missing", HEADER "end rows 1 complete yes\n",                             6, "end line"  },
        {"neither yes nor",  HEADER "end rows 0 complete 1\n",                               6, "end line"  },
        {"behind the end",   HEADER "end rows 0 complete yes\ncounts no\n",                  7, "behind"    },
        {"twice",            HEADER "frames 9\n",                                            6, "twice"     },
        {"no number",        "census 1\npage_bytes x\n",                                     2, "wrong"     },
        {"no page",          "census 1\npage_bytes 0\n",                                     2, "wrong"     },
        {"an empty line",    "census 1\n\n",                                                 2, "empty"     },
        {"missing header",   "census 1\nframes 1\nend rows 0 complete no\n",                 3, "missing"   },
        {"no hex",           HEADER "flags 0x1 pages 1 mapped 0\n",                          6, "no 'flags" },
        {"more mapped",      HEADER "flags 1 pages 1 mapped 2\n",                            6, "no 'flags" },
        {"fifth word",       HEADER "flags 1 pages 1 mapped 1 x\n",                          6, "no 'flags" },
        {"the same twice",   HEADER "flags 1 pages 1 mapped 1\nflags 01 pages 1 mapped 1\n", 7,
         "order"                                                                                            },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, usual), 1);
    struct failure why = {0};
    assert_false(parse(SLICE("census 2\n"), &why));
    assert_int_equal(why.kind, FAILURE_UNSUPPORTED);
}

static void has_a_limit_of_rows(void **state)
{
    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        char *text = NULL;
        size_t length = 0;
        FILE *to = open_memstream(&text, &length);
        int rows = CENSUS_ROWS_MAX + extra;
        assert_non_null(to);
        fputs(HEADER, to);
        for (int i = 0; i < rows; i++)
            fprintf(to, "flags %x pages 1 mapped 0\n", (unsigned)i);
        fprintf(to, "end rows %d complete yes\n", rows);
        assert_int_equal(fclose(to), 0);
        struct failure why = {0};
        assert_int_equal(parse((struct slice){text, length}, &why), !extra);
        assert_int_equal(why.kind, extra ? FAILURE_LIMIT : FAILURE_NONE);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rows_and_sums_classes),
        cmocka_unit_test(a_stopped_census_and_newer_keys_are_read),
        cmocka_unit_test(sums_saturate),
        cmocka_unit_test(each_page_has_the_class_that_is_judged_first),
        cmocka_unit_test(refuses_what_is_no_census),
        cmocka_unit_test(has_a_limit_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
