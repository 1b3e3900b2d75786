/* Targets: smaps_parser_feed, smaps_parser_finish. Feeding a text whole and in chunks gives the
 * same mappings, the same counts and the same failure; so does every end, cut or not. */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/process/smaps.h"

/* What one run gave: mappings are hashed one into the other. */
struct outcome {
    uint64_t hash, mappings;
    struct smaps_parser_counts counts;
    bool read;
    struct failure why;
};

static uint64_t mix(uint64_t hash, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash ^ count;
}

static bool take(void *context, const struct smaps_mapping *m, struct failure *why)
{
    struct outcome *outcome = context;
    (void)why;
    fuzz_require(m->start <= m->end);
    fuzz_require(m->present & SMAPS_BIT(SMAPS_RSS));
    uint64_t hash = mix(outcome->hash, &m->start, sizeof m->start);
    hash = mix(hash, &m->end, sizeof m->end);
    hash = mix(hash, &m->offset_bytes, sizeof m->offset_bytes);
    hash = mix(hash, &m->inode, sizeof m->inode);
    hash = mix(hash, &m->device_major, sizeof m->device_major);
    hash = mix(hash, &m->device_minor, sizeof m->device_minor);
    hash = mix(hash, &m->permissions, sizeof m->permissions);
    hash = mix(hash, &m->present, sizeof m->present);
    hash = mix(hash, &m->thp_eligible, sizeof m->thp_eligible);
    hash = mix(hash, m->value_bytes, sizeof m->value_bytes);
    hash = mix(hash, m->name.at, m->name.length_bytes);
    hash = mix(hash, m->vm_flags.at, m->vm_flags.length_bytes);
    outcome->hash = hash;
    outcome->mappings++;
    for (unsigned field = 0; field < SMAPS_FIELD_COUNT; field++)
        fuzz_require((m->present & SMAPS_BIT(field)) || m->value_bytes[field] == 0);
    return true;
}

/* Feeds chunks of 1 to `chunk_most` bytes, each in memory of its own that is gone afterwards. */
static struct outcome run(struct slice text, size_t chunk_most, bool cut)
{
    struct outcome outcome = {.hash = 1, .read = true};
    struct smaps_parser *parser = smaps_parser_create(take, &outcome);
    uint32_t random = (uint32_t)text.length_bytes;
    while (outcome.read && text.length_bytes > 0) {
        random = random * 1664525 + 1013904223;
        size_t bytes = chunk_most == SIZE_MAX ? text.length_bytes : (random >> 16) % chunk_most + 1;
        if (bytes > text.length_bytes)
            bytes = text.length_bytes;
        char *chunk = malloc(bytes);
        if (!parser || !chunk)
            abort();
        memcpy(chunk, text.at, bytes);
        outcome.read = smaps_parser_feed(parser, (struct slice){chunk, bytes}, &outcome.why);
        free(chunk);
        text = slice_skip(text, bytes);
    }
    struct failure later = {0};
    bool finished = smaps_parser_finish(parser, cut, &later);
    fuzz_require(finished == (later.kind == FAILURE_NONE));
    fuzz_require(outcome.read || !finished);
    if (outcome.read) {
        outcome.read = finished;
        outcome.why = later;
    }
    outcome.counts = smaps_parser_counts(parser);
    fuzz_require(outcome.counts.blocks == outcome.mappings);
    outcome.counts.unknown_names = NULL;
    smaps_parser_destroy(parser);
    fuzz_check(outcome.read, &outcome.why, NULL, 0);
    return outcome;
}

static void require_same(const struct outcome *a, const struct outcome *b)
{
    fuzz_require(a->read == b->read);
    fuzz_require(a->hash == b->hash && a->mappings == b->mappings);
    fuzz_require(a->why.kind == b->why.kind && a->why.position == b->why.position);
    fuzz_require(strcmp(a->why.message, b->why.message) == 0);
    fuzz_require(a->counts.unknown_lines == b->counts.unknown_lines);
    fuzz_require(a->counts.dropped_blocks == b->counts.dropped_blocks);
    fuzz_require(a->counts.relearnt == b->counts.relearnt);
    fuzz_require(a->counts.unknown_name_count == b->counts.unknown_name_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    size_t chunk_most = size % 3 == 0 ? 20 : 300;
    bool cut = size % 2;
    struct outcome whole = run(text, SIZE_MAX, cut);
    struct outcome chunked = run(text, chunk_most, cut);
    require_same(&whole, &chunked);
    return 0;
}
