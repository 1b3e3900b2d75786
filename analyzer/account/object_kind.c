#include "analyzer/account/object_kind.h"

static const char *const kind_words[] = {
#define OBJECT_KIND_WORD(constant, word) [OBJECT_##constant] = word,
    OBJECT_KINDS(OBJECT_KIND_WORD)
#undef OBJECT_KIND_WORD
};

const char *object_kind_word(enum object_kind kind)
{
    return kind_words[kind];
}

/* By the start of the name; the first match wins. A real file can have any name, so a name that looks
 * like a pseudo one counts as such only without an inode. */
static const struct name_rule {
    const char *start;
    enum object_kind kind;
    bool needs_no_inode;
} name_rules[] = {
    {"[heap]",          OBJECT_HEAP,    true },
    {"[stack",          OBJECT_STACK,   true },
    {"[anon_shmem:",    OBJECT_SHMEM,   false},
    {"[anon:",          OBJECT_ANON,    true },
    {"[",               OBJECT_SPECIAL, true },
    {"/memfd:",         OBJECT_MEMFD,   false},
    {"/SYSV",           OBJECT_SYSV,    false},
    {"/anon_hugepage",  OBJECT_HUGETLB, false},
    {"/dev/zero",       OBJECT_SHMEM,   false},
    {"/dev/shm/",       OBJECT_SHMEM,   false},
    {"/dev/hugepages/", OBJECT_HUGETLB, false},
    {"/dev/",           OBJECT_DEVICE,  false},
    {"anon_inode:",     OBJECT_SPECIAL, false},
    {"/[aio]",          OBJECT_SPECIAL, false},
    {"socket:",         OBJECT_SPECIAL, false},
};

bool object_has_inode(const struct mapped_object *object)
{
    return object->inode || object->device_major || object->device_minor;
}

enum object_kind object_kind_of(const struct snapshot *snapshot, const struct mapped_object *object)
{
    struct slice name = snapshot_text(snapshot, object->name);
    if (name.length_bytes == 0)
        return OBJECT_ANON;
    for (size_t i = 0; i < sizeof name_rules / sizeof name_rules[0]; i++)
        if (slice_starts(name, slice_of(name_rules[i].start)) &&
            !(name_rules[i].needs_no_inode && object_has_inode(object)))
            return name_rules[i].kind;
    return OBJECT_FILE;
}
