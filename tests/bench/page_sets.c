/* How long it takes to find who shares which pages, over sorting as many random 64-bit numbers.
 *
 *     page_sets [PAGES]       mapped pages in all, 10 million if not told
 *
 * A thousand processes in families of ten. Each page lies in a run of its own, which is the worst case, at a
 * random frame: seven of ten are one process's, two are shared by some of a family, the last by many. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "analyzer/account/page_sharing.h"

enum { PROCESSES = 1000, FAMILY = 10, MANY = 50 };

static uint64_t seed = 1;

static uint64_t chance(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 8) % below;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void stop(const char *what)
{
    fprintf(stderr, "page_sets: %s\n", what);
    exit(1);
}

static void map(struct page_store *store, uint32_t process, uint64_t frame, unsigned mappers)
{
    struct page_run like = {.mapping = process,
                            .mapcount = (uint16_t)mappers,
                            .attributes = PAGES_FLAG_ANON | PAGES_FLAG_SWAPBACKED};
    if (!page_runs_add(&store->frames, like, frame, 1))
        stop("out of memory");
}

/* Frames in a random order; hardly any two are alike. */
static uint64_t frame_of(uint64_t number)
{
    return (number * UINT64_C(0x9e3779b97f4a7c15)) >> 32;
}

static void fill(struct page_store *store, uint64_t pages)
{
    for (uint64_t number = 0; store->frames.count < pages; number++) {
        uint64_t sort = chance(10), frame = frame_of(number);
        uint32_t first = (uint32_t)chance(PROCESSES);
        if (sort < 7) {
            map(store, first, frame, 1);
        } else if (sort < 9) {
            first -= first % FAMILY;
            for (uint32_t i = 0; i < FAMILY / 2; i++)
                map(store, first + 2 * i, frame, FAMILY / 2);
        } else {
            for (uint32_t i = 0; i < MANY; i++)
                map(store, (PROCESSES / MANY) * i, frame, MANY);
        }
    }
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static double time_qsort(uint64_t count)
{
    uint64_t *numbers = malloc(count * sizeof *numbers);
    if (!numbers)
        stop("out of memory");
    for (uint64_t i = 0; i < count; i++)
        numbers[i] = chance(UINT64_MAX);
    double begin = seconds();
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    double took = seconds() - begin;
    free(numbers);
    return took;
}

static uint64_t peak_bytes(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

int main(int argc, char **argv)
{
    uint64_t pages = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    struct snapshot snapshot = {.process_count = PROCESSES};
    struct page_store *store = &snapshot.pages;
    struct page_sharing sharing;
    struct failure why = {0};
    snapshot.processes = calloc(PROCESSES, sizeof *snapshot.processes);
    store->mappings = calloc(PROCESSES, sizeof *store->mappings);
    if (!snapshot.processes || !store->mappings)
        stop("out of memory");
    store->page_bytes = 4096;
    store->has_mapcounts = true;
    for (uint32_t i = 0; i < PROCESSES; i++)
        store->mappings[i].process = i;
    fill(store, pages);
    double begin = seconds();
    page_runs_sort(&store->frames);
    double sorted = seconds();
    if (!page_sharing_compute(&snapshot, &sharing, &why))
        stop(why.message);
    double swept = seconds();
    uint64_t peak = peak_bytes();
    printf("%zu mapped pages, %zu sets, peak memory %.2f bytes a page\n", store->frames.count,
           sharing.sets.count, (double)peak / (double)store->frames.count);
    uint64_t count = store->frames.count;
    page_sharing_deinit(&sharing);
    page_store_deinit(store);
    free(snapshot.processes);
    double of_library = time_qsort(count);
    printf("sort the runs and find the sets / qsort of as many 64-bit numbers: %.2f\n",
           (swept - begin) / of_library);
    printf("sort the runs and find the sets / sorting the runs alone: %.2f\n",
           (swept - begin) / (sorted - begin));
    return 0;
}
