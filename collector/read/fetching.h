/* One fetch under way: what the files of fetch() share. Not for other folders. */
#pragma once

#include "collector/read/fetch.h"

struct fetching {
    struct fetcher *fetcher;
    const struct fetch_request *request;
    fetch_sink *sink;
    void *context;
    struct fetch_result *result;
    struct mapping_counter counter;
};

/* Sets outcome, error and duration. */
void fetching_finish(struct fetch_result *result, enum outcome outcome, int error);

/* Gives the first `length` bytes of the buffer to the sink. */
bool fetching_emit(struct fetching *p, size_t length, bool last, struct failure *why);

/* A signal asks to stop, or the time is over. */
bool fetching_must_stop(const struct fetch_request *request);

/* Something was read: `held` bytes are in the buffer. A watcher sees that we live. */
void fetching_watch(const struct fetching *p, size_t held);

/* Leaves what was read alone for a while: reading took `busy_ns`, which shall be no more than
 * the share of all. */
void fetching_pause(struct fetching *p, uint64_t busy_ns);

/* fetch_descriptors.c, fetch_census.c, fetch_pages.c, fetch_shared_mm.c: as fetch(). */
bool fetch_descriptors(struct fetching *p, struct failure *why);
bool fetch_census(struct fetching *p, struct failure *why);
bool fetch_pages(struct fetching *p, struct failure *why);
bool fetch_shared_mm(struct fetching *p, struct failure *why);
