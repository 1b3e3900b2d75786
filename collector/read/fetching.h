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

/* fetch_descriptors.c, fetch_census.c: as fetch(). */
bool fetch_descriptors(struct fetching *p, struct failure *why);
bool fetch_census(struct fetching *p, struct failure *why);
