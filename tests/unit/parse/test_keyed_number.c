/* analyzer/parse/system/keyed_number.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/keyed_number.h"

static bool parse(struct slice text, struct failure *why)
{
    uint64_t value;
    return keyed_number_parse(text, SLICE("current"), 1, &value, why);
}

static const char vmware[] = "balloon capabilities:   0x1e\n"
                             "target:                  100 pages\n"
                             "current:            4294967296 pages\n"
                             "current:                   7 pages\n"
                             "timer:                   12\n";

static void reads_each_form(void **state)
{
    (void)state;
    static const struct {
        const char *text, *key;
        unsigned column;
        uint64_t value;
    } forms[] = {
        {vmware,                                                                "current",              1, UINT64_C(1) << 32},
        {"host_version          : 2.0\npages_ballooned       : 512\n",          "pages_ballooned",      1, 512              },
        {"13 1 0x01 2 3 4 5\nname  type data\nhits  4 9\nsize  4    1048576\n", "size",                 2, 1048576          },
        {"nr_descendants 5\nnr_dying_descendants 3\n",                          "nr_dying_descendants", 1, 3                },
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        uint64_t value = 0;
        assert_true(keyed_number_parse(slice_of(forms[i].text), slice_of(forms[i].key),
                                       forms[i].column, &value, NULL));
        assert_int_equal(value, forms[i].value);
    }
}

static void refuses_what_has_no_such_number(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",      "",                                1, "no line"  },
        {"other keys", "a: 1\ncurrently: 2\n",            2, "no line"  },
        {"not first",  "the current: 2\n",                1, "no line"  },
        {"no value",   "a: 1\ncurrent:\n",                2, "no value" },
        {"no number",  "current: -1\n",                   1, "no number"},
        {"overflow",   "current: 18446744073709551616\n", 1, "no number"},
        {"cut",        "current: 12",                     1, "cut"      },
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, vmware), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_form),
        cmocka_unit_test(refuses_what_has_no_such_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
