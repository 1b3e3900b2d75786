/* Which objects of two snapshots are the same one: by device and inode, and by name where the inode is
 * another. Names are compared without " (deleted)", which an object may gain between two snapshots. */
#pragma once

#include "analyzer/model/snapshot.h"

/* How a pair was found, the strictest way first. X(constant, word) */
#define OBJECT_RELATIONS(X)                                                                        \
    X(SAME, "same")             /* device, inode and name                                  */      \
    X(RENUMBERED, "renumbered") /* inode and name; the file system has no device of its own,   */  \
                                /* so its number is given anew with each mount             */      \
    X(RENAMED, "renamed")       /* device and inode of a file of this machine              */      \
    X(REPLACED, "replaced")     /* name: another file or segment stands for it now         */

enum object_relation {
#define OBJECT_RELATION_CONSTANT(constant, word) OBJECT_RELATION_##constant,
    OBJECT_RELATIONS(OBJECT_RELATION_CONSTANT)
#undef OBJECT_RELATION_CONSTANT
        OBJECT_RELATION_COUNT
};

const char *object_relation_word(enum object_relation relation); /* static */

#define OBJECT_UNMATCHED UINT32_MAX

struct object_match {
    uint32_t other;      /* index into the other snapshot's mappings.objects, or OBJECT_UNMATCHED */
    uint8_t relation;    /* enum object_relation, if there is an other                            */
    bool name_reused;    /* unmatched, but the other snapshot knows the name for another object   */
    uint32_t candidates; /* unmatched: how many of that name have no match on the other side      */
    uint32_t identity;   /* equal for the two of a pair, and for no others of the two snapshots   */
    uint32_t name;       /* equal where the names are                                             */
};

/* One entry for each of mappings.objects. Owned. */
struct object_matches {
    struct object_match *before, *after;
};

struct object_match_scope {
    bool same_host, same_boot;
};

/* Memory shared without a name (/dev/zero, a SysV segment without a key, huge pages) is known by its
 * number only, and only within one boot. Where several objects of one name have no match on either
 * side nothing tells which was which: they stay unmatched, with the number of candidates. False when
 * memory ran out. */
bool object_match(const struct snapshot *before, const struct snapshot *after,
                  const struct object_match_scope *scope, struct object_matches *out);
void object_matches_deinit(struct object_matches *matches);
