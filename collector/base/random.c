#include "collector/base/random.h"

#include "collector/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RANDOM_FILE "/dev/urandom" /* where the kernel has no getrandom(2): before Linux 3.17 */

static ssize_t ask_kernel(void *to, size_t length)
{
#ifdef SYS_getrandom
    return syscall(SYS_getrandom, to, length, 0);
#else
    (void)to, (void)length;
    errno = ENOSYS;
    return -1;
#endif
}

bool random_bytes(void *to, size_t length)
{
    uint8_t *at = to;
    AUTO_CLOSE int file = -1;
    while (length > 0) {
        ssize_t got = file < 0 ? ask_kernel(at, length) : read(file, at, length);
        if (got > 0) {
            at += got;
            length -= (size_t)got;
        } else if (got == 0 || (errno != EINTR && (errno != ENOSYS || file >= 0))) {
            return false;
        } else if (errno == ENOSYS && (file = open(RANDOM_FILE, O_RDONLY | O_CLOEXEC)) < 0) {
            return false;
        }
    }
    return true;
}
