/* analyzer/views/json.c, its output read again by the library. */
#include "tests/unit/views/printed.h"

#include <cjson/cJSON.h>

#include "analyzer/views/json.h"

/* Prints and parses; the caller looks at the text as well. */
static cJSON *reread(struct json_document *document, struct printed *printed)
{
    struct failure why = {0};
    printed_begin(printed);
    bool ok = json_document_print(document, printed->to, &why);
    printed_end(printed);
    if (!ok)
        fail_msg("not printed: %s", why.message);
    assert_int_equal(printed->text[printed->length - 1], '\n');
    cJSON *root = cJSON_ParseWithLength(printed->text, printed->length);
    assert_non_null(root);
    return root;
}

static void integers_are_exact(void **state)
{
    (void)state;
    struct json_document document;
    struct printed printed;
    json_document_init(&document, "memtally.test/1");
    json_add_number(&document, document.root, "just_above", (UINT64_C(1) << 53) + 1);
    json_add_number(&document, document.root, "largest", UINT64_MAX);
    json_add_signed(&document, document.root, "smallest", INT64_MIN);
    json_add_signed(&document, document.root, "minus", -1);
    json_add_number(&document, document.root, "zero", 0);
    cJSON *root = reread(&document, &printed);
    assert_non_null(strstr(printed.text, "\"just_above\":\t9007199254740993"));
    assert_non_null(strstr(printed.text, "\"largest\":\t18446744073709551615"));
    assert_non_null(strstr(printed.text, "\"smallest\":\t-9223372036854775808"));
    assert_true(cJSON_IsNumber(cJSON_GetObjectItem(root, "largest")));
    assert_true(cJSON_GetObjectItem(root, "minus")->valuedouble < -0.5);
    assert_true(cJSON_GetObjectItem(root, "zero")->valueint == 0);
    assert_string_equal(cJSON_GetObjectItem(root, "schema")->valuestring, "memtally.test/1");
    cJSON_Delete(root);
    printed_deinit(&printed);
    json_document_deinit(&document);
}

static void absent_is_null_and_nothing_else_is(void **state)
{
    (void)state;
    struct json_document document;
    struct printed printed;
    json_document_init(&document, "memtally.test/1");
    json_add_amount(&document, document.root, "known", amount_of(0));
    json_add_amount(&document, document.root, "unknown", AMOUNT_UNKNOWN);
    json_add_text(&document, document.root, "no_text", NULL);
    json_add_text(&document, document.root, "empty", "");
    json_add_null(&document, document.root, "null");
    json_add_bool(&document, document.root, "true", true);
    json_add_bool(&document, document.root, "false", false);
    cJSON *root = reread(&document, &printed);
    assert_true(cJSON_IsNumber(cJSON_GetObjectItem(root, "known")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(root, "unknown")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(root, "no_text")));
    assert_string_equal(cJSON_GetObjectItem(root, "empty")->valuestring, "");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(root, "null")));
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(root, "true")));
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(root, "false")));
    cJSON_Delete(root);
    printed_deinit(&printed);
    json_document_deinit(&document);
}

static const struct hostile {
    struct slice in;
    const char *back; /* what the library reads again */
} hostiles[] = {
    {SLICE("\"}, {\"pid\": 1"),             "\"}, {\"pid\": 1"            },
    {SLICE("a\\b\\\"c"),                    "a\\b\\\"c"                   },
    {SLICE("line\nline\r\ttab"),            "line\nline\r\ttab"           },
    {SLICE("\x01\x1b[2J\x7f"),              "\x01\x1b[2J\x7f"             },
    {SLICE("cat\0-n"),                      "cat -n"                      },
    {SLICE("caf\xc3\xa9 \xf0\x9f\x90\xa7"), "caf\xc3\xa9 \xf0\x9f\x90\xa7"},
    {SLICE("\xff\xc0\xaf"),                 "\\377\\300\\257"             },
    {SLICE("</script><script>"),            "</script><script>"           },
    {SLICE(""),                             ""                            },
};

static void hostile_strings_stay_strings(void **state)
{
    (void)state;
    enum { COUNT = sizeof hostiles / sizeof hostiles[0] };
    struct json_document document;
    struct printed printed;
    json_document_init(&document, "memtally.test/1");
    struct json_node *list = json_add_array(&document, document.root, "list");
    for (size_t i = 0; i < COUNT; i++)
        json_add_slice(&document, list, NULL, hostiles[i].in);
    cJSON *root = reread(&document, &printed);
    cJSON *again = cJSON_GetObjectItem(root, "list");
    assert_int_equal(cJSON_GetArraySize(again), COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_string_equal(cJSON_GetArrayItem(again, (int)i)->valuestring, hostiles[i].back);
    for (size_t i = 0; i + 1 < printed.length; i++)
        assert_true((unsigned char)printed.text[i] >= 0x20 || printed.text[i] == '\n' ||
                    printed.text[i] == '\t');
    cJSON_Delete(root);
    printed_deinit(&printed);
    json_document_deinit(&document);
}

static void objects_and_arrays_nest(void **state)
{
    (void)state;
    struct json_document document;
    struct printed printed;
    json_document_init(&document, "memtally.test/1");
    struct json_node *list = json_add_array(&document, document.root, "list");
    for (uint64_t i = 0; i < 3; i++) {
        struct json_node *item = json_add_object(&document, list, NULL);
        json_add_number(&document, item, "number", i);
        json_add_object(&document, item, "inner");
    }
    cJSON *root = reread(&document, &printed);
    cJSON *again = cJSON_GetObjectItem(root, "list");
    assert_int_equal(cJSON_GetArraySize(again), 3);
    assert_int_equal(cJSON_GetObjectItem(cJSON_GetArrayItem(again, 2), "number")->valueint, 2);
    assert_true(cJSON_IsObject(cJSON_GetObjectItem(cJSON_GetArrayItem(again, 0), "inner")));
    cJSON_Delete(root);
    printed_deinit(&printed);
    json_document_deinit(&document);
}

/* The same document with its list as rows and as an array; equal to the byte. */
static char *text_of_list(uint64_t count, bool as_rows, bool more)
{
    struct json_document document;
    struct printed printed;
    struct failure why = {0};
    printed_begin(&printed);
    json_document_init(&document, "memtally.test/1");
    struct json_node *list = NULL;
    if (as_rows)
        json_begin_rows(&document, "list", printed.to);
    else
        list = json_add_array(&document, document.root, "list");
    for (uint64_t i = 0; i < count; i++) {
        struct json_node *row =
            as_rows ? json_next_row(&document) : json_add_object(&document, list, NULL);
        json_add_text(&document, row, "words", "line\nline\"}],");
        json_add_number(&document, json_add_object(&document, row, "inner"), "number", i);
        json_add_number(&document, json_add_array(&document, row, "numbers"), NULL, i);
    }
    if (more)
        json_add_number(&document, json_add_object(&document, document.root, "after"), "sum",
                        count);
    assert_true(json_document_print(&document, printed.to, &why));
    printed_end(&printed);
    json_document_deinit(&document);
    return printed.text;
}

static void rows_are_printed_as_an_array_would_be(void **state)
{
    (void)state;
    for (uint64_t count = 0; count < 4; count++)
        for (unsigned more = 0; more < 2; more++) {
            char *rows = text_of_list(count, true, more), *array = text_of_list(count, false, more);
            assert_string_equal(rows, array);
            free(rows);
            free(array);
        }
}

static unsigned allocations_left;

static void *scarce_malloc(size_t bytes)
{
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    return malloc(bytes);
}

/* Fails the test if a part of a document passes for the whole. */
static bool prints_with(unsigned allocations)
{
    struct json_document document;
    struct printed printed;
    struct failure why = {0};
    allocations_left = allocations;
    json_document_init(&document, "memtally.test/1");
    struct json_node *list = json_add_array(&document, document.root, "list");
    struct json_node *item = json_add_object(&document, list, NULL);
    json_add_number(&document, item, "number", 7);
    json_add_text(&document, item, "text", "words");
    json_add_amount(&document, item, "absent", AMOUNT_UNKNOWN);
    json_add_bool(&document, item, "bool", true);
    printed_begin(&printed);
    bool ok = json_document_print(&document, printed.to, &why);
    printed_end(&printed);
    assert_int_equal(ok, why.kind == FAILURE_NONE);
    if (ok)
        assert_non_null(strstr(printed.text, "\"bool\":\ttrue"));
    else
        assert_int_equal(printed.length, 0);
    printed_deinit(&printed);
    json_document_deinit(&document);
    return ok;
}

/* With rows, what was printed before stays; but the print fails. */
static bool prints_rows_with(unsigned allocations)
{
    struct json_document document;
    struct printed printed;
    struct failure why = {0};
    allocations_left = allocations;
    printed_begin(&printed);
    json_document_init(&document, "memtally.test/1");
    json_begin_rows(&document, "list", printed.to);
    for (uint64_t i = 0; i < 3; i++)
        json_add_number(&document, json_next_row(&document), "number", i);
    json_add_bool(&document, document.root, "bool", true);
    bool ok = json_document_print(&document, printed.to, &why);
    printed_end(&printed);
    assert_int_equal(ok, why.kind == FAILURE_NONE);
    assert_int_equal(ok, strstr(printed.text, "\"number\":\t0") &&
                             strstr(printed.text, "\"number\":\t1") &&
                             strstr(printed.text, "\"number\":\t2") &&
                             strstr(printed.text, "\"bool\":\ttrue\n}\n"));
    printed_deinit(&printed);
    json_document_deinit(&document);
    return ok;
}

static void when_memory_runs_out_no_part_passes_for_the_whole(void **state)
{
    (void)state;
    cJSON_Hooks scarce = {.malloc_fn = scarce_malloc, .free_fn = free};
    cJSON_InitHooks(&scarce);
    unsigned enough = 0;
    while (enough < 1000 && !prints_with(enough))
        enough++;
    unsigned enough_for_rows = 0;
    while (enough_for_rows < 1000 && !prints_rows_with(enough_for_rows))
        enough_for_rows++;
    assert_in_range(enough_for_rows, 10, 999);
    cJSON_InitHooks(NULL);
    assert_in_range(enough, 10, 999);
}

static void an_output_that_fails_is_told(void **state)
{
    (void)state;
    struct json_document document;
    struct failure why = {0};
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    setvbuf(full, NULL, _IONBF, 0);
    json_document_init(&document, "memtally.test/1");
    assert_false(json_document_print(&document, full, &why));
    assert_int_equal(why.kind, FAILURE_SYSTEM);
    json_document_deinit(&document);
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(absent_is_null_and_nothing_else_is),
        cmocka_unit_test(hostile_strings_stay_strings),
        cmocka_unit_test(objects_and_arrays_nest),
        cmocka_unit_test(rows_are_printed_as_an_array_would_be),
        cmocka_unit_test(when_memory_runs_out_no_part_passes_for_the_whole),
        cmocka_unit_test(an_output_that_fails_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
