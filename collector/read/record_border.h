/* Where a text that does not fit into one buffer may be cut, and how many mappings it holds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_shape {
    RECORDS_LINES,    /* a record is a line                                          */
    RECORDS_MAPPINGS, /* smaps: a record starts at a line "FROM-TO " in hexadecimal  */
    RECORDS_STRINGS,  /* cmdline: strings that end with NUL                          */
};

/* The number of bytes of bytes[0..length) that can go out while at least one byte stays
 * behind: up to the start of the last record. A mapping longer than the buffer is cut at a
 * line. 0 if there is no border at all. */
size_t record_border(const char *bytes, size_t length, enum record_shape shape);

/* Does this line (which need not be complete) open a mapping? */
bool opens_mapping(const char *line, size_t length);

/* Counts mapping headers in pieces of text that start at a line. Learns the distance from
 * the end of a header to "VmFlags:", which is nearly always the same, so that a record costs
 * three looks instead of twenty-five. Start from zeros. */
struct mapping_counter {
    uint64_t mappings;
    size_t body_bytes; /* from the end of a header line to "VmFlags:"; 0 unknown */
};

void mapping_count(struct mapping_counter *counter, const char *bytes, size_t length);
