/* analyzer/views/text_escape.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "analyzer/views/text_escape.h"

static const struct escape_case {
    const char *what;
    struct slice in;
    const char *text, *json;
} cases[] = {
    {"nothing",         {NULL, 0},                 "",                     ""                    },
    {"plain",           SLICE("/lib/a b.so"),      "/lib/a b.so",          "/lib/a b.so"         },
    {"backslash",       SLICE("a\\012b"),          "a\\012b",              "a\\012b"             },
    {"newline and tab", SLICE("a\nb\tc"),          "a\\012b\\011c",        "a\nb\tc"             },
    {"escape sequence", SLICE("\x1b[2J"),          "\\033[2J",             "\x1b[2J"             },
    {"delete",          SLICE("a\x7f"),            "a\\177",               "a\x7f"               },
    {"arguments",       SLICE("cat\0-n\0"),        "cat -n ",              "cat -n "             },
    {"two bytes",       SLICE("caf\xc3\xa9"),      "caf\xc3\xa9",          "caf\xc3\xa9"         },
    {"three bytes",     SLICE("\xe2\x82\xac"),     "\xe2\x82\xac",         "\xe2\x82\xac"        },
    {"four bytes",      SLICE("\xf0\x9f\x90\xa7"), "\xf0\x9f\x90\xa7",     "\xf0\x9f\x90\xa7"    },
    {"C1 control",
     SLICE("\xc2\x9b"
           "2J"),
     "\\302\\2332J",                                                       "\xc2\x9b"
     "2J"                                                                    },
    {"last C1",         SLICE("\xc2\x9f"),         "\\302\\237",           "\xc2\x9f"            },
    {"after C1",        SLICE("\xc2\xa0"),         "\xc2\xa0",             "\xc2\xa0"            },
    {"stray byte",
     SLICE("a\x80"
           "b"),
     "a\\200b",                                                            "a\\200b"             },
    {"latin 1",         SLICE("caf\xe9"),          "caf\\351",             "caf\\351"            },
    {"cut character",   SLICE("\xe2\x82"),         "\\342\\202",           "\\342\\202"          },
    {"overlong slash",  SLICE("\xc0\xaf"),         "\\300\\257",           "\\300\\257"          },
    {"overlong NUL",    SLICE("\xc0\x80"),         "\\300\\200",           "\\300\\200"          },
    {"overlong three",  SLICE("\xe0\x80\xaf"),     "\\340\\200\\257",      "\\340\\200\\257"     },
    {"surrogate",       SLICE("\xed\xa0\x80"),     "\\355\\240\\200",      "\\355\\240\\200"     },
    {"last before it",  SLICE("\xed\x9f\xbf"),     "\xed\x9f\xbf",         "\xed\x9f\xbf"        },
    {"overlong four",   SLICE("\xf0\x80\x80\xaf"), "\\360\\200\\200\\257", "\\360\\200\\200\\257"},
    {"highest",         SLICE("\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf",     "\xf4\x8f\xbf\xbf"    },
    {"beyond it",       SLICE("\xf4\x90\x80\x80"), "\\364\\220\\200\\200", "\\364\\220\\200\\200"},
    {"no UTF-8 at all", SLICE("\xff\xfe"),         "\\377\\376",           "\\377\\376"          },
    {"bad second byte", SLICE("\xe2(\xa1"),        "\\342(\\241",          "\\342(\\241"         },
    {"bad third byte",  SLICE("\xe2\x82("),        "\\342\\202(",          "\\342\\202("         },
};

static void what_could_harm_is_octal(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = escape_for_text(cases[i].in);
        char *json = escape_for_json(cases[i].in);
        assert_non_null(text);
        assert_non_null(json);
        if (strcmp(text, cases[i].text) != 0)
            fail_msg("%s: %s", cases[i].what, text);
        if (strcmp(json, cases[i].json) != 0)
            fail_msg("%s, for JSON: %s", cases[i].what, json);
        free(text);
        free(json);
    }
}

/* Every byte, alone and behind every other, in memory of exactly its size. */
static void no_pair_of_bytes_gets_through(void **state)
{
    (void)state;
    char *pair = malloc(2);
    assert_non_null(pair);
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            pair[0] = (char)first;
            pair[1] = (char)second;
            char *text = escape_for_text((struct slice){pair, 2});
            assert_non_null(text);
            for (const unsigned char *c = (const unsigned char *)text; *c; c++)
                assert_true(*c >= 0x20 && *c != 0x7f);
            free(text);
        }
    free(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_could_harm_is_octal),
        cmocka_unit_test(no_pair_of_bytes_gets_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
