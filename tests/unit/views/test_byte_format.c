/* analyzer/views/byte_format.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "analyzer/views/byte_format.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)
#define TIB (GIB * 1024)
#define PIB (TIB * 1024)
#define EIB (PIB * 1024)

static const struct size_case {
    uint64_t bytes;
    enum size_unit unit;
    const char *text;
} size_cases[] = {
    {0,                       SIZE_BYTES, "0"                   },
    {UINT64_MAX,              SIZE_BYTES, "18446744073709551615"},

    {0,                       SIZE_KIB,   "0"                   },
    {511,                     SIZE_KIB,   "0"                   },
    {512,                     SIZE_KIB,   "1"                   },
    {1535,                    SIZE_KIB,   "1"                   },
    {1536,                    SIZE_KIB,   "2"                   },
    {UINT64_MAX,              SIZE_KIB,   "18014398509481984"   },

    {0,                       SIZE_MIB,   "0.0"                 },
    {MIB / 20,                SIZE_MIB,   "0.0"                 }, /* 52428 of 52428.8 */
    {MIB / 20 + 1,            SIZE_MIB,   "0.1"                 },
    {MIB,                     SIZE_MIB,   "1.0"                 },
    {MIB + MIB / 2,           SIZE_MIB,   "1.5"                 },
    {2 * MIB - 1,             SIZE_MIB,   "2.0"                 },
    {UINT64_MAX,              SIZE_MIB,   "17592186044416.0"    },

    {GIB / 4,                 SIZE_GIB,   "0.3"                 }, /* half up */
    {10 * GIB + 9 * GIB / 10, SIZE_GIB,   "10.9"                },
    {UINT64_MAX,              SIZE_GIB,   "17179869184.0"       },

    {0,                       SIZE_HUMAN, "0"                   },
    {1023,                    SIZE_HUMAN, "1023"                },
    {1024,                    SIZE_HUMAN, "1.0K"                },
    {1536,                    SIZE_HUMAN, "1.5K"                },
    {10 * KIB,                SIZE_HUMAN, "10.0K"               },
    {1023 * KIB,              SIZE_HUMAN, "1023.0K"             },
    {MIB - 52,                SIZE_HUMAN, "1023.9K"             },
    {MIB - 51,                SIZE_HUMAN, "1.0M"                },
    {MIB - 1,                 SIZE_HUMAN, "1.0M"                },
    {MIB,                     SIZE_HUMAN, "1.0M"                },
    {GIB - 1,                 SIZE_HUMAN, "1.0G"                },
    {GIB - MIB / 20,          SIZE_HUMAN, "1.0G"                },
    {GIB - MIB / 20 - 1,      SIZE_HUMAN, "1023.9M"             },
    {EIB - PIB / 20,          SIZE_HUMAN, "1.0E"                },
    {EIB - PIB / 20 - 1,      SIZE_HUMAN, "1023.9P"             },
    {GIB - 60 * KIB,          SIZE_HUMAN, "1023.9M"             },
    {3 * GIB / 2,             SIZE_HUMAN, "1.5G"                },
    {TIB,                     SIZE_HUMAN, "1.0T"                },
    {5 * PIB,                 SIZE_HUMAN, "5.0P"                },
    {EIB,                     SIZE_HUMAN, "1.0E"                },
    {EIB - 1,                 SIZE_HUMAN, "1.0E"                },
    {UINT64_MAX,              SIZE_HUMAN, "16.0E"               },
};

static void sizes_are_rounded_half_up(void **state)
{
    (void)state;
    char buffer[BYTE_TEXT_MAX];
    for (size_t i = 0; i < sizeof size_cases / sizeof size_cases[0]; i++) {
        const struct size_case *row = &size_cases[i];
        assert_ptr_equal(format_bytes(buffer, row->bytes, row->unit), buffer);
        assert_string_equal(buffer, row->text);
    }
}

static const struct change_case {
    int64_t bytes;
    enum size_unit unit;
    const char *change, *as_signed;
} change_cases[] = {
    {0,         SIZE_KIB,   "0",                    "0"                   },
    {4096,      SIZE_KIB,   "+4",                   "4"                   },
    {-4096,     SIZE_KIB,   "-4",                   "-4"                  },
    {-1536,     SIZE_HUMAN, "-1.5K",                "-1.5K"               },
    {-1,        SIZE_BYTES, "-1",                   "-1"                  },
    {INT64_MAX, SIZE_BYTES, "+9223372036854775807", "9223372036854775807" },
    {INT64_MIN, SIZE_BYTES, "-9223372036854775808", "-9223372036854775808"},
    {INT64_MIN, SIZE_KIB,   "-9007199254740992",    "-9007199254740992"   },
    {INT64_MIN, SIZE_MIB,   "-8796093022208.0",     "-8796093022208.0"    },
    {INT64_MIN, SIZE_HUMAN, "-8.0E",                "-8.0E"               },
};

static void changes_carry_their_sign(void **state)
{
    (void)state;
    char buffer[BYTE_TEXT_MAX];
    for (size_t i = 0; i < sizeof change_cases / sizeof change_cases[0]; i++) {
        const struct change_case *row = &change_cases[i];
        assert_string_equal(format_change(buffer, row->bytes, row->unit), row->change);
        assert_string_equal(format_signed(buffer, row->bytes, row->unit), row->as_signed);
    }
}

static void units_have_words(void **state)
{
    (void)state;
    assert_string_equal(size_unit_word(SIZE_BYTES), "bytes");
    assert_string_equal(size_unit_word(SIZE_KIB), "KiB");
    assert_string_equal(size_unit_word(SIZE_MIB), "MiB");
    assert_string_equal(size_unit_word(SIZE_GIB), "GiB");
    assert_string_equal(size_unit_word(SIZE_HUMAN), "");
}

static const struct time_case {
    int64_t ns;
    const char *text, *iso;
} time_cases[] = {
    {0,                   "1970-01-01 00:00:00 UTC", "1970-01-01T00:00:00.000000000Z"},
    {-1,                  "1969-12-31 23:59:59 UTC", "1969-12-31T23:59:59.999999999Z"},
    {-1000000000,         "1969-12-31 23:59:59 UTC", "1969-12-31T23:59:59.000000000Z"},
    {1600000000123456789, "2020-09-13 12:26:40 UTC", "2020-09-13T12:26:40.123456789Z"},
    {INT64_MAX,           "2262-04-11 23:47:16 UTC", "2262-04-11T23:47:16.854775807Z"},
    {INT64_MIN,           "1677-09-21 00:12:43 UTC", "1677-09-21T00:12:43.145224192Z"},
};

static void times_are_utc_also_before_1970(void **state)
{
    (void)state;
    char buffer[64];
    for (size_t i = 0; i < sizeof time_cases / sizeof time_cases[0]; i++) {
        assert_string_equal(format_time(buffer, sizeof buffer, time_cases[i].ns),
                            time_cases[i].text);
        assert_string_equal(format_time_iso(buffer, sizeof buffer, time_cases[i].ns),
                            time_cases[i].iso);
    }
}

static void a_buffer_too_small_is_not_overrun(void **state)
{
    (void)state;
    char buffer[8];
    memset(buffer, 'x', sizeof buffer);
    format_time(buffer, 4, 0);
    assert_int_equal(buffer[4], 'x');
    format_time_iso(buffer, 4, 0);
    assert_int_equal(buffer[4], 'x');
    assert_non_null(memchr(buffer, '\0', 4));
}

static void percent_has_two_decimals(void **state)
{
    (void)state;
    char text[BYTE_TEXT_MAX];
    assert_string_equal(format_percent(text, 0, 7), "0.00%");
    assert_string_equal(format_percent(text, 1, 3), "33.33%");
    assert_string_equal(format_percent(text, 2, 3), "66.67%");
    assert_string_equal(format_percent(text, UINT64_MAX, UINT64_MAX), "100.00%");
    assert_string_equal(format_percent(text, UINT64_MAX, 1), "184467440737095516.15%");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_rounded_half_up),
        cmocka_unit_test(changes_carry_their_sign),
        cmocka_unit_test(percent_has_two_decimals),
        cmocka_unit_test(units_have_words),
        cmocka_unit_test(times_are_utc_also_before_1970),
        cmocka_unit_test(a_buffer_too_small_is_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
