/* The command line. */
#pragma once

#include "collector/collect.h"

enum wanted {
    WANTED_COLLECTION,
    WANTED_HELP,
    WANTED_VERSION,
    WANTED_NOTHING, /* wrong usage: *why has the words */
};

/* Reads argv into *options, which borrows from it; *storage becomes options->in_force and is
 * the caller's to free. */
enum wanted options_read(int count, char **arguments, struct collect_options *options,
                         char **storage, struct failure *why);

/* Calls `line` for each line of --help. */
void options_help(void (*line)(const char *left, const char *right));
