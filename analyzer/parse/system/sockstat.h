/* /proc/net/sockstat and sockstat6: "TCP: inuse 5 orphan 0 ... mem 3". `mem` of TCP and UDP is in
 * pages, `memory` of FRAG in bytes. Source: net/ipv4/proc.c. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

/* Far above any kernel's (some 20), for each is compared with all others. */
#define SOCKSTAT_VALUES_MAX 256u

struct sockstat_value {
    char protocol[16]; /* "TCP" */
    char name[16];     /* "mem" */
    uint64_t value;
};

struct sockstat {
    struct sockstat_value *values; /* owned */
    size_t count;
};

/* Figures below zero (per-CPU counts not folded yet) are absent. */
void sockstat_deinit(struct sockstat *sockstat);
bool sockstat_parse(struct slice text, struct sockstat *out, struct failure *why);
/* False when the kernel printed no such figure. */
bool sockstat_get(const struct sockstat *sockstat, const char *protocol, const char *name,
                  uint64_t *value);
