/* SIGINT, SIGTERM and SIGHUP: the first asks the run to stop and finish its bundle; a second
 * removes the temporary file and ends the program at once with EXIT_NOTHING_WRITTEN. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define EXIT_COMPLETE        0
#define EXIT_CUT_SHORT       1 /* a signal came: the bundle is finished, but not complete */
#define EXIT_USAGE           2
#define EXIT_NOTHING_WRITTEN 3

/* Installs the handlers; also ignores SIGPIPE and SIGXFSZ, so that a closed pipe and a file
 * size limit come back as errors of write(2). */
void interrupt_install(void);

/* The signal that asked to stop, or 0. */
int interrupt_signal(void);

/* In a series the first signal only asks for no further bundle, so that all are whole; the next one is
 * then the first of those above. */
void interrupt_postpone(void);

/* Whether that first signal came. */
bool interrupt_postponed(void);

/* Sleeps so long. False: a signal came. */
bool interrupt_sleep(uint64_t duration_ns);

/* Where the signal is told as well, in memory shared with processes that are forked later:
 * there interrupt_signal() reads it. NULL for nowhere. */
void interrupt_tells(volatile int *shared);

/* "SIGTERM", ... of interrupt_signal(); static. */
const char *interrupt_name(void);

/* The file that a second signal removes; NULL for none. The string must stay. */
void interrupt_removes(const char *temporary_path);

/* Keeps the signals back while a file is made and named to interrupt_removes(): two of them in
 * between would leave it behind. */
void interrupt_hold(bool hold);
