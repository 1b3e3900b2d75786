/* What must not leave the machine, and the keyed hashes that stand in its place. */
#pragma once

#include "collector/base/text.h"
#include "collector/redact/blake2s.h"
#include "schema/failure.h"

#include <stdbool.h>

enum redact_cmdline { CMDLINE_WHOLE, CMDLINE_DROPPED, CMDLINE_ARGV0 };

struct redact_options {
    enum redact_cmdline cmdline;
    bool paths, names;
    const char *key_file; /* NULL: a key of this run, which is nowhere stored */
};

/* Every hash is "h" and so many hexadecimal digits: as long as a process's name may be. */
#define REDACT_HASH_DIGITS 14

struct redact {
    struct redact_options options;
    struct blake2s keyed; /* with the key taken in */
};

/* "cmdline,paths": a list of cmdline, cmdline:argv0, paths, names, all. */
bool redact_options_read(const char *list, struct redact_options *options, struct failure *why);

/* The list that means the same, for the manifest. */
void redact_options_write(const struct redact_options *options, struct text *text);

static inline bool redact_is_on(const struct redact_options *options)
{
    return options->cmdline || options->paths || options->names;
}

/* Reads or makes the key, if anything is to be redacted. */
bool redact_init(struct redact *redact, const struct redact_options *options, struct failure *why);

/* As redact_init(), with a key that is here already. */
void redact_init_with(struct redact *redact, const struct redact_options *options, const void *key,
                      size_t key_length);

/* Adds "h" and the digits. Nothing is added for nothing. */
void redact_hash(const struct redact *redact, struct text *text, const char *bytes, size_t length);
