/* analyzer/verify/word_list.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyzer/verify/word_list.h"

static char file_name[64];

static int make_file(void **state)
{
    (void)state;
    snprintf(file_name, sizeof file_name, "/tmp/memtally-words-XXXXXX");
    int file = mkstemp(file_name);
    return file < 0 ? -1 : close(file);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(file_name);
}

static void write_words(const char *bytes, size_t count)
{
    FILE *file = fopen(file_name, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static bool read_words(struct word_list *list, struct slice bytes, bool allow_short,
                       struct failure *why)
{
    *why = (struct failure){0};
    write_words(bytes.at, bytes.length_bytes);
    return word_list_read(list, file_name, allow_short, false, why);
}

static void assert_words(struct slice bytes, const struct slice *wanted, size_t count)
{
    struct word_list list;
    struct failure why;
    assert_true(read_words(&list, bytes, false, &why));
    assert_int_equal(list.count, count);
    for (size_t i = 0; i < count; i++)
        assert_true(slice_equal(list.words[i], wanted[i]));
    word_list_deinit(&list);
}

static void one_word_a_line(void **state)
{
    static const struct slice wanted[] = {SLICE("first"), SLICE("two words"), SLICE(" blank "),
                                          SLICE("last")};
    (void)state;
    assert_words(SLICE("first\ntwo words\n blank \nlast\n"), wanted, 4);
    assert_words(SLICE("first\ntwo words\n blank \nlast"), wanted, 4);
    assert_words(SLICE("\n\nfirst\n  \t\n\ntwo words\n blank \n\nlast\n\n\n"), wanted, 4);
    assert_words(SLICE("first\r\n\r\ntwo words\r\n blank \r\nlast\r\n"), wanted, 4);
    assert_words(SLICE("first\ntwo words\n blank \nlast\r"), wanted, 4);
}

static void every_byte_but_newline_may_be_in_a_word(void **state)
{
    char bytes[256];
    size_t count = 0;
    (void)state;
    for (unsigned i = 0; i < 256; i++)
        if (i != '\n')
            bytes[count++] = (char)i;
    bytes[count] = '\n';
    const struct slice wanted = {bytes, count};
    assert_words((struct slice){bytes, count + 1}, &wanted, 1);
}

static void refuse(struct slice bytes, enum failure_kind kind, uint64_t line, const char *message)
{
    struct word_list list;
    struct failure why;
    assert_false(read_words(&list, bytes, false, &why));
    assert_int_equal(why.kind, kind);
    assert_int_equal(why.position, line);
    assert_non_null(strstr(why.message, message));
    word_list_deinit(&list);
}

static void what_proves_nothing_is_refused(void **state)
{
    (void)state;
    refuse(SLICE(""), FAILURE_USAGE, 0, "no words");
    refuse(SLICE("\n \n\r\n\t\n"), FAILURE_USAGE, 0, "no words");
    refuse(SLICE("good\n\nab\n"), FAILURE_USAGE, 3, "less than 3 bytes");
    refuse(SLICE("ab\r\n"), FAILURE_USAGE, 1, "less than 3 bytes");
    struct word_list list;
    struct failure why;
    assert_true(read_words(&list, SLICE("a\n\nab\nabc"), true, &why));
    assert_int_equal(list.count, 3);
    word_list_deinit(&list);
}

static void a_file_that_is_not_there(void **state)
{
    struct word_list list;
    struct failure why = {0};
    (void)state;
    assert_false(word_list_read(&list, "/nowhere/words", false, false, &why));
    assert_int_equal(why.kind, FAILURE_SYSTEM);
    assert_non_null(strstr(why.message, "/nowhere/words"));
    word_list_deinit(&list);
}

static void four_mebibytes_and_no_more(void **state)
{
    enum { MOST = 4 << 20 };
    struct word_list list;
    struct failure why;
    char *bytes = malloc(MOST + 1);
    (void)state;
    assert_non_null(bytes);
    memset(bytes, '\n', MOST + 1);
    bytes[MOST - 3] = bytes[MOST - 2] = bytes[MOST - 1] = 'x';
    assert_true(read_words(&list, (struct slice){bytes, MOST}, false, &why));
    assert_int_equal(list.count, 1);
    word_list_deinit(&list);
    assert_false(read_words(&list, (struct slice){bytes, MOST + 1}, false, &why));
    assert_int_equal(why.kind, FAILURE_LIMIT);
    word_list_deinit(&list);
    free(bytes);
}

static void count_hit(void *context, uint32_t word, uint64_t end, size_t length)
{
    size_t *count = context;
    (void)word;
    (void)end;
    (void)length;
    ++*count;
}

/* As it is, as manifest and journal escape it, as mountinfo escapes it. */
static void a_word_is_found_in_every_form(void **state)
{
    static const struct slice forms[] = {SLICE("a b\\c#=,\x01\xfc"),
                                         SLICE("a b\\\\c#=,\\x01\\xfc"),
                                         SLICE("a\\040b\\134c#=,\x01\xfc"),
                                         SLICE("a\\040b\\134c\\043=,\x01\xfc"),
                                         SLICE("a\\040b\\134c#=\\054\x01\xfc"),
                                         SLICE("a\\040b\\134c#\\075\\054\x01\xfc")};
    struct word_list list;
    struct failure why;
    (void)state;
    assert_true(read_words(&list, SLICE("a b\\c#=,\x01\xfc\n"), false, &why));
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct word_state at = {0};
        size_t count = 0;
        word_search_feed(&list.search, &at, forms[i], count_hit, &count);
        assert_int_equal(count, 1);
    }
    word_list_deinit(&list);
}

#define WITH_A_FILE(test) cmocka_unit_test_setup_teardown(test, make_file, remove_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_FILE(one_word_a_line),
        WITH_A_FILE(every_byte_but_newline_may_be_in_a_word),
        WITH_A_FILE(what_proves_nothing_is_refused),
        cmocka_unit_test(a_file_that_is_not_there),
        WITH_A_FILE(four_mebibytes_and_no_more),
        WITH_A_FILE(a_word_is_found_in_every_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
