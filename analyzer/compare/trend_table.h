/* All figures that a series of snapshots has had, each with its trend. What a later snapshot has no
 * more stays, up to a bound: so the table grows with one machine's size, not with their number. */
#pragma once

#include "analyzer/base/string_pool.h"
#include "analyzer/compare/trend_series.h"
#include "schema/failure.h"

/* Levels of --by. X(constant, word) */
#define TREND_LEVELS(X)                                                                            \
    X(LEDGER, "ledger")                                                                            \
    X(PROCESS, "process") /* one process, while it lives                       */                  \
    X(PROGRAM, "program") /* all processes of one name, whatever their PID     */                  \
    X(GROUP, "group")     /* as the scope says, by name                        */                  \
    X(CLASS, "class")     /* all mappings of one class                         */                  \
    X(MAPPING, "mapping") /* what one process maps of one object with one mode */                  \
    X(OBJECT, "object")   /* all objects of one kind and name                  */                  \
    X(KERNEL, "kernel")

enum trend_level {
#define TREND_LEVEL_CONSTANT(constant, word) TREND_BY_##constant,
    TREND_LEVELS(TREND_LEVEL_CONSTANT)
#undef TREND_LEVEL_CONSTANT
        TREND_LEVEL_COUNT
};

/* What one file or one computation tells: read, or not, as a whole. X(constant, key in JSON, level,
 * whether what is not listed is 0) */
#define TREND_PARTS(X)                                                                             \
    X(LEDGER, "ledger", LEDGER, false) /* a line that is absent is unknown */                      \
    X(PROCESSES, "processes", PROCESS, false)                                                      \
    X(PROGRAMS, "programs", PROGRAM, true)                                                         \
    X(GROUPS, "groups", GROUP, true)                                                               \
    X(CLASSES, "classes", CLASS, true)                                                             \
    X(MAPPINGS, "mappings", MAPPING, false)                                                        \
    X(OBJECTS, "objects", OBJECT, true)                                                            \
    X(VMALLOC, "vmalloc", KERNEL, true)                                                            \
    X(SLAB, "slab", KERNEL, true)                                                                  \
    X(MODULES, "modules", KERNEL, true)                                                            \
    X(CGROUPS, "cgroups", KERNEL, true)                                                            \
    X(SWAP, "swap", KERNEL, true)                                                                  \
    X(SHARED, "shared", KERNEL, true)

enum trend_part {
#define TREND_PART_CONSTANT(constant, word, level, is_zero) TREND_##constant,
    TREND_PARTS(TREND_PART_CONSTANT)
#undef TREND_PART_CONSTANT
        TREND_PART_COUNT
};

const char *trend_part_word(enum trend_part part);    /* static */
const char *trend_level_word(enum trend_level level); /* static */
enum trend_level trend_part_level(enum trend_part part);

/* Figures that a later snapshot no longer has are kept up to this number; when there are more, the
 * half with the smallest peaks is forgotten. */
#define TREND_GONE_MOST 20000

/* Of a process with PSS a snapshot may know RSS only: one cannot be held against the other.
 * What is not told has no bytes. */
enum trend_measure { TREND_WHOLE, TREND_STAND_IN, TREND_NOT_TOLD };

/* Whether the mappings of a process were read; not, but it ended or has none, is neither. */
enum trend_cover { TREND_NOT_ASKED, TREND_MAPPINGS_READ, TREND_MAPPINGS_UNREAD };

/* One figure of one snapshot. Texts are copied. */
struct trend_figure {
    enum trend_part part;
    struct slice key;    /* identity within its part */
    struct slice name;   /* outside text             */
    struct slice detail; /* outside text, or empty   */
    struct slice
        parent;   /* the same: what it is part of; name of a mapping's process, id of a line */
    uint64_t pid; /* 0: none                  */
    enum trend_measure measure;
    enum trend_cover cover; /* of a process */
    int64_t bytes;
    uint64_t noise_bytes;
    bool may_grow;   /* memory that the kernel takes back: its growth is no leak */
    bool was_untold; /* if it is new: it may have been there, and was not told */
};

struct trend_entry {
    struct trend_series series;
    enum trend_part part;
    uint32_t name, detail, parent; /* string ids of trend_table.texts */
    uint64_t pid;
    bool may_grow;
    bool
        has_measure; /* some snapshot had it, and all that count as points had it in this measure: */
    enum trend_measure measure;
    enum trend_cover cover;     /* of a process: read, if it ever was */
    enum trend_verdict verdict; /* set by trend_table_judge() */
    bool is_now;                /* of the snapshot being added: */
    bool is_untold;             /* it does not tell this one    */
    enum trend_measure now_measure;
    int64_t now_bytes;
    uint64_t now_noise_bytes;
};

struct trend_table {
    struct string_pool keys; /* the key of entries[i] has the id i + 1 */
    struct string_pool texts;
    struct trend_entry *entries;
    size_t count, capacity;
    struct trend_series zeros[TREND_PART_COUNT]; /* of what was never there */
    struct trend_series untold;                  /* of what no snapshot told */
    uint64_t forgotten[TREND_PART_COUNT];
    /* Of the snapshot being added: mappings of a process that were read before were not, or the other
     * way round, so that sums over mappings cannot be held against those before. */
    bool covers_less, covers_more;
};

bool trend_table_init(struct trend_table *table, struct failure *why);
void trend_table_deinit(struct trend_table *table);

/* Adds to the figure of this identity in the snapshot that is under way. */
bool trend_table_put(struct trend_table *table, const struct trend_figure *figure,
                     struct failure *why);

/* Ends the snapshot under way; is_read[part]: it could tell that part. */
bool trend_table_commit(struct trend_table *table, const struct trend_moment *moment,
                        const bool is_read[TREND_PART_COUNT], struct failure *why);

/* What is told from here on goes on with nothing that was told before. */
void trend_table_begin_anew(const struct trend_table *table, struct trend_entry *entry);

/* `one_boot`: all are of one boot. What grew over a restart, or from host to host, is no leak; a process
 * is of one boot in any case. */
void trend_table_judge(struct trend_table *table, uint32_t snapshots, bool one_boot);
