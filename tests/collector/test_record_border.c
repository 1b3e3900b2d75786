#include "collector/read/record_border.h"

#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define HEADER "55d0c1a00000-55d0c1a21000 rw-p 00000000 00:00 0                  [heap]\n"
#define BODY                                                                                       \
    "Size:                132 kB\nRss:                   8 kB\nVmFlags: rd wr mr mw me ac \n"

static size_t border_of(const char *text, enum record_shape shape)
{
    return record_border(text, strlen(text), shape);
}

static void lines_are_cut_behind_a_newline(void **state)
{
    (void)state;
    assert_int_equal(border_of("one\ntwo\nthr", RECORDS_LINES), 8);
    /* Something always stays behind, so that the last chunk is never empty. */
    assert_int_equal(border_of("one\ntwo\n", RECORDS_LINES), 4);
    assert_int_equal(border_of("one\n", RECORDS_LINES), 0);
    assert_int_equal(border_of("one", RECORDS_LINES), 0);
    assert_int_equal(border_of("", RECORDS_LINES), 0);
}

static void strings_are_cut_behind_a_zero_byte(void **state)
{
    (void)state;
    assert_int_equal(record_border("ab\0cd\0e\n", 8, RECORDS_STRINGS), 6);
    assert_int_equal(record_border("ab\ncd", 5, RECORDS_STRINGS), 0);
}

static void mappings_are_cut_before_a_header(void **state)
{
    static const char two[] = HEADER BODY HEADER BODY;
    (void)state;
    size_t record = strlen(HEADER BODY);
    /* Wherever the buffer ends inside the second record, the border is its beginning, as soon
     * as its header can be told for one. */
    for (size_t length = record + 27; length <= 2 * record; length++)
        assert_int_equal(record_border(two, length, RECORDS_MAPPINGS), record);
}

static void a_mapping_larger_than_the_buffer_is_cut_at_a_line(void **state)
{
    static const char one[] = HEADER "Size: 1 kB\nRss:";
    (void)state;
    assert_int_equal(border_of(one, RECORDS_MAPPINGS), strlen(HEADER "Size: 1 kB\n"));
}

static void tells_headers_from_fields(void **state)
{
    static const char *const headers[] = {"0-1 ", "00400000-0040b000 r-xp",
                                          "ffffffffff600000-ffffffffff601000 --xp"};
    static const char *const others[] = {"",          "a",          "abc:",  "deaf-",
                                         "deaf-beef", "Anonymous:", "-1 ",   "0-G ",
                                         "AB-CD ",    "face- ",     " 0-1 ", "feed: 12 kB"};
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        assert_true(opens_mapping(headers[i], strlen(headers[i])));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(opens_mapping(others[i], strlen(others[i])));
}

/* By the slow and sure way. */
static uint64_t count_lines_that_open(const char *text, size_t length)
{
    uint64_t count = 0;
    for (size_t at = 0; at < length;) {
        count += opens_mapping(text + at, length - at);
        const char *newline = memchr(text + at, '\n', length - at);
        at = newline ? (size_t)(newline - text) + 1 : length;
    }
    return count;
}

/* Bytes without a NUL; returns the new length. */
static size_t append(char *text, size_t length, const char *piece)
{
    while (*piece)
        text[length++] = *piece++;
    return length;
}

static void never_counts_too_many(void **state)
{
    static const char *const pieces[] = {HEADER,     BODY,      "Size: 1 kB\n", "VmFlags: rd \n",
                                         "VmFlags:", "0-1 r\n", "\n",           "Pss: 7 kB\n"};
    char text[4096];
    (void)state;
    srandom(1);
    for (unsigned round = 0; round < 2000; round++) {
        size_t length = 0;
        while (length < 2000) {
            const char *piece = pieces[(size_t)random() % (sizeof pieces / sizeof pieces[0])];
            length = append(text, length, piece);
        }
        struct mapping_counter counter = {0};
        mapping_count(&counter, text, length);
        assert_true(counter.mappings <= count_lines_that_open(text, length));
    }
}

static void counts_real_records_exactly(void **state)
{
    char text[16384];
    (void)state;
    for (unsigned records = 0; records < 60; records++) {
        size_t length = 0;
        for (unsigned i = 0; i < records; i++) {
            const char *record = i % 7 == 3 ? HEADER "Size: 1 kB\nVmFlags: rd\n" : HEADER BODY;
            length = append(text, length, record);
        }
        struct mapping_counter counter = {0};
        mapping_count(&counter, text, length);
        assert_int_equal(counter.mappings, records);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_cut_behind_a_newline),
        cmocka_unit_test(strings_are_cut_behind_a_zero_byte),
        cmocka_unit_test(mappings_are_cut_before_a_header),
        cmocka_unit_test(a_mapping_larger_than_the_buffer_is_cut_at_a_line),
        cmocka_unit_test(tells_headers_from_fields),
        cmocka_unit_test(never_counts_too_many),
        cmocka_unit_test(counts_real_records_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
