/* analyzer/verify/word_search.c, against looking for each word at each place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "analyzer/verify/word_search.h"

#define HITS_MOST 4096

struct hits {
    struct {
        uint32_t word;
        uint64_t start;
        size_t length;
    } at[HITS_MOST];
    size_t count;
};

static void take_hit(void *context, uint32_t word, uint64_t end, size_t length)
{
    struct hits *hits = context;
    assert_true(hits->count < HITS_MOST);
    assert_true(end >= length);
    hits->at[hits->count].word = word;
    hits->at[hits->count].start = end - length;
    hits->at[hits->count++].length = length;
}

static void make_search(struct word_search *search, const struct slice *words, size_t count,
                        bool any_case)
{
    assert_true(word_search_init(search, any_case));
    for (size_t i = 0; i < count; i++)
        assert_true(word_search_add(search, words[i], (uint32_t)i + 1));
    assert_true(word_search_finish(search));
}

/* In chunks of so many bytes. */
static void look(const struct word_search *search, struct slice text, size_t chunk_bytes,
                 struct hits *hits)
{
    struct word_state state = {0};
    hits->count = 0;
    for (size_t at = 0; at < text.length_bytes;) {
        size_t left = text.length_bytes - at;
        struct slice chunk = {text.at + at, left < chunk_bytes ? left : chunk_bytes};
        word_search_feed(search, &state, chunk, take_hit, hits);
        at += chunk.length_bytes;
    }
    assert_int_equal(state.offset, text.length_bytes);
}

static size_t count_of(const struct hits *hits, uint32_t word, uint64_t start)
{
    size_t count = 0;
    for (size_t i = 0; i < hits->count; i++)
        count += hits->at[i].word == word && hits->at[i].start == start;
    return count;
}

/* Each word exactly where it is, and nowhere else, however the text comes. */
static void assert_found_as_by_hand(const struct slice *words, size_t count, struct slice text)
{
    struct word_search search;
    struct hits *hits = malloc(sizeof *hits);
    assert_non_null(hits);
    make_search(&search, words, count, false);
    for (size_t chunk = 1; chunk <= text.length_bytes; chunk += chunk < 8 ? 1 : 97) {
        size_t wanted = 0;
        look(&search, text, chunk, hits);
        for (size_t i = 0; i < count; i++) {
            for (size_t at = 0; at + words[i].length_bytes <= text.length_bytes; at++) {
                bool here = memcmp(text.at + at, words[i].at, words[i].length_bytes) == 0;
                assert_int_equal(count_of(hits, (uint32_t)i + 1, at), here);
                wanted += here;
            }
        }
        assert_int_equal(hits->count, wanted);
    }
    free(hits);
    word_search_deinit(&search);
}

static void words_across_borders_of_chunks(void **state)
{
    static const struct slice words[] = {SLICE("secret"), SLICE("set")};
    (void)state;
    assert_found_as_by_hand(words, 2, SLICE("secret the secset, sesecret and secretset"));
}

static void words_in_words_and_words_that_overlap(void **state)
{
    static const struct slice words[] = {SLICE("abab"), SLICE("aba"), SLICE("bab"), SLICE("b"),
                                         SLICE("ababa")};
    (void)state;
    assert_found_as_by_hand(words, 5, SLICE("ababababxbabab"));
}

static void a_word_may_be_all_of_the_text(void **state)
{
    static const struct slice words[] = {SLICE("whole"), SLICE("whole text")};
    (void)state;
    assert_found_as_by_hand(words, 2, SLICE("whole text"));
    assert_found_as_by_hand(words, 2, SLICE("whole"));
    assert_found_as_by_hand(words, 2, SLICE("whol"));
}

static void every_byte_may_be_in_a_word(void **state)
{
    char all[512];
    struct slice words[256];
    (void)state;
    for (unsigned i = 0; i < sizeof all; i++)
        all[i] = (char)(i % 256);
    for (size_t i = 0; i < 256; i++)
        words[i] = (struct slice){all + i, 1 + i % 5};
    assert_found_as_by_hand(words, 256, (struct slice){all, sizeof all});
}

/* Two letters only, so that nearly everything begins a word. */
static void random_words_in_random_text(void **state)
{
    char text[400];
    struct slice words[6];
    uint32_t number = 1;
    (void)state;
    for (unsigned round = 0; round < 30; round++) {
        size_t count = 0;
        for (size_t i = 0; i < sizeof text; i++) {
            number = number * 1103515245 + 12345;
            text[i] = number >> 20 & 1 ? 'a' : 'b';
        }
        while (count < 6) {
            struct slice word = {text + (number % 300), 2 + number / 7 % 9};
            bool known = false;
            number = number * 1103515245 + 12345;
            for (size_t i = 0; i < count; i++)
                known = known || slice_equal(words[i], word);
            if (!known)
                words[count++] = word;
        }
        assert_found_as_by_hand(words, count, (struct slice){text, sizeof text});
    }
}

static void a_very_long_word(void **state)
{
    enum { LENGTH = 1 << 20 };
    struct word_search search;
    struct hits *hits = malloc(sizeof *hits);
    char *text = malloc(2 * LENGTH + 2);
    (void)state;
    assert_non_null(hits);
    assert_non_null(text);
    memset(text, 'a', 2 * LENGTH + 2);
    text[LENGTH] = 'b'; /* so the word is LENGTH times 'a' and one 'b' */
    text[2 * LENGTH + 1] = 'b';
    const struct slice word = {text, LENGTH + 1};
    make_search(&search, &word, 1, false);
    look(&search, (struct slice){text, 2 * LENGTH + 2}, 65536, hits);
    assert_int_equal(hits->count, 2);
    assert_int_equal(hits->at[0].start, 0);
    assert_int_equal(hits->at[1].start, LENGTH + 1);
    assert_int_equal(hits->at[1].length, LENGTH + 1);
    look(&search, (struct slice){text + 1, 2 * LENGTH}, 65536, hits);
    assert_int_equal(hits->count, 0);
    word_search_deinit(&search);
    free(text);
    free(hits);
}

static void any_case_is_that_of_letters_only(void **state)
{
    static const struct slice word = SLICE("aZ[@\xc4");
    struct word_search search;
    struct hits *hits = malloc(sizeof *hits);
    (void)state;
    assert_non_null(hits);
    make_search(&search, &word, 1, true);
    look(&search, SLICE("Az[@\xc4 AZ[@\xc4 az{@\xc4 az[`\xc4 az[@\xe4"), 3, hits);
    assert_int_equal(hits->count, 2);
    word_search_deinit(&search);
    make_search(&search, &word, 1, false);
    look(&search, SLICE("Az[@\xc4 aZ[@\xc4"), 3, hits);
    assert_int_equal(hits->count, 1);
    assert_int_equal(hits->at[0].start, 6);
    word_search_deinit(&search);
    free(hits);
}

static void of_equal_words_the_first_counts(void **state)
{
    static const struct slice words[] = {SLICE("same"), SLICE("same")};
    struct word_search search;
    struct hits *hits = malloc(sizeof *hits);
    (void)state;
    assert_non_null(hits);
    make_search(&search, words, 2, false);
    look(&search, SLICE("same"), 4, hits);
    assert_int_equal(hits->count, 1);
    assert_int_equal(hits->at[0].word, 1);
    word_search_deinit(&search);
    free(hits);
}

static void no_words_and_empty_words_find_nothing(void **state)
{
    static const struct slice empty = SLICE("");
    struct word_search search;
    struct hits *hits = malloc(sizeof *hits);
    (void)state;
    assert_non_null(hits);
    make_search(&search, &empty, 0, false);
    look(&search, SLICE("anything"), 3, hits);
    assert_int_equal(hits->count, 0);
    word_search_deinit(&search);
    make_search(&search, &empty, 1, false);
    look(&search, SLICE("anything"), 3, hits);
    assert_int_equal(hits->count, 0);
    word_search_deinit(&search);
    free(hits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_across_borders_of_chunks),
        cmocka_unit_test(words_in_words_and_words_that_overlap),
        cmocka_unit_test(a_word_may_be_all_of_the_text),
        cmocka_unit_test(every_byte_may_be_in_a_word),
        cmocka_unit_test(random_words_in_random_text),
        cmocka_unit_test(a_very_long_word),
        cmocka_unit_test(any_case_is_that_of_letters_only),
        cmocka_unit_test(of_equal_words_the_first_counts),
        cmocka_unit_test(no_words_and_empty_words_find_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
