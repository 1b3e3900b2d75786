/* What a bundle is called: its file, and the one folder inside. */
#pragma once

#include "collector/collect.h"

#define STDOUT_NAME "-"

struct bundle_names {
    char top[512];
    char file[PATH_MAX]; /* as given, or memtally-HOST-TIME, in the folder that was given; of a
                            series the time is in it */
};

/* Whether -o names a file: not standard output, and not a folder, which ends in a slash. */
bool bundle_name_is_given(const struct collect_options *options);

/* Fails when a name gets too long. */
bool bundle_names_make(struct bundle_names *names, const struct collect_options *options,
                       const char *host, uint64_t realtime_ns, struct failure *why);
