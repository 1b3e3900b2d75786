/* Bytes into zstd frames, the one file that knows libzstd. */
#pragma once

#include "collector/pack/output_file.h"

struct ZSTD_CCtx_s;

/* Chosen for the memory: the window is what most of the program's resident size is made of,
 * and a reader needs as much. smaps repeats itself within a few kB. */
#define FRAME_LEVEL      1
#define FRAME_WINDOW_LOG 19

struct frame_writer {
    struct ZSTD_CCtx_s *context;
    char *buffer;
    size_t buffer_bytes;
    struct output_file *output; /* the caller's */
    bool open;                  /* a frame has begun */
};

bool frame_writer_init(struct frame_writer *frames, struct output_file *output,
                       struct failure *why);
bool frame_writer_add(struct frame_writer *frames, const void *bytes, size_t length,
                      struct failure *why);

/* Ends the frame with its checksum and hands all of it to the output; the next byte starts
 * another. Nothing if no frame is open. */
bool frame_writer_end(struct frame_writer *frames, struct failure *why);
void frame_writer_deinit(struct frame_writer *frames);
