/* Names made unreadable, with what analysis needs kept: depth, kind of file, standard folders,
 * the kernel's own names. Each adds the new name to `text`. */
#pragma once

#include "collector/redact/redact.h"

/* What smaps says a mapping is: a path, "[heap]", "[anon:NAME]", "/memfd:NAME (deleted)", ...
 * Also the target of a link such as exe. */
void redact_mapping_name(const struct redact *redact, struct text *text, const char *name,
                         size_t length);

/* A path, component by component. */
void redact_path(const struct redact *redact, struct text *text, const char *path, size_t length);

/* A path of cgroups: "/system.slice/cron.service". */
void redact_cgroup_path(const struct redact *redact, struct text *text, const char *path,
                        size_t length);

/* `to` gets `from` with \NNN (three octal digits) made the byte it stands for. At most `length` bytes;
 * returns how many. */
size_t unescape_octal(char *to, const char *from, size_t length);
