/* The bracket around every pass. */
#include "collector/passes/run.h"

#include "collector/base/cleanup.h"
#include "schema/bundle_format.h"

#include <string.h>

/* In the order in which they are read. */
static const struct {
    const char *file, *name;
} sampled[] = {
    {"proc/zoneinfo", "zoneinfo.first"},
    {"proc/meminfo",  "meminfo"       },
    {"proc/vmstat",   "vmstat"        },
    {"proc/zoneinfo", "zoneinfo"      },
};
enum { SAMPLED_COUNT = sizeof sampled / sizeof sampled[0] };

#define SAMPLE_BYTES  ((size_t)256 * 1024)
#define SAMPLE_CHUNKS 16

/* Chunks that are kept until all four files have been read. */
struct held_chunk {
    unsigned file;
    unsigned part; /* 0: the whole file */
    size_t at, length;
    uint64_t read_at_ns;
};

struct sample {
    struct run *run;
    char *bytes;
    size_t used;
    struct held_chunk chunks[SAMPLE_CHUNKS];
    unsigned chunk_count;
    unsigned file;
    struct member members[SAMPLED_COUNT];
};

static const char *path_of(const struct run *run, unsigned file, struct text *text)
{
    text->length = 0;
    text_add(text, BUNDLE_SAMPLES_FOLDER "/");
    text_decimal(text, run->samples);
    text_add(text, "/");
    text_add(text, sampled[file].name);
    return text_string(text);
}

static bool write_held(struct sample *sample, struct failure *why)
{
    char path[64];
    struct text text = TEXT_OVER(path);
    for (unsigned i = 0; i < sample->chunk_count; i++) {
        const struct held_chunk *chunk = &sample->chunks[i];
        if (!bundle_writer_add_part(&sample->run->writer, path_of(sample->run, chunk->file, &text),
                                    chunk->part, sample->bytes + chunk->at, chunk->length,
                                    chunk->read_at_ns, why))
            return false;
    }
    sample->chunk_count = 0;
    sample->used = 0;
    return true;
}

/* A machine so large that the sample does not fit is written in between. */
static bool hold(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    struct sample *sample = context;
    struct member *member = &sample->members[sample->file];
    bool whole = chunk->last && member->parts == 0;
    if (chunk->torn && chunk->length == 0)
        return true;
    member->parts++;
    if ((sample->chunk_count == SAMPLE_CHUNKS || chunk->length > SAMPLE_BYTES - sample->used) &&
        !write_held(sample, why))
        return false;
    memcpy(sample->bytes + sample->used, chunk->bytes, chunk->length);
    sample->chunks[sample->chunk_count++] = (struct held_chunk){
        sample->file, whole ? 0 : member->parts, sample->used, chunk->length, chunk->read_at_ns};
    sample->used += chunk->length;
    return true;
}

bool run_sample(struct run *run, struct failure *why)
{
    AUTO_FREE char *bytes = malloc(SAMPLE_BYTES);
    if (!bytes)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    struct sample sample = {.run = run, .bytes = bytes};
    run->samples++;
    for (sample.file = 0; sample.file < SAMPLED_COUNT; sample.file++) {
        const struct fetch_request request = {.folder = run->tree.root,
                                              .name = sampled[sample.file].file,
                                              .to_the_end = true,
                                              .check_first = !run->tree.live};
        if (!readers_fetch(&run->readers, &request, hold, &sample,
                           &sample.members[sample.file].fetched, why))
            return false;
    }
    if (!write_held(&sample, why))
        return false;
    char path[64];
    struct text text = TEXT_OVER(path);
    for (unsigned i = 0; i < SAMPLED_COUNT; i++)
        if (!run_record(run, path_of(run, i, &text), &sample.members[i], why))
            return false;
    return true;
}
