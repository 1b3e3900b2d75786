#include "analyzer/compare/mapping_match.h"

#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/compare/mapping_nodes.h"

const char *mapping_status_word(enum mapping_status status)
{
    static const char *const words[] = {
#define MAPPING_STATUS_WORD(constant, word) [MAPPING_##constant] = word,
        MAPPING_STATUSES(MAPPING_STATUS_WORD)
#undef MAPPING_STATUS_WORD
    };
    return words[status];
}

struct mapping_matcher *mapping_matcher_create(const struct snapshot *before,
                                               const struct snapshot *after,
                                               const struct object_matches *objects)
{
    struct mapping_matcher *matcher = calloc(1, sizeof *matcher);
    if (matcher)
        *matcher = (struct mapping_matcher){
            .sides = {before,          after         },
              .objects = {objects->before, objects->after}
        };
    return matcher;
}

static void free_arrays(struct mapping_matcher *matcher)
{
    free(matcher->nodes);
    free(matcher->entries);
    free(matcher->match_of);
    free(matcher->result.matches);
    free(matcher->result.before);
    free(matcher->result.after);
}

void mapping_matcher_free(struct mapping_matcher *matcher)
{
    if (matcher)
        free_arrays(matcher);
    free(matcher);
}

/* Nothing is kept from the last pair, so there is nothing to copy. */
static bool reserve(struct mapping_matcher *matcher, size_t count)
{
    if (count <= matcher->capacity)
        return true;
    if (count >= MAPPING_NO_NODE / 2)
        return false;
    size_t wanted = count + count / 2;
    free_arrays(matcher);
    matcher->nodes = malloc(wanted * sizeof *matcher->nodes);
    matcher->entries = malloc(wanted * sizeof *matcher->entries);
    matcher->match_of = malloc(wanted * sizeof *matcher->match_of);
    matcher->result = (struct mapping_matches){
        .matches = malloc(wanted * sizeof *matcher->result.matches),
        .before = malloc(wanted * sizeof *matcher->result.before),
        .after = malloc(wanted * sizeof *matcher->result.after),
    };
    bool ok = matcher->nodes && matcher->entries && matcher->match_of && matcher->result.matches &&
              matcher->result.before && matcher->result.after;
    matcher->capacity = ok ? wanted : 0;
    return ok;
}

static void add_nodes(struct mapping_matcher *matcher, const struct process *process, bool is_after)
{
    const struct mapping_store *store = &matcher->sides[is_after]->mappings;
    for (size_t i = 0; process && i < process->mapping_count; i++) {
        const struct mapping *mapping = &store->mappings[process->first_mapping + i];
        const struct object_match *object = &matcher->objects[is_after][mapping->object];
        matcher->nodes[matcher->count] = (struct mapping_node){.mapping = mapping,
                                                               .identity = object->identity,
                                                               .name = object->name,
                                                               .set = (uint32_t)matcher->count,
                                                               .best = MAPPING_NO_NODE};
        matcher->count++;
    }
    if (!is_after)
        matcher->before_count = matcher->count;
}

/* `before` or `after` may be NULL. */
static bool begin(struct mapping_matcher *matcher, const struct process *before,
                  const struct process *after)
{
    matcher->count = 0;
    if (!reserve(matcher,
                 (before ? before->mapping_count : 0) + (after ? after->mapping_count : 0)))
        return false;
    add_nodes(matcher, before, false);
    add_nodes(matcher, after, true);
    return true;
}

static uint32_t set_of(struct mapping_matcher *matcher, uint32_t node)
{
    struct mapping_node *nodes = matcher->nodes;
    while (nodes[node].set != node)
        node = nodes[node].set = nodes[nodes[node].set].set;
    return node;
}

void mapping_nodes_join(struct mapping_matcher *matcher, uint32_t a, uint32_t b)
{
    uint32_t first = set_of(matcher, a), second = set_of(matcher, b);
    if (first < second)
        matcher->nodes[second].set = first;
    else
        matcher->nodes[first].set = second;
}

static uint64_t total_size(const struct mapping *const *mappings, size_t count)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes = add_saturating(bytes, mappings[i]->end - mappings[i]->start);
    return bytes;
}

static enum mapping_status status_of(const struct mapping_matches *all,
                                     const struct mapping_match *match, bool by_address)
{
    uint32_t before = match->before_count, after = match->after_count;
    if (!before || !after)
        return before ? MAPPING_GONE : MAPPING_NEW;
    if (by_address && before != after)
        return before < after ? MAPPING_SPLIT : MAPPING_MERGED;
    uint64_t old_size = total_size(all->before + match->before_first, before);
    uint64_t new_size = total_size(all->after + match->after_first, after);
    if (old_size != new_size)
        return old_size < new_size ? MAPPING_GROWN : MAPPING_SHRUNK;
    bool starts_there =
        all->before[match->before_first]->start == all->after[match->after_first]->start;
    return by_address && !starts_there ? MAPPING_MOVED : MAPPING_SAME;
}

/* One match a set, in the order of the first mapping of each. */
static void number_sets(struct mapping_matcher *matcher)
{
    struct mapping_matches *result = &matcher->result;
    result->count = 0;
    if (matcher->count) /* before the first process with mappings there is no memory for them */
        memset(matcher->match_of, 0, matcher->count * sizeof *matcher->match_of);
    for (size_t i = 0; i < matcher->count; i++) {
        uint32_t set = set_of(matcher, (uint32_t)i);
        if (!matcher->match_of[set]) {
            result->matches[result->count++] = (struct mapping_match){0};
            matcher->match_of[set] = (uint32_t)result->count;
        }
        matcher->match_of[i] = matcher->match_of[set];
        struct mapping_match *match = &result->matches[matcher->match_of[i] - 1];
        if (i < matcher->before_count)
            match->before_count++;
        else
            match->after_count++;
    }
}

static const struct mapping_matches *finish(struct mapping_matcher *matcher, bool by_address)
{
    struct mapping_matches *result = &matcher->result;
    uint32_t before = 0, after = 0;
    number_sets(matcher);
    for (size_t i = 0; i < result->count; i++) {
        struct mapping_match *match = &result->matches[i];
        match->before_first = before;
        match->after_first = after;
        before += match->before_count;
        after += match->after_count;
        match->before_count = match->after_count = 0; /* counted again as they are put in */
    }
    for (size_t i = 0; i < matcher->count; i++) {
        struct mapping_match *match = &result->matches[matcher->match_of[i] - 1];
        if (i < matcher->before_count)
            result->before[match->before_first + match->before_count++] = matcher->nodes[i].mapping;
        else
            result->after[match->after_first + match->after_count++] = matcher->nodes[i].mapping;
    }
    for (size_t i = 0; i < result->count; i++)
        result->matches[i].status = status_of(result, &result->matches[i], by_address);
    return result;
}

const struct mapping_matches *mapping_match_same(struct mapping_matcher *matcher,
                                                 const struct process *before,
                                                 const struct process *after)
{
    if (!begin(matcher, before, after))
        return NULL;
    mapping_nodes_join_overlapping(matcher);
    return finish(matcher, true);
}

const struct mapping_matches *mapping_match_restarted(struct mapping_matcher *matcher,
                                                      const struct process *before,
                                                      const struct process *after)
{
    if (!begin(matcher, before, after))
        return NULL;
    mapping_nodes_join_alike(matcher);
    return finish(matcher, false);
}

const struct mapping_matches *mapping_match_one_side(struct mapping_matcher *matcher,
                                                     const struct process *process, bool is_after)
{
    if (!begin(matcher, is_after ? NULL : process, is_after ? process : NULL))
        return NULL;
    return finish(matcher, true);
}
