/* What the files of the rules share: the input of every rule, how a rule answers, and the rules
 * themselves. Not for other layers. */
#pragma once

#include "analyzer/account/object_usage.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/account/reading_error.h"
#include "analyzer/account/rules.h"
#include "analyzer/account/shared_memory.h"
#include "analyzer/account/system_terms.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

struct rule_input {
    const struct snapshot *snapshot;
    const struct ledger *ledger; /* NULL: none */
    struct system_terms terms;
    bool has_terms;
    struct process_totals totals;
    struct objects objects;
    struct shared_memory shared;
    bool *executed; /* by object of usages: at least one mapping may be executed */
    uint64_t mem_total_bytes, page_bytes;
};

/* A row of the table. In `threshold`, {limit}, {second} and {floor} stand for the numbers. */
struct rule {
    const char *id, *title;
    uint64_t limit;     /* what is compared; its unit is the rule's own */
    uint64_t second;    /* another number of the same rule, 0 none */
    uint64_t floor_mib; /* below so many MiB nothing is said, 0 none */
    const char *threshold, *meaning, *remedy, *sources;
    void (*run)(const struct rule_input *in, const struct rule *rule, struct rule_result *result);
};

/* A field of proc/meminfo; false when it is not there. */
bool rule_meminfo(const struct rule_input *in, enum meminfo_field field, uint64_t *bytes);
/* MemAvailable, or what the ledger computes where the kernel prints none. */
bool rule_available_bytes(const struct rule_input *in, uint64_t *bytes);

void rule_bytes(struct rule_result *result, const char *name, uint64_t bytes);
void rule_number(struct rule_result *result, const char *name, uint64_t number);
/* part of whole; nothing when whole is 0. */
void rule_percent(struct rule_result *result, const char *name, uint64_t part, uint64_t whole);
void rule_say(struct rule_result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void rule_judge(struct rule_result *result, bool warn);
void rule_impossible(struct rule_result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

bool rule_share_above(uint64_t part, uint64_t whole, uint64_t percent);

/* Shows `bytes` under `name` with its share of MemTotal, and warns when it is above both the limit,
 * in per cent, and the floor. */
void rule_judge_share(const struct rule_input *in, const struct rule *rule,
                      struct rule_result *result, const char *name, uint64_t bytes);

extern const struct rule rule_rows[];
extern const size_t rule_row_count;
