#include "collector/base/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t signal_seen, postponing, postponed;
static const char *volatile path_to_remove;
static volatile int *volatile told;

static void on_signal(int number)
{
    if (postponing && !postponed) {
        postponed = number;
        return;
    }
    if (!signal_seen) {
        signal_seen = number;
        if (told)
            *told = number;
        return;
    }
    const char *path = path_to_remove;
    if (path)
        unlink(path);
    _exit(EXIT_NOTHING_WRITTEN);
}

static void install(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

/* nohup and background jobs start us with a signal ignored: it stays so. */
static void install_unless_ignored(int number)
{
    struct sigaction current = {0};
    if (sigaction(number, NULL, &current) == 0 && current.sa_handler == SIG_IGN)
        return;
    install(number, on_signal);
}

void interrupt_install(void)
{
    install_unless_ignored(SIGINT);
    install_unless_ignored(SIGTERM);
    install_unless_ignored(SIGHUP);
    install(SIGPIPE, SIG_IGN);
    install(SIGXFSZ, SIG_IGN);
}

int interrupt_signal(void)
{
    return signal_seen || !told ? (int)signal_seen : *told;
}

void interrupt_postpone(void)
{
    postponing = 1;
}

bool interrupt_postponed(void)
{
    return postponed != 0;
}

/* Signals are held back until ppoll() waits, so that none comes unseen between the look and the sleep. */
bool interrupt_sleep(uint64_t duration_ns)
{
    const struct timespec left = {.tv_sec = (time_t)(duration_ns / 1000000000u),
                                  .tv_nsec = (long)(duration_ns % 1000000000u)};
    sigset_t before;
    sigprocmask(SIG_BLOCK, NULL, &before);
    interrupt_hold(true);
    bool quiet = !postponed && !signal_seen && ppoll(NULL, 0, &left, &before) == 0;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return quiet;
}

void interrupt_tells(volatile int *shared)
{
    told = shared;
    if (shared)
        *shared = (int)signal_seen;
}

const char *interrupt_name(void)
{
    switch (signal_seen) {
    case SIGINT:
        return "SIGINT";
    case SIGTERM:
        return "SIGTERM";
    case SIGHUP:
        return "SIGHUP";
    default:
        return "none";
    }
}

void interrupt_removes(const char *temporary_path)
{
    path_to_remove = temporary_path;
}

void interrupt_hold(bool hold)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &signals, NULL);
}
