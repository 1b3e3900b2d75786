#include "analyzer/compare/object_match.h"

#include <stdlib.h>

#include "analyzer/account/object_usage.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/compare/match_groups.h"

const char *object_relation_word(enum object_relation relation)
{
    static const char *const words[] = {
#define OBJECT_RELATION_WORD(constant, word) [OBJECT_RELATION_##constant] = word,
        OBJECT_RELATIONS(OBJECT_RELATION_WORD)
#undef OBJECT_RELATION_WORD
    };
    return words[relation];
}

/* An object of either side with what it is matched by. */
struct candidate {
    const struct mapped_object *object;
    struct object_match match; /* what comes of it */
    enum object_kind kind;
    bool named;   /* the name says more than the kind */
    bool deleted; /* the name ended in " (deleted)"   */
};

/* Both sides in one list: those of the earlier snapshot first. */
struct matching {
    const struct object_match_scope *scope;
    struct candidate *candidates; /* owned */
    struct match_entry *entries;  /* owned; scratch of one pass */
    size_t count, before_count;
};

/* Which parts of a key count. A part that does not is the same for all. */
enum key_part { KEY_DEVICE = 1, KEY_INODE = 2, KEY_NAME = 4, KEY_DELETED = 8 };

static bool is_known_here(const struct object_match_scope *scope, const struct candidate *one)
{
    return one->named || scope->same_boot;
}

static bool may_be_renumbered(const struct object_match_scope *scope, const struct candidate *one)
{
    return one->named && one->object->inode &&
           (one->object->device_major == 0 || !scope->same_boot);
}

/* SysV ids, memfd inodes and the like are counted by different counters on one device number, so
 * without a name only those of files tell anything. */
static bool may_be_renamed(const struct object_match_scope *scope, const struct candidate *one)
{
    return one->kind == OBJECT_FILE && one->object->inode && scope->same_host &&
           (scope->same_boot || one->object->device_major != 0);
}

static bool has_a_name(const struct object_match_scope *scope, const struct candidate *one)
{
    (void)scope;
    return one->named;
}

static const struct pass {
    enum object_relation relation;
    unsigned key;
    bool (*applies)(const struct object_match_scope *scope, const struct candidate *one);
} passes[] = {
    {OBJECT_RELATION_SAME,       KEY_DEVICE | KEY_INODE | KEY_NAME | KEY_DELETED, is_known_here    },
    {OBJECT_RELATION_SAME,       KEY_DEVICE | KEY_INODE | KEY_NAME,               is_known_here    },
    {OBJECT_RELATION_RENUMBERED, KEY_INODE | KEY_NAME,                            may_be_renumbered},
    {OBJECT_RELATION_RENAMED,    KEY_DEVICE | KEY_INODE,                          may_be_renamed   },
    {OBJECT_RELATION_REPLACED,   KEY_NAME,                                        has_a_name       },
};

static bool is_named(struct slice name)
{
    static const char *const unnamed[] = {"/dev/zero", "/SYSV00000000", "/anon_hugepage",
                                          "/memfd:"};
    for (size_t i = 0; i < sizeof unnamed / sizeof unnamed[0]; i++)
        if (slice_equal(name, slice_of(unnamed[i])))
            return false;
    return true;
}

static void collect(const struct snapshot *snapshot, struct candidate *candidates,
                    struct slice *names)
{
    const struct slice deleted = SLICE(" (deleted)");
    for (size_t i = 0; i < snapshot->mappings.object_count; i++) {
        const struct mapped_object *object = &snapshot->mappings.objects[i];
        names[i] = snapshot_text(snapshot, object->name);
        candidates[i] = (struct candidate){.object = object,
                                           .match.other = OBJECT_UNMATCHED,
                                           .kind = object_kind_of(snapshot, object),
                                           .deleted = slice_ends(names[i], deleted)};
        if (candidates[i].deleted)
            names[i].length_bytes -= deleted.length_bytes;
        candidates[i].named = is_named(names[i]);
    }
}

static size_t fill_entries(struct matching *matching, const struct pass *pass)
{
    size_t filled = 0;
    for (size_t i = 0; i < matching->count; i++) {
        const struct candidate *one = &matching->candidates[i];
        if (one->match.other != OBJECT_UNMATCHED || !pass->applies(matching->scope, one))
            continue;
        struct match_entry *entry = &matching->entries[filled++];
        *entry = (struct match_entry){.item = (uint32_t)i, .after = i >= matching->before_count};
        if (pass->key & KEY_DEVICE)
            entry->key[0] = (uint64_t)one->object->device_major << 32 | one->object->device_minor;
        if (pass->key & KEY_INODE)
            entry->key[1] = one->object->inode;
        /* a file may have any name, that of the heap too */
        if (pass->key & KEY_NAME)
            entry->key[2] = (uint64_t)one->match.name << 8 | (unsigned)one->kind;
        if (pass->key & KEY_DELETED)
            entry->key[3] = one->deleted;
    }
    match_entries_sort(matching->entries, filled);
    return filled;
}

static void run_pass(struct matching *matching, const struct pass *pass)
{
    struct match_group group;
    size_t count = fill_entries(matching, pass), at = 0;
    while (match_next_group(matching->entries, count, &at, &group)) {
        if (group.before_count != 1 || group.after_count != 1)
            continue;
        struct object_match *before = &matching->candidates[group.before->item].match;
        struct object_match *after = &matching->candidates[group.after->item].match;
        /* On another machine the name is all that can be equal: nothing was replaced there. */
        before->relation = after->relation =
            (uint8_t)(matching->scope->same_host ? pass->relation : OBJECT_RELATION_SAME);
        before->other = group.after->item - (uint32_t)matching->before_count;
        after->other = group.before->item;
    }
}

/* Numbers the pairs, and says of what has no match who could have been one. */
static bool finish(struct matching *matching)
{
    size_t before_count = matching->before_count;
    AUTO_FREE uint32_t(*known)[2] = calloc(matching->count + 1, sizeof *known);
    AUTO_FREE uint32_t(*unmatched)[2] = calloc(matching->count + 1, sizeof *unmatched);
    if (!known || !unmatched)
        return false;
    for (size_t i = 0; i < matching->count; i++) {
        const struct object_match *match = &matching->candidates[i].match;
        known[match->name][i >= before_count]++;
        unmatched[match->name][i >= before_count] += match->other == OBJECT_UNMATCHED;
    }
    for (size_t i = 0; i < matching->count; i++) {
        struct candidate *one = &matching->candidates[i];
        struct object_match *match = &one->match;
        bool other_side = i < before_count;
        bool is_matched = match->other != OBJECT_UNMATCHED;
        match->identity = is_matched && i >= before_count ? match->other : (uint32_t)i;
        if (is_matched || !one->named)
            continue;
        match->name_reused = known[match->name][other_side] != 0;
        match->candidates = unmatched[match->name][other_side];
    }
    return true;
}

static bool match_all(struct matching *matching, const struct slice *names)
{
    AUTO_FREE uint32_t *ids = calloc(matching->count + 1, sizeof *ids);
    if (!ids || !match_text_ids(names, matching->count, ids))
        return false;
    for (size_t i = 0; i < matching->count; i++)
        matching->candidates[i].match.name = ids[i];
    for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++)
        run_pass(matching, &passes[i]);
    return finish(matching);
}

bool object_match(const struct snapshot *before, const struct snapshot *after,
                  const struct object_match_scope *scope, struct object_matches *out)
{
    size_t before_count = before->mappings.object_count;
    size_t count = before_count + after->mappings.object_count;
    AUTO_FREE struct candidate *candidates = calloc(count + 1, sizeof *candidates);
    AUTO_FREE struct match_entry *entries = calloc(count + 1, sizeof *entries);
    AUTO_FREE struct slice *names = malloc((count + 1) * sizeof *names);
    AUTO_FREE struct object_match *of_before = calloc(before_count + 1, sizeof *of_before);
    AUTO_FREE struct object_match *of_after = calloc(count - before_count + 1, sizeof *of_after);
    if (count >= OBJECT_UNMATCHED || !candidates || !entries || !names || !of_before || !of_after)
        return false;
    collect(before, candidates, names);
    collect(after, candidates + before_count, names + before_count);
    struct matching matching = {scope, candidates, entries, count, before_count};
    if (!match_all(&matching, names))
        return false;
    for (size_t i = 0; i < count; i++)
        *(i < before_count ? &of_before[i] : &of_after[i - before_count]) = candidates[i].match;
    *out = (struct object_matches){TAKE(of_before), TAKE(of_after)};
    return true;
}

void object_matches_deinit(struct object_matches *matches)
{
    free(matches->before);
    free(matches->after);
    *matches = (struct object_matches){0};
}
