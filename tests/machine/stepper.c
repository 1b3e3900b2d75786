/* Maps four pages, reads them, writes them: a step for each line of standard input, each answered by a
 * line with what was done, so that a snapshot can be taken between two steps.
 *
 *     stepper
 *
 * Prints "ready PAGE_BYTES", then "mapped ADDRESS", "read", "written". Nothing else of it moves: what
 * the answers need was touched before. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES 4

static size_t page_bytes;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void answer(const char *text)
{
    size_t length = strlen(text);
    if (write(STDOUT_FILENO, text, length) != (ssize_t)length)
        fail("write");
}

static void wait_for_line(void)
{
    char letter = 0;
    while (letter != '\n')
        if (read(STDIN_FILENO, &letter, 1) != 1)
            exit(0);
}

static void *map_pages(void *where, size_t pages, int flags)
{
    void *at = mmap(where, pages * page_bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    if (at == MAP_FAILED)
        fail("mmap");
    return at;
}

/* Room with nothing beside it, for the kernel would make one mapping of two neighbours. */
static char *lonely_place(void)
{
    char *room = map_pages(NULL, 3 * PAGES, 0);
    if (munmap(room, 3 * PAGES * page_bytes) < 0)
        fail("munmap");
    return room + PAGES * page_bytes;
}

static void step(volatile char *pages, int to_write)
{
    for (size_t i = 0; i < PAGES; i++) {
        if (to_write)
            pages[i * page_bytes] = 1;
        else
            (void)pages[i * page_bytes];
    }
}

int main(void)
{
    char text[64];
    page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    snprintf(text, sizeof text, "ready %zu\n", page_bytes);
    char *place = lonely_place();
    /* once through all, so that its own code and stack are there already */
    char *trial = map_pages(place, PAGES, 0);
    step(trial, 0);
    step(trial, 1);
    if (munmap(trial, PAGES * page_bytes) < 0)
        fail("munmap");
    answer(text);
    wait_for_line();
    answer("again\n");
    wait_for_line();
    char *pages = map_pages(place, PAGES, 0);
    snprintf(text, sizeof text, "mapped %" PRIxPTR "\n", (uintptr_t)pages);
    answer(text);
    wait_for_line();
    step(pages, 0);
    answer("read\n");
    wait_for_line();
    step(pages, 1);
    answer("written\n");
    wait_for_line();
    return 0;
}
