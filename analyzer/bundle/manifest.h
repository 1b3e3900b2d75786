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
    char *value
        [MANIFEST_KEY_COUNT]; /* owned, unescaped, NUL-terminated (a NUL inside is refused); NULL: absent */
    unsigned format_major, format_minor;
    uint64_t unknown_keys;
};

void manifest_deinit(struct manifest *manifest);

/* Fails MALFORMED (line) when the first line is no "format MAJOR.MINOR", a key stands twice or an escape is
 * wrong; UNSUPPORTED when MAJOR is not ours, with both versions in the message. *out is set only on success. */
bool manifest_parse(struct slice text, struct manifest *out, struct failure *why);

/* The key's name in the file, static. */
const char *manifest_key_name(enum manifest_key key);

/* The value of a key that holds a decimal number; false when absent or no number. */
bool manifest_number(const struct manifest *manifest, enum manifest_key key, uint64_t *value);
