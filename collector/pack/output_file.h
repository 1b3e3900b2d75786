/* Where the bundle goes: a temporary file beside the target that is renamed when all is
 * written, or standard output. */
#pragma once

#include "schema/failure.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output_file {
    int descriptor;
    int folder; /* of the target, -1 for standard output */
    bool to_stdout;
    bool replace;   /* an existing regular file of this name is replaced */
    bool in_memory; /* on a tmpfs or ramfs: the bundle takes the memory that it tells about */
    uint64_t bytes;
    uint64_t flushed;         /* bytes that the kernel was asked to write and to forget */
    const char *path;         /* as the user will see it; the caller's */
    char temporary[PATH_MAX]; /* "" when there is none to remove */
};

/* Standard output; fails if that is a terminal. */
bool output_to_stdout(struct output_file *output, struct failure *why);

/* A new file of mode 0600 in the folder of `path`, which does not end in a slash. Without `replace` an existing `path` is a
 * failure now and when publishing; with it, only a regular file is replaced. */
bool output_to_file(struct output_file *output, const char *path, bool replace,
                    struct failure *why);

/* Fails when the file system says that fewer bytes are free. */
bool output_has_room(const struct output_file *output, uint64_t bytes, struct failure *why);

bool output_write(struct output_file *output, const void *bytes, size_t length,
                  struct failure *why);

/* Forces the file to disk and gives it its name. */
bool output_publish(struct output_file *output, struct failure *why);

/* Closes; removes the temporary file if it was not published. Safe after a failed start. */
void output_deinit(struct output_file *output);
