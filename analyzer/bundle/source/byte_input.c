#include "analyzer/bundle/source/byte_input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUT_BUFFER_BYTES = 256 << 10 };

bool byte_input_init(struct byte_input *input, int fd, bool owns_fd, struct failure *why)
{
    struct stat status;
    *input = (struct byte_input){.fd = fd, .owns_fd = owns_fd};
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
        input->size_bytes = (uint64_t)status.st_size;
    input->buffer = malloc(INPUT_BUFFER_BYTES);
    if (input->buffer)
        return true;
    byte_input_deinit(input);
    return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

void byte_input_deinit(struct byte_input *input)
{
    free(input->buffer);
    if (input->owns_fd && input->fd >= 0)
        close(input->fd);
    *input = (struct byte_input){.fd = -1};
}

/* One successful read(2) behind the pending bytes. */
static bool read_more(struct byte_input *input, struct failure *why)
{
    for (;;) {
        ssize_t got = read(input->fd, input->buffer + input->pending_bytes,
                           INPUT_BUFFER_BYTES - input->pending_bytes);
        if (got >= 0) {
            input->pending_bytes += (size_t)got;
            input->at_end = got == 0;
            return true;
        }
        if (errno == EAGAIN) {
            struct pollfd readable = {.fd = input->fd, .events = POLLIN};
            poll(&readable, 1, -1);
        } else if (errno != EINTR) {
            return failure_set(why, FAILURE_SYSTEM, input->consumed_bytes, "cannot read: %s",
                               strerror(errno));
        }
    }
}

bool byte_input_peek(struct byte_input *input, size_t wanted, struct slice *start,
                     struct failure *why)
{
    while (input->pending_bytes < wanted && !input->at_end)
        if (!read_more(input, why))
            return false;
    size_t seen = input->pending_bytes < wanted ? input->pending_bytes : wanted;
    *start = (struct slice){input->buffer, seen};
    return true;
}

bool byte_input_next(struct byte_input *input, struct slice *chunk, struct failure *why)
{
    if (input->pending_bytes == 0 && !input->at_end && !read_more(input, why))
        return false;
    *chunk = (struct slice){input->buffer, input->pending_bytes};
    input->consumed_bytes += input->pending_bytes;
    input->pending_bytes = 0;
    return true;
}
