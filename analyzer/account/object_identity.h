/* Which mapped objects are one: a file is its device and inode, whatever the paths that it was seen
 * under. */
#pragma once

#include "analyzer/account/object_kind.h"

#define NO_OBJECT UINT32_MAX

struct object_identities {
    uint32_t *first; /* by index into mappings.objects: the one that stands for the file; itself
                        where there is no other */
    uint32_t *next; /* the file's next path, or NO_OBJECT; begins with the one that stands for it */
    bool *replaced; /* deleted, and its path leads to another file of the same device */
};

/* A path that is not deleted stands for the file, the first by the alphabet. Memory without device and
 * inode is told apart by its name, and so are files inside the kernel that have one inode for all
 * (anon_inode). On btrfs, files of two subvolumes may have one inode, and are taken for one.
 * Fails when memory runs out. Free with object_identities_deinit(). */
bool object_identities_find(const struct snapshot *snapshot, struct object_identities *out,
                            struct failure *why);
void object_identities_deinit(struct object_identities *identities);

/* Whether the name ends in " (deleted)". */
bool object_is_deleted(const struct snapshot *snapshot, const struct mapped_object *object);
