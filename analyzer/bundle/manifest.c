#include "analyzer/bundle/manifest.h"

#include <limits.h>
#include <stdlib.h>

#include "analyzer/bundle/plain_text.h"

static const char *const key_names[] = {
#define MANIFEST_NAME(constant, key, meaning) [MANIFEST_##constant] = key,
    MANIFEST_KEYS(MANIFEST_NAME)
#undef MANIFEST_NAME
};

void manifest_deinit(struct manifest *manifest)
{
    for (size_t i = 0; i < MANIFEST_KEY_COUNT; i++)
        free(manifest->value[i]);
    *manifest = (struct manifest){0};
}

const char *manifest_key_name(enum manifest_key key)
{
    return (unsigned)key < MANIFEST_KEY_COUNT ? key_names[key] : "unknown";
}

bool manifest_number(const struct manifest *manifest, enum manifest_key key, uint64_t *value)
{
    const char *text = manifest->value[key];
    return text && parse_decimal(slice_of(text), value);
}

static bool find_key(struct slice name, enum manifest_key *key)
{
    for (unsigned i = 0; i < MANIFEST_KEY_COUNT; i++) {
        if (slice_equal(name, slice_of(key_names[i]))) {
            *key = (enum manifest_key)i;
            return true;
        }
    }
    return false;
}

static bool parse_format(struct slice line, struct manifest *parsed, struct failure *why)
{
    static const char wanted[] = "not a manifest: the first line is no \"format MAJOR.MINOR\"";
    struct slice key, value = line;
    uint64_t major, minor;
    record_word_next(&value, &key);
    const char *dot = value.length_bytes ? memchr(value.at, '.', value.length_bytes) : NULL;
    if (!slice_equal(key, slice_of(key_names[MANIFEST_FORMAT])) || !dot)
        return failure_set(why, FAILURE_MALFORMED, 1, wanted);
    size_t major_bytes = (size_t)(dot - value.at);
    if (!parse_decimal((struct slice){value.at, major_bytes}, &major) ||
        !parse_decimal(slice_skip(value, major_bytes + 1), &minor) || major > UINT_MAX ||
        minor > UINT_MAX)
        return failure_set(why, FAILURE_MALFORMED, 1, wanted);
    parsed->format_major = (unsigned)major;
    parsed->format_minor = (unsigned)minor;
    if (major == BUNDLE_FORMAT_MAJOR)
        return true;
    return failure_set(why, FAILURE_UNSUPPORTED, 1,
                       "bundle format %u.%u, and this program reads %d.x: use %s memtally",
                       parsed->format_major, parsed->format_minor, BUNDLE_FORMAT_MAJOR,
                       major > BUNDLE_FORMAT_MAJOR ? "a newer" : "an older");
}

static bool parse_line(struct slice line, uint64_t number, struct manifest *parsed,
                       struct failure *why)
{
    struct slice name, value = line;
    enum manifest_key key;
    size_t length;
    record_word_next(&value, &name);
    if (name.length_bytes == 0 || name.length_bytes == line.length_bytes)
        return failure_set(why, FAILURE_MALFORMED, number, "no \"key value\"");
    if (!find_key(name, &key)) {
        parsed->unknown_keys++;
        return true;
    }
    if (parsed->value[key])
        return failure_set(why, FAILURE_MALFORMED, number, "%s stands twice", key_names[key]);
    char *text = malloc(value.length_bytes + 1);
    if (!text)
        return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
    parsed->value[key] = text;
    if (!record_unescape(value, text, &length))
        return failure_set(why, FAILURE_MALFORMED, number, "wrong escape in the value of %s",
                           key_names[key]);
    text[length] = '\0';
    if (strlen(text) != length)
        return failure_set(why, FAILURE_MALFORMED, number, "NUL in the value of %s",
                           key_names[key]);
    return true;
}

static bool parse_all(struct slice text, struct manifest *parsed, struct failure *why)
{
    struct slice line;
    struct failure cut = {0};
    uint64_t number = 0;
    while (record_line_next(&text, &line, &number, &cut)) {
        if (number == 1 && !parse_format(line, parsed, why))
            return false;
        if (!parse_line(line, number, parsed, why))
            return false;
    }
    if (cut.kind != FAILURE_NONE)
        return failure_set(why, cut.kind, cut.position, "%s", cut.message);
    return number > 0 || failure_set(why, FAILURE_MALFORMED, 1, "not a manifest: empty");
}

bool manifest_parse(struct slice text, struct manifest *out, struct failure *why)
{
    struct manifest parsed = {0};
    if (!parse_all(text, &parsed, why)) {
        manifest_deinit(&parsed);
        return false;
    }
    *out = parsed;
    return true;
}
