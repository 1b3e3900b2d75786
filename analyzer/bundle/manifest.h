/* The manifest of a bundle: lines "key value". Grammar: schema/bundle_format.h. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/bundle_format.h"
#include "schema/failure.h"

enum manifest_key {
#define MANIFEST_CONSTANT(constant, key, meaning) MANIFEST_##constant,
    MANIFEST_KEYS(MANIFEST_CONSTANT)
#undef MANIFEST_CONSTANT
        MANIFEST_KEY_COUNT
};

struct manifest {
    char *value[MANIFEST_KEY_COUNT]; /* owned, unescaped, NUL-terminated; NULL: absent, which is
                                        not the same as ""                                  */
    unsigned format_major, format_minor;
    uint64_t unknown_keys; /* lines of a newer minor version */
};

void manifest_deinit(struct manifest *manifest);

/* Fails MALFORMED (line) when the first line is no "format MAJOR.MINOR", a line has no key and
 * space, a known key stands twice, an escape is wrong, a value holds a NUL, or the last line
 * has no newline (then it was cut); UNSUPPORTED when MAJOR is not ours, with both versions in the
 * message. The version is judged before the rest: a newer format may look otherwise. *out is
 * set only on success. */
bool manifest_parse(struct slice text, struct manifest *out, struct failure *why);

/* The key's name in the file, static. */
const char *manifest_key_name(enum manifest_key key);

/* The value of a key that holds a decimal number; false when absent or no number. */
bool manifest_number(const struct manifest *manifest, enum manifest_key key, uint64_t *value);
