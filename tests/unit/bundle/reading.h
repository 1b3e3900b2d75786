/* Reads whole bundles into memory, for tests. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/bundle/bundle.h"
#include "tests/support/bundle_builder.h"

struct read_member {
    char *path;
    struct built text;
    unsigned part;
    bool has_mtime;
    int64_t mtime_ns;
    bool complete; /* bundle_read() came to its END */
    struct failure why;
};

struct reading {
    bool opened;
    struct read_member *members;
    size_t count, capacity;
    uint64_t data_bytes;
    enum bundle_result result; /* of the last bundle_next() */
    struct failure why;        /* of it, or of bundle_open() */
    struct bundle_facts facts;
    char form[64], root[64];
};

static const struct bundle_limits default_limits = BUNDLE_LIMITS_DEFAULT;

/* Everything that can be read of a bundle at `path`, or in `bytes`. With keep false, the
 * members and their text are only counted. Free with reading_deinit(). */
struct reading read_path(const char *path, const struct bundle_limits *limits, bool keep);
struct reading read_bytes(const void *bytes, size_t count, const struct bundle_limits *limits);
struct reading count_bytes(const void *bytes, size_t count, const struct bundle_limits *limits);
void reading_deinit(struct reading *reading);

/* The member of that path, or NULL. */
const struct read_member *find_member(const struct reading *reading, const char *path);

/* Fails the test unless there is such a member with that text. */
void assert_member(const struct reading *reading, const char *path, const char *text);
