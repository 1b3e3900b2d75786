/* A sink that writes down every mapping it is given, so that two runs can be compared as text. */
#pragma once

#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/process/smaps.h"

#define RECORDED_MAX 64

struct smaps_recorder {
    char *text; /* owned: a line a mapping, all that the mapping says */
    size_t text_bytes, capacity_bytes;
    struct smaps_mapping
        mappings[RECORDED_MAX]; /* the first ones; their texts are borrowed below */
    char names[RECORDED_MAX][80];
    char flags[RECORDED_MAX][80];
    size_t count;
    size_t refuse_at; /* the sink fails at this mapping, counted from 1; 0 never */
};

bool smaps_record(void *recorder, const struct smaps_mapping *mapping, struct failure *why);
void smaps_recorder_deinit(struct smaps_recorder *recorder);

/* Feeds `text` in chunks of `chunk_bytes`, each in memory of exactly its size, and finishes. */
bool smaps_read(struct smaps_parser *parser, struct slice text, size_t chunk_bytes, bool cut,
                struct failure *why);
