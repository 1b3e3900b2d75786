#include "analyzer/verify/word_search.h"

#include "analyzer/base/array.h"
#include "analyzer/base/cleanup.h"

static unsigned char folded(const struct word_search *search, char byte)
{
    return (unsigned char)(search->any_case && byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
}

static struct word_node *push(struct word_search *search)
{
    return ARRAY_PUSH(search->nodes, search->count, search->capacity);
}

bool word_search_init(struct word_search *search, bool any_case)
{
    *search = (struct word_search){.any_case = any_case};
    return push(search) != NULL;
}

void word_search_deinit(struct word_search *search)
{
    free(search->nodes);
    *search = (struct word_search){0};
}

static uint32_t child_of(const struct word_search *search, uint32_t node, unsigned char byte)
{
    if (node == 0)
        return search->from_root[byte];
    uint32_t child = search->nodes[node].child;
    while (child && search->nodes[child].byte != byte)
        child = search->nodes[child].sibling;
    return child;
}

static uint32_t add_child(struct word_search *search, uint32_t node, unsigned char byte)
{
    uint32_t number = (uint32_t)search->count;
    struct word_node *child = push(search);
    if (!child)
        return 0;
    child->byte = byte;
    child->depth = search->nodes[node].depth + 1;
    child->sibling = search->nodes[node].child;
    search->nodes[node].child = number;
    if (node == 0)
        search->from_root[byte] = number;
    return number;
}

bool word_search_add(struct word_search *search, struct slice bytes, uint32_t word)
{
    uint32_t node = 0;
    for (size_t i = 0; i < bytes.length_bytes; i++) {
        unsigned char byte = folded(search, bytes.at[i]);
        uint32_t next = child_of(search, node, byte);
        node = next ? next : add_child(search, node, byte);
        if (node == 0)
            return false;
    }
    if (node && !search->nodes[node].word)
        search->nodes[node].word = word;
    return true;
}

static uint32_t step(const struct word_search *search, uint32_t node, unsigned char byte)
{
    for (;;) {
        uint32_t next = child_of(search, node, byte);
        if (next || node == 0)
            return next;
        node = search->nodes[node].fallback;
    }
}

/* Level by level: a fallback is always shorter, so it is known already. */
bool word_search_finish(struct word_search *search)
{
    AUTO_FREE uint32_t *queue = calloc(search->count, sizeof *queue);
    size_t tail = 1;
    if (!queue)
        return false;
    for (size_t head = 0; head < tail; head++) {
        uint32_t parent = queue[head];
        for (uint32_t at = search->nodes[parent].child; at; at = search->nodes[at].sibling) {
            struct word_node *node = &search->nodes[at];
            if (parent)
                node->fallback = step(search, search->nodes[parent].fallback, node->byte);
            const struct word_node *fallback = &search->nodes[node->fallback];
            node->shorter = fallback->word ? node->fallback : fallback->shorter;
            queue[tail++] = at;
        }
    }
    return true;
}

void word_search_feed(const struct word_search *search, struct word_state *state,
                      struct slice bytes, word_found *found, void *context)
{
    uint32_t node = state->node;
    for (size_t i = 0; i < bytes.length_bytes; i++) {
        node = step(search, node, folded(search, bytes.at[i]));
        if (node == 0)
            continue;
        uint32_t at = search->nodes[node].word ? node : search->nodes[node].shorter;
        for (; at; at = search->nodes[at].shorter)
            found(context, search->nodes[at].word, state->offset + i + 1, search->nodes[at].depth);
    }
    state->node = node;
    state->offset += bytes.length_bytes;
}
