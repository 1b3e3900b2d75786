/* analyzer/parse/process/smaps_header.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/process/smaps_header.h"

static struct smaps_mapping read_header(const char *line)
{
    struct smaps_mapping mapping = {0};
    struct slice copy = exact_copy(line, strlen(line));
    if (!smaps_header_parse(copy, &mapping))
        fail_msg("refused: %s", line);
    /* what is borrowed is made to point into `line`, which outlives the copy */
    mapping.name.at = line + (mapping.name.at - copy.at);
    free_copy(copy);
    return mapping;
}

static void reads_the_numbers(void **state)
{
    (void)state;
    struct smaps_mapping m =
        read_header("7f0c1a000000-7f0c1a021000 rw-s 0000abcd fe:1f 1234567 /dev/shm/x");
    assert_true(m.start == UINT64_C(0x7f0c1a000000));
    assert_true(m.end == UINT64_C(0x7f0c1a021000));
    assert_int_equal(m.permissions, SMAPS_READ | SMAPS_WRITE | SMAPS_SHARED);
    assert_int_equal(m.offset_bytes, 0xabcd);
    assert_int_equal(m.device_major, 0xfe);
    assert_int_equal(m.device_minor, 0x1f);
    assert_int_equal(m.inode, 1234567);
    EXPECT_SLICE(m.name, "/dev/shm/x");
}

static void reads_both_ends_of_the_address_space(void **state)
{
    (void)state;
    struct smaps_mapping m = read_header(
        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]");
    assert_true(m.start == UINT64_C(0xffffffffff600000));
    assert_int_equal(m.permissions, SMAPS_EXECUTE);
    EXPECT_SLICE(m.name, "[vsyscall]");
    /* a process without mappings, in smaps_rollup */
    m = read_header("00000000-00000000 ---p 00000000 00:00 0                                  "
                    "[rollup]");
    assert_true(m.start == 0 && m.end == 0);
    assert_int_equal(m.permissions, 0);
    m = read_header("00000000-ffffffffffffffff r-xp ffffffffffffffff ffffffff:ffffffff "
                    "18446744073709551615 /x");
    assert_true(m.end == UINT64_MAX && m.offset_bytes == UINT64_MAX && m.inode == UINT64_MAX);
}

#define AT_73    "00400000-00401000 r--p 00000000 00:03 7                                  "
#define AT_49    "08048000-08049000 r--p 00000000 00:02 7          "
#define VSYSCALL "ffffffffff600000-ffffffffff601000 --xp "

static void finds_the_name(void **state)
{
    (void)state;
    static const struct {
        const char *what, *line, *name;
    } rows[] = {
        {"none",                      "00400000-00401000 r--p 00000000 00:00 0 ",            ""                           },
        {"none, blank cut off",       "00400000-00401000 r--p 00000000 00:00 0",             ""                           },
        {"64-bit",                    AT_73 "/bin/busybox",                                  "/bin/busybox"               },
        {"64-bit, leading blanks",    AT_73 "  /x ",                                         "  /x "                      },
        {"32-bit",                    AT_49 "/bin/busybox",                                  "/bin/busybox"               },
        {"32-bit, leading blanks",    AT_49 "  /x",                                          "  /x"                       },
        {"inner and trailing blanks", AT_49 "/ a  b  ",                                      "/ a  b  "                   },
        {"only one blank",            "00400000-00401000 r--p 00000000 00:03 7 /squeezed",   "/squeezed"                  },
        {"70 columns of numbers",     VSYSCALL "00000000 00:00 1234567890123456   [x]",      "[x]"                        },
        {"71 columns",                VSYSCALL "00000000 00:00 12345678901234567  [x]",      "[x]"                        },
        {"72 columns",                VSYSCALL "00000000 00:00 123456789012345678  [x]",     "[x]"                        },
        {"75 columns",                VSYSCALL "0000000000 00:00 1234567890123456789  [x]",  "[x]"                        },
        {"75 columns, leading blank", VSYSCALL "0000000000 00:00 1234567890123456789   [x]",
         " [x]"                                                                                                           },
        {"like a header",             AT_73 AT_73 "/x",                                      AT_73 "/x"                   },
        {"like a field",              AT_73 "Rss:                   4 kB",                   "Rss:                   4 kB"},
        {"other bytes",               AT_73 "/a\\012b\xff\x01 (deleted)",                    "/a\\012b\xff\x01 (deleted)" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct smaps_mapping m = read_header(rows[i].line);
        if (!slice_equal(m.name, slice_of(rows[i].name)))
            fail_msg("%s: '%.*s'", rows[i].what, (int)m.name.length_bytes, m.name.at);
    }
}

static void refuses_what_is_no_header(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "0",
        "00400000",
        "00400000-",
        "-00401000 r--p 00000000 00:03 7",
        "00400000-00401000",
        "00400000-00401000 ",
        "00400000 00401000 r--p 00000000 00:03 7",
        "00401000-00400000 r--p 00000000 00:03 7",
        "10000000000000000-20000000000000000 r--p 00000000 00:03 7",
        "0040000g-00401000 r--p 00000000 00:03 7",
        "0x400000-0x401000 r--p 00000000 00:03 7",
        "00400000-00401000 r--  00000000 00:03 7",
        "00400000-00401000 R--p 00000000 00:03 7",
        "00400000-00401000 rw-x 00000000 00:03 7",
        "00400000-00401000 rwxpp 00000000 00:03 7",
        "00400000-00401000 r--p",
        "00400000-00401000 r--p 00000000",
        "00400000-00401000 r--p 00000000 0003 7",
        "00400000-00401000 r--p 00000000 00:03",
        "00400000-00401000 r--p 00000000 00:03 ",
        "00400000-00401000 r--p 00000000 00:03 x",
        "00400000-00401000 r--p 00000000 00:03 -7",
        "00400000-00401000 r--p 00000000 00:03 7x",
        "00400000-00401000 r--p 00000000 00:03 18446744073709551616",
        "00400000-00401000 r--p 00000000 100000000:03 7",
        "00400000-00401000 r--p 00000000 00:100000000 7",
        "00400000-00401000 r--p 00000000  00:03 7",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct smaps_mapping mapping;
        struct smaps_mapping before;
        memset(&mapping, 0x5a, sizeof mapping);
        before = mapping;
        struct slice copy = exact_copy(lines[i], strlen(lines[i]));
        if (smaps_header_parse(copy, &mapping))
            fail_msg("read: %s", lines[i]);
        assert_memory_equal(&mapping, &before, sizeof mapping);
        free_copy(copy);
    }
}

static void tells_headers_from_fields(void **state)
{
    (void)state;
    assert_true(smaps_is_header('0') && smaps_is_header('9') && smaps_is_header('a') &&
                smaps_is_header('f'));
    assert_false(smaps_is_header('A') || smaps_is_header('F') || smaps_is_header('g') ||
                 smaps_is_header(' ') || smaps_is_header('\0') || smaps_is_header('\xff'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_numbers),
        cmocka_unit_test(reads_both_ends_of_the_address_space),
        cmocka_unit_test(finds_the_name),
        cmocka_unit_test(refuses_what_is_no_header),
        cmocka_unit_test(tells_headers_from_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
