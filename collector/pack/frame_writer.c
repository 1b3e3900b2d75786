#include "collector/pack/frame_writer.h"

#include <stdlib.h>
#include <zstd.h>

#define OUT_BYTES ((size_t)64 * 1024)

static bool zstd_failed(size_t code, struct failure *why)
{
    return failure_set(why, FAILURE_SYSTEM, 0, "cannot compress: %s", ZSTD_getErrorName(code));
}

bool frame_writer_init(struct frame_writer *frames, struct output_file *output, struct failure *why)
{
    *frames = (struct frame_writer){.output = output, .buffer_bytes = OUT_BYTES};
    frames->context = ZSTD_createCCtx();
    frames->buffer = malloc(frames->buffer_bytes);
    if (!frames->context || !frames->buffer)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    static const struct {
        ZSTD_cParameter parameter;
        int value;
    } settings[] = {
        {ZSTD_c_compressionLevel, FRAME_LEVEL     },
        {ZSTD_c_windowLog,        FRAME_WINDOW_LOG},
        {ZSTD_c_checksumFlag,     1               },
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        size_t code =
            ZSTD_CCtx_setParameter(frames->context, settings[i].parameter, settings[i].value);
        if (ZSTD_isError(code))
            return zstd_failed(code, why);
    }
    return true;
}

static bool compress(struct frame_writer *frames, const void *bytes, size_t length,
                     ZSTD_EndDirective directive, struct failure *why)
{
    ZSTD_inBuffer in = {bytes, length, 0};
    for (;;) {
        ZSTD_outBuffer out = {frames->buffer, frames->buffer_bytes, 0};
        size_t left = ZSTD_compressStream2(frames->context, &out, &in, directive);
        if (ZSTD_isError(left))
            return zstd_failed(left, why);
        if (out.pos && !output_write(frames->output, frames->buffer, out.pos, why))
            return false;
        if (directive == ZSTD_e_end ? left == 0 : in.pos == in.size)
            return true;
    }
}

bool frame_writer_add(struct frame_writer *frames, const void *bytes, size_t length,
                      struct failure *why)
{
    frames->open = true;
    return compress(frames, bytes, length, ZSTD_e_continue, why);
}

bool frame_writer_end(struct frame_writer *frames, struct failure *why)
{
    if (!frames->open)
        return true;
    frames->open = false;
    return compress(frames, NULL, 0, ZSTD_e_end, why);
}

void frame_writer_deinit(struct frame_writer *frames)
{
    ZSTD_freeCCtx(frames->context);
    free(frames->buffer);
    *frames = (struct frame_writer){0};
}
