/* Reading stat_refresh makes every processor fold its counters, and waits for each of them: on
 * a sick machine for ever. So a child reads it, and nobody waits for the child too long. */
#include "collector/passes/run.h"

#include "collector/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#define REFRESH_PATH        "proc/sys/vm/stat_refresh"
#define REFRESH_DEADLINE_MS 2000

/* Reads the file and says one byte: the errno, 0 for none. */
static _Noreturn void refresh_and_exit(int root, int result)
{
    char byte = 0;
    int file = openat(root, REFRESH_PATH, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, &byte, 1) < 0)
        byte = (char)errno;
    _exit(write(result, &byte, 1) == 1 ? 0 : 1);
}

static int await(int result)
{
    struct pollfd waited = {.fd = result, .events = POLLIN};
    int ready = poll(&waited, 1, REFRESH_DEADLINE_MS);
    unsigned char error = 0;
    if (ready <= 0)
        return ready == 0 ? ETIMEDOUT : EINTR;
    return read(result, &error, 1) == 1 ? error : EIO;
}

/* 0, or an errno. A child that does not answer is killed; if it cannot die it is left. */
static int refresh(int root)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    AUTO_CLOSE int result = ends[0];
    pid_t child = fork();
    if (child == 0)
        refresh_and_exit(root, ends[1]);
    int error = errno;
    close(ends[1]);
    if (child < 0)
        return error;
    error = await(result);
    if (error == ETIMEDOUT || error == EINTR) {
        kill(child, SIGKILL);
        waitpid(child, NULL, WNOHANG);
        return error;
    }
    waitpid(child, NULL, 0);
    return error;
}

bool run_refresh(struct run *run, struct failure *why)
{
    /* Of a copied tree there is nothing to refresh, and only root may. */
    if (!run->tree.live || geteuid() != 0)
        return run_record_outcome(run, REFRESH_PATH, OUTCOME_SKIPPED, 0, why);
    int error = refresh(run->tree.root);
    enum outcome outcome = error ? outcome_from_errno(error) : OUTCOME_EMPTY;
    return run_record_outcome(run, REFRESH_PATH, outcome, error, why);
}
