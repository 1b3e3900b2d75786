#include "analyzer/bundle/source/zstd_source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/* The longest frame header: magic, descriptor, window, dictionary id, content size. */
enum { FRAME_HEADER_BYTES = 18, FRAME_START_BYTES = 5, BLOCK_HEADER_BYTES = 3 };
enum { OUTPUT_BYTES = 128 << 10 }; /* the largest block */

struct zstd_source {
    struct byte_input *input;
    const struct bundle_limits *limits;
    ZSTD_DCtx *decoder;
    struct slice packed; /* what is left of the input's current chunk             */
    size_t hint;         /* bytes that the decoder would like next                */
    char *output;
    bool inside_frame, output_was_full;
    unsigned char head[FRAME_HEADER_BYTES]; /* the current frame's first bytes */
    size_t head_bytes;
    uint64_t unpacked_bytes;
    struct failure failed;
};

static bool could_be_magic(const unsigned char *bytes, size_t count)
{
    static const unsigned char frame[4] = {0x28, 0xb5, 0x2f, 0xfd};
    static const unsigned char skippable[4] = {0x50, 0x2a, 0x4d, 0x18};
    bool is_frame = true, is_skippable = true;
    for (size_t i = 0; i < count && i < sizeof frame; i++) {
        is_frame = is_frame && bytes[i] == frame[i];
        /* The low four bits of a skippable frame's first byte are free. */
        is_skippable = is_skippable && (i == 0 ? bytes[i] & 0xf0U : bytes[i]) == skippable[i];
    }
    return is_frame || is_skippable;
}

bool zstd_source_recognises(struct slice start)
{
    return start.length_bytes > 0 &&
           could_be_magic((const unsigned char *)start.at, start.length_bytes);
}

struct zstd_source *zstd_source_create(struct byte_input *input, const struct bundle_limits *limits,
                                       struct failure *why)
{
    struct zstd_source *source = calloc(1, sizeof *source);
    if (source) {
        source->input = input;
        source->limits = limits;
        source->output = malloc(OUTPUT_BYTES);
        source->decoder = ZSTD_createDCtx();
    }
    if (!source || !source->output || !source->decoder) {
        zstd_source_free(source);
        failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
        return NULL;
    }
    int window_log = limits->window_log > 31 ? 31 : (int)limits->window_log;
    size_t set = ZSTD_DCtx_setParameter(source->decoder, ZSTD_d_windowLogMax, window_log);
    if (ZSTD_isError(set)) {
        failure_set(why, FAILURE_USAGE, 0, "window_log of %d is not possible: %s", window_log,
                    ZSTD_getErrorName(set));
        zstd_source_free(source);
        return NULL;
    }
    return source;
}

void zstd_source_free(struct zstd_source *source)
{
    if (!source)
        return;
    ZSTD_freeDCtx(source->decoder);
    free(source->output);
    free(source);
}

uint64_t zstd_source_unpacked_bytes(const struct zstd_source *source)
{
    return source->unpacked_bytes;
}

/* Where in the packed input the decoder stands. */
static uint64_t packed_position(const struct zstd_source *source)
{
    return source->input->consumed_bytes - source->packed.length_bytes;
}

/* Remembers the start of a frame: an error names what its header asks for. */
static void keep_head(struct zstd_source *source, struct slice fed)
{
    for (size_t i = 0; i < fed.length_bytes && source->head_bytes < FRAME_HEADER_BYTES; i++)
        source->head[source->head_bytes++] = (unsigned char)fed.at[i];
}

/* The window that the frame's header asks for. Layout: RFC 8878, section 3.1.1.1. Only called
 * when libzstd refused the window, hence with a complete header. */
static uint64_t window_asked_for(const struct zstd_source *source)
{
    unsigned descriptor = source->head[4];
    if (!(descriptor & 0x20)) {
        unsigned exponent = source->head[5] >> 3, mantissa = source->head[5] & 7;
        uint64_t base = UINT64_C(1) << (10 + exponent);
        return base + base / 8 * mantissa;
    }
    static const unsigned dictionary_bytes[4] = {0, 1, 2, 4};
    static const unsigned content_bytes[4] = {1, 2, 4, 8};
    const unsigned char *at = source->head + 5 + dictionary_bytes[descriptor & 3];
    uint64_t content = 0;
    for (unsigned i = 0; i < content_bytes[descriptor >> 6]; i++)
        content |= (uint64_t)at[i] << (8 * i);
    return content;
}

static void decoder_failed(struct zstd_source *source, size_t error)
{
    struct failure *failed = &source->failed;
    uint64_t position = packed_position(source);
    switch (ZSTD_getErrorCode(error)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        limit_holds("window_log: the window in bytes", window_asked_for(source),
                    UINT64_C(1) << source->limits->window_log, failed);
        failed->position = position;
        break;
    case ZSTD_error_memory_allocation:
        failure_set(failed, FAILURE_SYSTEM, position, "out of memory");
        break;
    case ZSTD_error_checksum_wrong:
        failure_set(failed, FAILURE_DAMAGED, position, "the checksum of a zstd frame is wrong");
        break;
    case ZSTD_error_prefix_unknown:
        failure_set(failed, FAILURE_DAMAGED, position, "what follows here is no zstd frame");
        break;
    default:
        failure_set(failed, FAILURE_DAMAGED, position, "damaged zstd frame: %s",
                    ZSTD_getErrorName(error));
    }
}

/* The input has no more bytes: at the border of frames that is the end. */
static enum stream_result input_ended(struct zstd_source *source)
{
    uint64_t position = source->input->consumed_bytes;
    if (!source->inside_frame)
        return STREAM_END;
    if (could_be_magic(source->head, source->head_bytes))
        failure_set(&source->failed, FAILURE_TRUNCATED, position,
                    "ends in the middle of a zstd frame");
    else
        failure_set(&source->failed, FAILURE_DAMAGED, position - source->head_bytes,
                    "what follows here is no zstd frame");
    return STREAM_BROKEN;
}

/* What to feed next: at most one block, without the header of the block after it (which the
 * decoder's hint includes). libzstd forgets the output of a call that ends in an error, so a
 * call must not decode a good block and then stumble over what follows. */
static struct slice next_meal(const struct zstd_source *source)
{
    size_t wanted = FRAME_START_BYTES;
    if (source->inside_frame)
        wanted =
            source->hint > BLOCK_HEADER_BYTES ? source->hint - BLOCK_HEADER_BYTES : source->hint;
    if (wanted > source->packed.length_bytes)
        wanted = source->packed.length_bytes;
    return (struct slice){source->packed.at, wanted};
}

/* One call of the decoder; how many bytes it gave. */
static size_t decode(struct zstd_source *source)
{
    struct slice meal = next_meal(source);
    ZSTD_inBuffer in = {.src = meal.at, .size = meal.length_bytes};
    ZSTD_outBuffer out = {.dst = source->output, .size = OUTPUT_BYTES};
    if (!source->inside_frame)
        source->head_bytes = 0;
    source->inside_frame = true;
    source->hint = ZSTD_decompressStream(source->decoder, &out, &in);
    if (ZSTD_isError(source->hint)) {
        keep_head(source, meal);
        decoder_failed(source, source->hint);
        return 0;
    }
    keep_head(source, (struct slice){meal.at, in.pos});
    source->packed = slice_skip(source->packed, in.pos);
    source->inside_frame = source->hint != 0;
    source->output_was_full = out.pos == out.size;
    source->unpacked_bytes += out.pos;
    limit_flow_holds(source->limits, packed_position(source), source->unpacked_bytes,
                     &source->failed);
    return out.pos;
}

/* Sees to it that the decoder can be called; END when the input ends at a border of frames. */
static enum stream_result refill(struct zstd_source *source)
{
    bool holds_output = source->inside_frame && source->output_was_full;
    if (source->packed.length_bytes > 0 || holds_output)
        return STREAM_DATA;
    if (!byte_input_next(source->input, &source->packed, &source->failed))
        return STREAM_BROKEN;
    return source->packed.length_bytes > 0 ? STREAM_DATA : input_ended(source);
}

enum stream_result zstd_source_next(struct zstd_source *source, struct slice *chunk,
                                    struct failure *why)
{
    while (source->failed.kind == FAILURE_NONE) {
        enum stream_result ready = refill(source);
        if (ready == STREAM_END)
            return STREAM_END;
        size_t produced = ready == STREAM_DATA ? decode(source) : 0;
        if (produced > 0) {
            *chunk = (struct slice){source->output, produced};
            return STREAM_DATA;
        }
    }
    failure_set(why, source->failed.kind, source->failed.position, "%s", source->failed.message);
    return STREAM_BROKEN;
}
