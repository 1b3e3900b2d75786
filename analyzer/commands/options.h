/* The options of all commands in one table: getopt, --help and the manual test read it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/commands/request.h"

struct option_spec {
    char letter; /* 0: long only */
    const char *name;
    const char *argument; /* NULL: takes none */
    unsigned groups;      /* 0: every command; else one of these must be the command's */
    const char *help;
    /* False: the argument is wrong, and *problem says how. */
    bool (*apply)(struct request *request, const char *argument, const char **problem);
};

const struct option_spec *option_list(size_t *count);

/* Whether `command` takes `option`. */
bool option_taken(const struct option_spec *option, const struct command *command);
