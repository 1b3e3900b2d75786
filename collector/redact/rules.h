/* Which member is rewritten how. A file of a process that has no rule here is not read at all
 * when anything is redacted: what nobody thought about does not leave the machine. */
#pragma once

#include "collector/redact/redact.h"

enum redact_kind {
    REDACT_NOTHING,
    REDACT_DROP, /* the member is not even read */
    REDACT_MAPPINGS,
    REDACT_STAT,
    REDACT_STATUS,
    REDACT_NAME, /* the whole file is one name */
    REDACT_PROCESS_CGROUP,
    REDACT_LINK,
    REDACT_ARGV0,
    REDACT_SWAPS,
    REDACT_MOUNTS,
    REDACT_MOUNTINFO,
    REDACT_VERSION,
    REDACT_HELD,
};

/* `path` as in the bundle, without part number. */
enum redact_kind redact_kind_of(const struct redact_options *options, const char *path);

/* Can the path of this member itself tell something: is it that of a cgroup? */
bool redact_path_tells(const struct redact_options *options, const char *path);

/* The path under which it is archived then. */
void redact_member_path(const struct redact *redact, struct text *text, const char *path);
