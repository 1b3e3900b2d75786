/* analyzer/parse/process/smaps_layout.c: what a block's lines say */
#include <stdio.h>

#include "tests/unit/parse/smaps_recorder.h"
#include "tests/unit/parse/smaps_texts.h"

static struct smaps_parser_counts read_all(struct smaps_recorder *recorder, const char *text)
{
    struct failure why = {0};
    struct smaps_parser *parser = smaps_parser_create(smaps_record, recorder);
    assert_non_null(parser);
    if (!smaps_read(parser, slice_of(text), SIZE_MAX, false, &why))
        fail_msg("%llu: %s", (unsigned long long)why.position, why.message);
    struct smaps_parser_counts counts = smaps_parser_counts(parser);
    counts.unknown_names = NULL;
    smaps_parser_destroy(parser);
    return counts;
}

static void reads_a_recent_block(void **state)
{
    (void)state;
    struct smaps_recorder recorder = {0};
    read_all(&recorder, BLOCK_7(HEAD_64 "/bin/busybox\n", "1360"));
    assert_int_equal(recorder.count, 1);
    const struct smaps_mapping *m = &recorder.mappings[0];
    EXPECT_SLICE(m->name, "/bin/busybox");
    EXPECT_SLICE(m->vm_flags, "rd ex mr mw me sd");
    assert_int_equal(m->value_bytes[SMAPS_SIZE], 1552 * 1024);
    assert_int_equal(m->value_bytes[SMAPS_RSS], 1360 * 1024);
    assert_int_equal(m->value_bytes[SMAPS_PRIVATE_HUGETLB], 2048 * 1024);
    assert_int_equal(m->value_bytes[SMAPS_LOCKED], 0);
    assert_true(m->present & SMAPS_BIT(SMAPS_LOCKED));
    assert_true(m->present & SMAPS_BIT(SMAPS_KSM));
    assert_false(m->present & SMAPS_BIT(SMAPS_PSS_ANON));
    assert_int_equal(m->thp_eligible, 0);
    smaps_recorder_deinit(&recorder);
}

static void reads_an_old_block(void **state)
{
    (void)state;
    struct smaps_recorder recorder = {0};
    read_all(&recorder, BLOCK_OLD(HEAD_64 "/bin/x\n") BLOCK_OLD("00500000-00501000 r--p 00000000 "
                                                                "00:00 0 \n"));
    assert_int_equal(recorder.count, 2);
    const struct smaps_mapping *m = &recorder.mappings[1];
    EXPECT_SLICE(m->name, "");
    EXPECT_SLICE(m->vm_flags, "");
    assert_int_equal(m->thp_eligible, -1);
    assert_false(m->present & SMAPS_BIT(SMAPS_ANONYMOUS));
    assert_int_equal(m->value_bytes[SMAPS_MMU_PAGE_SIZE], 4096);
    smaps_recorder_deinit(&recorder);
}

static void a_field_may_stand_in_some_blocks(void **state)
{
    (void)state;
    struct smaps_recorder recorder = {0};
    struct smaps_parser_counts counts =
        read_all(&recorder, BLOCK_3(HEAD_64 "/a\n", "") BLOCK_3(HEAD_64 "/b\n", NONLINEAR)
                                BLOCK_3(HEAD_64 "/c\n", "") BLOCK_3(HEAD_64 "/d\n", NONLINEAR));
    assert_int_equal(recorder.count, 4);
    assert_int_equal(counts.blocks, 4);
    assert_int_not_equal(counts.relearnt, 0);
    for (unsigned i = 0; i < 4; i++) {
        const struct smaps_mapping *m = &recorder.mappings[i];
        bool has_nonlinear = i % 2 == 1;
        assert_int_equal(!!(m->present & SMAPS_BIT(SMAPS_NONLINEAR)), has_nonlinear);
        assert_int_equal(m->value_bytes[SMAPS_NONLINEAR], has_nonlinear ? 16 * 1024 : 0);
        assert_int_equal(m->value_bytes[SMAPS_PSS], 4 * 1024);
        EXPECT_SLICE(m->vm_flags, "rd wr mr mw me");
    }
    smaps_recorder_deinit(&recorder);
}

static void the_usual_order_is_not_relearnt(void **state)
{
    (void)state;
    struct smaps_recorder recorder = {0};
    struct smaps_parser_counts counts =
        read_all(&recorder, BLOCK_7(HEAD_64 "/a\n", "   0") BLOCK_7(HEAD_64 "/b\n", "9999"));
    assert_int_equal(counts.relearnt, 0);
    assert_int_equal(recorder.mappings[0].value_bytes[SMAPS_RSS], 0);
    assert_int_equal(recorder.mappings[1].value_bytes[SMAPS_RSS], 9999 * 1024);
    smaps_recorder_deinit(&recorder);
}

static void wide_values_are_read(void **state)
{
    (void)state;
    struct smaps_recorder recorder = {0};
    read_all(&recorder, BLOCK_7(HEAD_64 "/a\n", "   0") BLOCK_7(HEAD_64 "/b\n", "18014398509481983")
                            BLOCK_7(HEAD_64 "/c\n", "123456789") BLOCK_7(HEAD_64 "/d\n", "   7"));
    assert_int_equal(recorder.count, 4);
    assert_true(recorder.mappings[1].value_bytes[SMAPS_RSS] == UINT64_C(18014398509481983) * 1024);
    assert_true(recorder.mappings[2].value_bytes[SMAPS_RSS] == UINT64_C(123456789) * 1024);
    assert_int_equal(recorder.mappings[3].value_bytes[SMAPS_RSS], 7 * 1024);
    smaps_recorder_deinit(&recorder);
}

static void names_may_look_like_lines(void **state)
{
    (void)state;
    struct smaps_recorder recorder = {0};
    read_all(&recorder, BLOCK_3(HEAD_64 "Rss:                   4 kB\n", "") BLOCK_3(
                            HEAD_64 HEAD_64 "/x\n", "") BLOCK_3(HEAD_64 " /a\\012b: \xff \n", ""));
    assert_int_equal(recorder.count, 3);
    EXPECT_SLICE(recorder.mappings[0].name, "Rss:                   4 kB");
    assert_int_equal(recorder.mappings[0].value_bytes[SMAPS_RSS], 8 * 1024);
    EXPECT_SLICE(recorder.mappings[2].name, " /a\\012b: \xff ");
    smaps_recorder_deinit(&recorder);
}

static void unknown_lines_are_counted_and_named(void **state)
{
    (void)state;
#define NEW_LINES "NewSize:               4 kB\nName:           [anon:libc: malloc]\nEmpty:\n"
    struct smaps_recorder recorder = {0};
    struct failure why = {0};
    struct smaps_parser *parser = smaps_parser_create(smaps_record, &recorder);
    assert_non_null(parser);
    assert_true(smaps_read(
        parser, SLICE(BLOCK_3(HEAD_64 "/a\n", NEW_LINES) BLOCK_3(HEAD_64 "/b\n", NEW_LINES)),
        SIZE_MAX, false, &why));
    struct smaps_parser_counts counts = smaps_parser_counts(parser);
    assert_int_equal(counts.unknown_lines, 6);
    assert_int_equal(counts.unknown_name_count, 3);
    assert_string_equal(counts.unknown_names[0], "NewSize");
    assert_string_equal(counts.unknown_names[1], "Name");
    assert_string_equal(counts.unknown_names[2], "Empty");
    /* only what has a number is kept, without asking what it counts */
    assert_int_equal(recorder.mappings[1].others_present, 1);
    assert_int_equal(recorder.mappings[1].other_number[0], 4);
    smaps_parser_destroy(parser);
    smaps_recorder_deinit(&recorder);
}

static void keys_are_told_in_the_order_of_the_kernel(void **state)
{
    (void)state;
    struct smaps_recorder recorder = {0};
    struct smaps_key keys[SMAPS_KEYS_MAX];
    struct failure why = {0};
    struct smaps_parser *parser = smaps_parser_create(smaps_record, &recorder);
    assert_non_null(parser);
    assert_int_equal(smaps_parser_keys(parser, keys), 0);
    assert_true(smaps_read(
        parser, SLICE(HEAD_64 "/a\nSize: 4 kB\nRss: 4 kB\nNew: 5\nTHPeligible: 1\nVmFlags: rd\n"),
        SIZE_MAX, false, &why));
    assert_int_equal(smaps_parser_keys(parser, keys), 5);
    assert_string_equal(keys[1].name, "Rss");
    assert_int_equal(keys[1].kind, SMAPS_KEY_SIZE);
    assert_int_equal(keys[1].index, SMAPS_RSS);
    assert_string_equal(keys[2].name, "New");
    assert_int_equal(keys[2].kind, SMAPS_KEY_OTHER);
    assert_int_equal(keys[2].index, 0);
    assert_int_equal(keys[3].kind, SMAPS_KEY_THP_ELIGIBLE);
    assert_int_equal(keys[4].kind, SMAPS_KEY_VM_FLAGS);
    smaps_parser_destroy(parser);
    smaps_recorder_deinit(&recorder);
}

static void thp_eligible_has_many_forms(void **state)
{
    (void)state;
#define WITH_THP(value) HEAD_64 "/a\nSize: 4 kB\nRss: 4 kB\nTHPeligible:" value "\n"
    struct smaps_recorder recorder = {0};
    read_all(&recorder, WITH_THP("    0") WITH_THP("\t\t1") WITH_THP("           1"));
    assert_int_equal(recorder.mappings[0].thp_eligible, 0);
    assert_int_equal(recorder.mappings[1].thp_eligible, 1);
    assert_int_equal(recorder.mappings[2].thp_eligible, 1);
    smaps_recorder_deinit(&recorder);
}

static void nothing_mapped_is_no_failure(void **state)
{
    (void)state;
    struct smaps_recorder recorder = {0};
    struct smaps_parser_counts counts = read_all(&recorder, "");
    assert_int_equal(counts.blocks, 0);
    assert_int_equal(recorder.count, 0);
    smaps_recorder_deinit(&recorder);
}

static bool parse(struct slice text, struct failure *why)
{
    struct smaps_recorder recorder = {0};
    struct smaps_parser *parser = smaps_parser_create(smaps_record, &recorder);
    assert_non_null(parser);
    bool parsed = smaps_read(parser, text, SIZE_MAX, false, why);
    smaps_parser_destroy(parser);
    smaps_recorder_deinit(&recorder);
    return parsed;
}

#define FIRST HEAD_64 "/a\nSize:                  4 kB\nRss:                   4 kB\n"

#define WITH_END(eligible, flags) FIRST "THPeligible:    " eligible "\nVmFlags:" flags "\n"

/* From the second block on, lines in their usual form are taken the fast way: all forms must come
 * out as if they stood in the first. */
static void the_fast_way_reads_what_the_slow_one_does(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int eligible;
        const char *flags;
    } forms[] = {
        {WITH_END("       0", " rd mr mw me "),  0, "rd mr mw me"},
        {WITH_END("       1", " rd ex mr sd "),  1, "rd ex mr sd"},
        {WITH_END("       1", " rd ex mr sd"),   1, "rd ex mr sd"},
        {WITH_END("1",        " "),              1, ""           },
        {WITH_END("       0", ""),               0, ""           },
        {WITH_END("      01", " rd  mr "),       1, "rd  mr"     },
        {WITH_END("       0", " rd mr x "),      0, "rd mr x"    },
        {WITH_END("       0", " rd abc mr "),    0, "rd abc mr"  },
        {WITH_END("       0", "  rd mr "),       0, "rd mr"      },
        {WITH_END("       1", " rd mr\t"),       1, "rd mr"      },
        {WITH_END("       0", "\trd mr mw me "), 0, "rd mr mw me"},
    };
    const size_t count = sizeof forms / sizeof forms[0];
    for (size_t i = 0; i < count; i++) {
        char text[1024];
        struct smaps_recorder recorder = {0};
        snprintf(text, sizeof text, "%s%s%s", forms[0].text, forms[i].text, forms[1].text);
        read_all(&recorder, text);
        assert_int_equal(recorder.count, 3);
        assert_int_equal(recorder.mappings[1].thp_eligible, forms[i].eligible);
        assert_true(slice_equal(recorder.mappings[1].vm_flags, slice_of(forms[i].flags)));
        assert_true(slice_equal(recorder.mappings[2].vm_flags, slice_of(forms[1].flags)));
        smaps_recorder_deinit(&recorder);
    }
}

static void refuses_what_is_no_smaps(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"other file",             "MemTotal: 1 kB\n",                    1,                           "before any mapping"                                      },
        {"maps",                   HEAD_64 "/a\n" HEAD_64 "/b\n",         1,                           "without Size and Rss"                                    },
        {"one line of maps",       HEAD_64 "/a\n",                        1,                           "without Size and Rss"                                    },
        {"rollup",                 HEAD_64 "[rollup]\nRss: 4 kB\n",       2,                           "without Size and Rss"                                    },
        {"field first",            "Size: 4 kB\n" FIRST,                  1,                           "before any mapping"                                      },
        {"empty line first",       "\n",                                  1,                           "before any mapping"                                      },
        {"bad header",             FIRST "00400000 r--p\n",               4,                           "malformed header"                                        },
        {"reversed range",         "2-1 r--p 00000000 00:00 0 \n",        1,                           "malformed header"                                        },
        {"empty line",             FIRST "\n",                            4,                           "neither a mapping nor a field"                           },
        {"no key",                 FIRST ": 4 kB\n",                      4,                           "neither a mapping nor a field"                           },
        {"lower case",             FIRST "x: 4 kB\n",                     4,                           "neither a mapping nor a field"                           },
        {"no separator",           FIRST "Pss 4 kB\n",                    4,                           "neither a mapping nor a field"                           },
        {"missing unit",           FIRST "Pss:                   4\n",    4,                           "has no unit"                                             },
        {"wrong unit",             FIRST "Pss:                   4 mB\n", 4,                           "has no unit"                                             },
        {"no number",              FIRST "Pss:                   x kB\n", 4,                           "no number"                                               },
        {"negative",               FIRST "Pss:                  -4 kB\n", 4,                           "no number"                                               },
        {"two numbers",            FIRST "Pss:                 4 4 kB\n", 4,                           "no unit"                                                 },
        {"overflow",               FIRST "Pss: 18014398509481984 kB\n",   4,                           "overflows"                                               },
        {"printed twice",          FIRST "Rss:                   4 kB\n", 4,                           "'Rss' printed twice"                                     },
        {"unknown twice",          FIRST "Xyz: 1\nXyz: 1\n",              5,                           "'Xyz' printed twice"                                     },
        {"flags twice",            FIRST "VmFlags: rd \nVmFlags: rd \n",  5,                           "printed twice"                                           },
        {"eligible 2",             FIRST "THPeligible:    2\n",           4,                           "neither 0 nor 1"                                         },
        {"eligible 2, usual form", WITH_END("       0",                   " rd ") WITH_END("       2", " rd "),                                                    9,
         "neither 0 nor 1"},
        {"eligible in kB",        FIRST "THPeligible:    1 kB\n",                                             4,                                                         "neither 0 nor 1"                                                                             },
        {"in the second block",       FIRST HEAD_64 "/b\nSize:               4 kX\n",                                            5,"has no unit"},
        {"digits behind blanks",           FIRST HEAD_64 "/b\nSize:               4  4 kB\n",                                                5,                                                            "no unit"                                                                                                                                       },
        {"cut line",               FIRST "Pss:                   4 kB",                                                    4,           "cut"},
        {"cut header",                   FIRST "004",                                                        4,                                                              "cut"                                                                                                                                                                                                              },
        {"cut block",                   FIRST HEAD_64 "/b\nSize:                  4 kB\n",                                                        5,            "before its last"},
    };
    EXPECT_REJECTED(parse, rejected);
    expect_safe_prefixes(parse, BLOCK_7(HEAD_64 "/bin/busybox\n", "1360") FIRST);
}

static void fields_have_names(void **state)
{
    (void)state;
    assert_string_equal(smaps_field_name(SMAPS_SIZE), "Size");
    assert_string_equal(smaps_field_name(SMAPS_NONLINEAR), "Nonlinear");
    assert_string_equal(smaps_field_name(SMAPS_FIELD_COUNT), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_recent_block),
        cmocka_unit_test(reads_an_old_block),
        cmocka_unit_test(a_field_may_stand_in_some_blocks),
        cmocka_unit_test(the_usual_order_is_not_relearnt),
        cmocka_unit_test(wide_values_are_read),
        cmocka_unit_test(names_may_look_like_lines),
        cmocka_unit_test(unknown_lines_are_counted_and_named),
        cmocka_unit_test(keys_are_told_in_the_order_of_the_kernel),
        cmocka_unit_test(thp_eligible_has_many_forms),
        cmocka_unit_test(the_fast_way_reads_what_the_slow_one_does),
        cmocka_unit_test(nothing_mapped_is_no_failure),
        cmocka_unit_test(refuses_what_is_no_smaps),
        cmocka_unit_test(fields_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
