#include "tests/unit/parse/smaps_recorder.h"

#include <inttypes.h>
#include <stdio.h>

static void append(struct smaps_recorder *recorder, const void *bytes, size_t count)
{
    while (recorder->text_bytes + count > recorder->capacity_bytes) {
        recorder->capacity_bytes = recorder->capacity_bytes ? recorder->capacity_bytes * 2 : 4096;
        recorder->text = realloc(recorder->text, recorder->capacity_bytes);
        assert_non_null(recorder->text);
    }
    if (count)
        memcpy(recorder->text + recorder->text_bytes, bytes, count);
    recorder->text_bytes += count;
}

static void append_numbers(struct smaps_recorder *recorder, const struct smaps_mapping *m)
{
    char line[256];
    int length = snprintf(line, sizeof line,
                          "%" PRIx64 "-%" PRIx64 " %u %" PRIx64 " %u:%u %" PRIu64 " %u %d",
                          m->start, m->end, m->permissions, m->offset_bytes, m->device_major,
                          m->device_minor, m->inode, m->present, m->thp_eligible);
    append(recorder, line, (size_t)length);
    for (unsigned field = 0; field < SMAPS_FIELD_COUNT; field++) {
        length = snprintf(line, sizeof line, " %" PRIu64, m->value_bytes[field]);
        append(recorder, line, (size_t)length);
    }
}

static struct slice keep(struct slice text, char *room, size_t room_bytes)
{
    size_t length = text.length_bytes < room_bytes ? text.length_bytes : room_bytes;
    if (length)
        memcpy(room, text.at, length);
    return (struct slice){room, length};
}

bool smaps_record(void *context, const struct smaps_mapping *mapping, struct failure *why)
{
    struct smaps_recorder *recorder = context;
    if (recorder->refuse_at == recorder->count + 1)
        return failure_set(why, FAILURE_LIMIT, 0, "enough");
    append_numbers(recorder, mapping);
    append(recorder, " '", 2);
    append(recorder, mapping->name.at, mapping->name.length_bytes);
    append(recorder, "' '", 3);
    append(recorder, mapping->vm_flags.at, mapping->vm_flags.length_bytes);
    append(recorder, "'\n", 2);
    if (recorder->count < RECORDED_MAX) {
        size_t i = recorder->count;
        struct smaps_mapping *kept = &recorder->mappings[i];
        *kept = *mapping;
        kept->name = keep(mapping->name, recorder->names[i], sizeof recorder->names[i]);
        kept->vm_flags = keep(mapping->vm_flags, recorder->flags[i], sizeof recorder->flags[i]);
    }
    recorder->count++;
    return true;
}

void smaps_recorder_deinit(struct smaps_recorder *recorder)
{
    free(recorder->text);
    *recorder = (struct smaps_recorder){0};
}

bool smaps_read(struct smaps_parser *parser, struct slice text, size_t chunk_bytes, bool cut,
                struct failure *why)
{
    bool fed = true;
    while (fed && text.length_bytes > 0) {
        size_t length = text.length_bytes < chunk_bytes ? text.length_bytes : chunk_bytes;
        struct slice chunk = exact_copy(text.at, length);
        fed = smaps_parser_feed(parser, chunk, why);
        free_copy(chunk);
        text = slice_skip(text, length);
    }
    return smaps_parser_finish(parser, cut, why) && fed;
}
