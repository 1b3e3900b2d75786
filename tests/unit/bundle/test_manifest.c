#include "analyzer/bundle/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char good_manifest[] = "format 1.0\n"
                                    "collector memtally-collect 0.1.0\n"
                                    "host db-1\n"
                                    "page_size_bytes 65536\n"
                                    "label two words\\nand a line \\\\ \\xc3\\xa4\n"
                                    "options \n";

static void reads_values_without_their_escapes(void **state)
{
    struct manifest manifest;
    struct failure why = {0};
    (void)state;
    assert_true(manifest_parse(slice_of(good_manifest), &manifest, &why));
    assert_int_equal(manifest.format_major, 1);
    assert_int_equal(manifest.format_minor, 0);
    assert_string_equal(manifest.value[MANIFEST_HOST], "db-1");
    assert_string_equal(manifest.value[MANIFEST_LABEL], "two words\nand a line \\ \xc3\xa4");
    assert_string_equal(manifest.value[MANIFEST_OPTIONS], "");
    assert_null(manifest.value[MANIFEST_BOOT_ID]);
    uint64_t number = 0;
    assert_true(manifest_number(&manifest, MANIFEST_PAGE_SIZE_BYTES, &number));
    assert_int_equal(number, 65536);
    assert_false(manifest_number(&manifest, MANIFEST_HOST, &number));
    assert_false(manifest_number(&manifest, MANIFEST_UID, &number));
    manifest_deinit(&manifest);
}

static void counts_keys_of_a_newer_minor_version(void **state)
{
    struct manifest manifest;
    (void)state;
    assert_true(manifest_parse(SLICE("format 1.9\nnovel a\nnovel b\nhost h\n"), &manifest, NULL));
    assert_int_equal(manifest.unknown_keys, 2);
    assert_int_equal(manifest.format_minor, 9);
    manifest_deinit(&manifest);
}

static const struct rejected {
    const char *text;
    enum failure_kind kind;
    uint64_t line;
    const char *word; /* in the message */
} rejected[] = {
    {"",                                FAILURE_MALFORMED,   1, "empty"  },
    {"\n",                              FAILURE_MALFORMED,   1, "format" },
    {"host h\nformat 1.0\n",            FAILURE_MALFORMED,   1, "format" },
    {"format 1\n",                      FAILURE_MALFORMED,   1, "format" },
    {"format one.two\n",                FAILURE_MALFORMED,   1, "format" },
    {"format 1.\n",                     FAILURE_MALFORMED,   1, "format" },
    {"format .1\n",                     FAILURE_MALFORMED,   1, "format" },
    {"format 1.0",                      FAILURE_MALFORMED,   1, "newline"},
    {"format 4294967296.0\n",           FAILURE_MALFORMED,   1, "format" },
    {"format 99999999999999999999.0\n", FAILURE_MALFORMED,   1, "format" },
    {"format 2.0\nwhat is this\x01",    FAILURE_UNSUPPORTED, 1, "2.0"    },
    {"format 0.9\n",                    FAILURE_UNSUPPORTED, 1, "older"  },
    {"format 1.0\nhost a\nhost a\n",    FAILURE_MALFORMED,   3, "twice"  },
    {"format 1.0\nformat 1.0\n",        FAILURE_MALFORMED,   2, "twice"  },
    {"format 1.0\nhost\n",              FAILURE_MALFORMED,   2, "key"    },
    {"format 1.0\n h\n",                FAILURE_MALFORMED,   2, "key"    },
    {"format 1.0\n\n",                  FAILURE_MALFORMED,   2, "key"    },
    {"format 1.0\nhost a\\",            FAILURE_MALFORMED,   2, "newline"},
    {"format 1.0\nhost a\\\n",          FAILURE_MALFORMED,   2, "escape" },
    {"format 1.0\nhost a\\t\n",         FAILURE_MALFORMED,   2, "escape" },
    {"format 1.0\nhost a\\x4\n",        FAILURE_MALFORMED,   2, "escape" },
    {"format 1.0\nhost a\\xg0\n",       FAILURE_MALFORMED,   2, "escape" },
    {"format 1.0\nhost a\\x00b\n",      FAILURE_MALFORMED,   2, "NUL"    },
};

static void refuses_with_kind_line_and_word(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rejected / sizeof rejected[0]; i++) {
        struct manifest untouched = {.unknown_keys = 77};
        struct failure why = {0};
        print_message("%s", rejected[i].text);
        assert_false(manifest_parse(slice_of(rejected[i].text), &untouched, &why));
        assert_int_equal(why.kind, rejected[i].kind);
        assert_int_equal(why.position, rejected[i].line);
        assert_non_null(strstr(why.message, rejected[i].word));
        assert_int_equal(untouched.unknown_keys, 77);
    }
}

/* Each start of a good manifest that ends with a line is good, each other one is not. */
static void a_cut_is_seen_unless_it_is_between_lines(void **state)
{
    (void)state;
    for (size_t length = 0; length < sizeof good_manifest - 1; length++) {
        struct manifest manifest;
        struct failure why = {0};
        char *exact = malloc(length + 1); /* so that a sanitizer sees a step too far */
        assert_non_null(exact);
        memcpy(exact, good_manifest, length);
        bool parsed = manifest_parse((struct slice){exact, length}, &manifest, &why);
        assert_int_equal(parsed, length > 0 && good_manifest[length - 1] == '\n');
        assert_int_equal(parsed, why.kind == FAILURE_NONE);
        if (parsed)
            manifest_deinit(&manifest);
        free(exact);
    }
}

static void each_key_has_its_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MANIFEST_KEY_COUNT; i++) {
        struct manifest manifest;
        char text[128];
        snprintf(text, sizeof text, "format 1.0\n%s 5\n", manifest_key_name((enum manifest_key)i));
        if (i == MANIFEST_FORMAT)
            continue;
        assert_true(manifest_parse(slice_of(text), &manifest, NULL));
        assert_string_equal(manifest.value[i], "5");
        manifest_deinit(&manifest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_values_without_their_escapes),
        cmocka_unit_test(counts_keys_of_a_newer_minor_version),
        cmocka_unit_test(refuses_with_kind_line_and_word),
        cmocka_unit_test(a_cut_is_seen_unless_it_is_between_lines),
        cmocka_unit_test(each_key_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
