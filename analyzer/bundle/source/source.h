/* Where members come from: an archive or a directory. One small table of functions, because
 * the rules about paths, limits and counts (bundle.c) are the same for both. */
#pragma once

#include "analyzer/bundle/bundle.h"

enum entry_kind {
    ENTRY_FILE,   /* a regular file: has data                           */
    ENTRY_LINK,   /* a symbolic link: link_target is all it has         */
    ENTRY_FOLDER, /* counts against the limit of members, nothing else  */
    ENTRY_OTHER   /* device, FIFO, socket, hard link: never read        */
};

/* Borrowed from the source until its next call. */
struct source_entry {
    const char *path; /* as the archive says; a directory's are relative to its root */
    const char *link_target;
    enum entry_kind kind;
    bool has_mtime, has_size;
    int64_t mtime_ns;
    uint64_t size_bytes;
};

struct source; /* the first member of what each kind of source really is */

struct source_kind {
    /* As bundle_next() and bundle_read(), without any judgement of paths. After BUNDLE_END,
     * *end_mark of next says whether the archive's own end mark was seen. */
    enum bundle_result (*next)(struct source *source, struct source_entry *entry, bool *end_mark,
                               struct failure *why);
    enum bundle_result (*read)(struct source *source, struct slice *chunk, struct failure *why);
    /* Fills form, packed and unpacked bytes, and what only a source can count. */
    void (*describe)(const struct source *source, struct bundle_facts *facts);
    void (*close)(struct source *source);
};

struct source {
    const struct source_kind *kind;
};
