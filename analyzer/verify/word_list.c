#include "analyzer/verify/word_list.h"

#include "analyzer/base/array.h"
#include "analyzer/base/cleanup.h"

#include <errno.h>
#include <stdio.h>

#define WORDS_MOST_BYTES ((size_t)4 << 20)

static bool read_text(const char *name, char *text, size_t *length, struct failure *why)
{
    FILE *file = fopen(name, "re");
    if (!file)
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot read the words in '%s': %s", name,
                           strerror(errno));
    *length = fread(text, 1, WORDS_MOST_BYTES + 1, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed)
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot read the words in '%s'", name);
    return *length <= WORDS_MOST_BYTES ||
           failure_set(why, FAILURE_LIMIT, 0, "'%s' has more than 4 MiB of words", name);
}

/* As manifest and journal write it: \\, \n, \xHH. */
static size_t escape_as_bundle(struct slice word, char *to)
{
    size_t used = 0;
    for (size_t i = 0; i < word.length_bytes; i++) {
        unsigned char byte = (unsigned char)word.at[i];
        if (byte == '\\' || byte < 0x20 || byte >= 0x7f)
            used += (size_t)snprintf(to + used, 5, byte == '\\' ? "\\\\" : "\\x%02x", byte);
        else
            to[used++] = (char)byte;
    }
    return used;
}

/* What the kernel writes as \NNN: in paths of swaps and mountinfo; in devices of mounts; in options
 * as overlay and as seq_show_option() write them. */
static const char *const kernel_sets[] = {" \t\n\\", " \t\n\\#", " \t\n\\,", " \t\n\\,="};

static size_t escape_as_kernel(struct slice word, const char *set, char *to)
{
    size_t used = 0;
    for (size_t i = 0; i < word.length_bytes; i++) {
        unsigned char byte = (unsigned char)word.at[i];
        if (byte && strchr(set, byte))
            used += (size_t)snprintf(to + used, 5, "\\%03o", byte);
        else
            to[used++] = (char)byte;
    }
    return used;
}

static bool add_forms(struct word_list *list, struct slice word, struct failure *why)
{
    AUTO_FREE char *escaped = malloc(4 * word.length_bytes + 1);
    uint32_t number = (uint32_t)list->count;
    bool fine = escaped && word_search_add(&list->search, word, number);
    if (fine)
        fine = word_search_add(&list->search,
                               (struct slice){escaped, escape_as_bundle(word, escaped)}, number);
    for (size_t i = 0; fine && i < sizeof kernel_sets / sizeof kernel_sets[0]; i++) {
        size_t length = escape_as_kernel(word, kernel_sets[i], escaped);
        fine = word_search_add(&list->search, (struct slice){escaped, length}, number);
    }
    return fine || failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

static bool add_word(struct word_list *list, struct slice word, uint64_t line, bool allow_short,
                     struct failure *why)
{
    if (word.length_bytes && word.at[word.length_bytes - 1] == '\r')
        word.length_bytes--;
    if (word.length_bytes == strspn(word.at, " \t") || word.length_bytes == 0)
        return true;
    if (word.length_bytes < WORD_LEAST_BYTES && !allow_short)
        return failure_set(why, FAILURE_USAGE, line,
                           "a word of less than %d bytes is found everywhere (--short allows it)",
                           WORD_LEAST_BYTES);
    struct slice *slot = ARRAY_PUSH(list->words, list->count, list->capacity);
    if (!slot)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    *slot = word;
    return add_forms(list, word, why);
}

bool word_list_read(struct word_list *list, const char *file, bool allow_short, bool any_case,
                    struct failure *why)
{
    size_t length = 0;
    uint64_t line = 0;
    *list = (struct word_list){.text = malloc(WORDS_MOST_BYTES + 2)};
    if (!list->text || !word_search_init(&list->search, any_case))
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    if (!read_text(file, list->text, &length, why))
        return false;
    list->text[length] = '\n';
    list->text[length + 1] = '\0';
    for (const char *at = list->text, *end = at + length; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at) + 1);
        if (!add_word(list, (struct slice){at, (size_t)(stop - at)}, ++line, allow_short, why))
            return failure_in(why, file);
        at = stop + 1;
    }
    if (list->count == 0)
        return failure_set(why, FAILURE_USAGE, 0, "'%s' has no words in it", file);
    return word_search_finish(&list->search) ||
           failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

void word_list_deinit(struct word_list *list)
{
    word_search_deinit(&list->search);
    free(list->words);
    free(list->text);
}
