#include "analyzer/parse/system/modules.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/parse/owned_text.h"
#include "analyzer/parse/text_cursor.h"

static void module_deinit(struct kernel_module *module)
{
    free(module->name);
    free(module->used_by);
    free(module->state);
    free(module->taints);
}

void modules_deinit(struct modules *modules)
{
    for (size_t i = 0; i < modules->count; i++)
        module_deinit(&modules->modules[i]);
    free(modules->modules);
    *modules = (struct modules){0};
}

/* The words of a line, borrowed. */
struct module_words {
    struct slice name, used_by, state, taints;
};

/* "4 ext4,jbd2," or "0 -" or, without CONFIG_MODULE_UNLOAD, "- -". */
static bool read_users(struct slice *line, struct module_words *words, struct kernel_module *module)
{
    struct slice count;
    if (!next_word(line, &count) || !next_word(line, &words->used_by))
        return false;
    module->has_reference_count = !slice_equal(count, SLICE("-"));
    if (module->has_reference_count && !parse_signed_decimal(count, &module->reference_count))
        return false;
    if (slice_equal(words->used_by, SLICE("-")))
        words->used_by = SLICE("");
    else if (slice_ends(words->used_by, SLICE(",")))
        words->used_by.length_bytes--;
    return true;
}

/* "0xffffffffc04ec000", zeros when hidden; a pointer that the kernel prints as words is hidden too.
 */
static bool read_address(struct slice word, uint64_t *address)
{
    if (!slice_starts(word, SLICE("0x")))
        return false;
    if (!parse_hexadecimal(slice_skip(word, 2), address))
        *address = 0;
    return true;
}

static bool read_module(struct slice line, struct module_words *words, struct kernel_module *module)
{
    struct slice word;
    if (!next_word(&line, &words->name) || !next_decimal(&line, &module->size_bytes) ||
        !read_users(&line, words, module) || !next_word(&line, &words->state) ||
        !next_word(&line, &word) || !read_address(word, &module->address))
        return false;
    words->taints = SLICE("");
    if (next_word(&line, &word)) {
        if (!slice_starts(word, SLICE("(")) || !slice_ends(word, SLICE(")")))
            return false;
        words->taints = (struct slice){word.at + 1, word.length_bytes - 2};
    }
    return !next_word(&line, &word);
}

static bool own_words(const struct module_words *words, struct kernel_module *module)
{
    module->name = owned_text(words->name);
    module->used_by = owned_text(words->used_by);
    module->state = owned_text(words->state);
    module->taints = owned_text(words->taints);
    return module->name && module->used_by && module->state && module->taints;
}

static bool take_text(struct slice text, struct modules *modules, struct failure *why)
{
    size_t capacity = 0;
    uint64_t number = 0;
    struct slice line;
    if (!text_is_whole(text, why))
        return false;
    while (next_line(&text, &line, &number)) {
        struct module_words words;
        struct kernel_module module = {0};
        if (!read_module(line, &words, &module))
            return failure_set(why, FAILURE_MALFORMED, number,
                               "no 'NAME SIZE COUNT USERS STATE ADDRESS' line: is this "
                               "/proc/modules?");
        struct kernel_module *slot = ARRAY_PUSH(modules->modules, modules->count, capacity);
        if (!slot)
            return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
        *slot = module;
        if (!own_words(&words, slot))
            return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
    }
    return true;
}

bool modules_parse(struct slice text, struct modules *out, struct failure *why)
{
    struct modules parsed = {0};
    if (!take_text(text, &parsed, why)) {
        modules_deinit(&parsed);
        return false;
    }
    *out = parsed;
    return true;
}
