/* Who took which snapshot when: known of all bundles before the first is analysed. Some hundred bytes
 * a bundle are all that grows with their number. */
#pragma once

#include "analyzer/base/string_pool.h"
#include "analyzer/compare/trend_series.h"
#include "analyzer/model/snapshot.h"

struct trend_bundle {
    const char *file; /* the caller's */
    int64_t taken_at_ns;
    bool has_time;
    uint32_t host, boot, kernel, label; /* string ids of trend_order.texts; 0: absent */
    uint64_t page_size_bytes;           /* 0: unknown                                 */
    size_t given;                       /* which of the caller's it is                */
};

struct trend_order {
    struct trend_bundle *bundles;
    size_t count, capacity;
    struct string_pool texts;
    /* Set by trend_order_sort(). false only when two bundles are known and differ. */
    bool same_host, same_boot, same_kernel, same_page_size;
    bool is_timed; /* all tell their time; else they stay as given, and have no slope */
};

bool trend_order_init(struct trend_order *order, struct failure *why);
void trend_order_deinit(struct trend_order *order);

/* `file` is borrowed, of `identity` what matters is copied. */
bool trend_order_add(struct trend_order *order, const char *file, size_t given,
                     const struct identity *identity, struct failure *why);

/* Takes out a bundle that cannot be read after all. */
void trend_order_remove(struct trend_order *order, size_t index);

/* By time; equal times as given. */
void trend_order_sort(struct trend_order *order);

/* Whether it is the same snapshot as the one before it in the order: same host, boot and moment.
 * `index` is above 0. */
bool trend_order_is_copy(const struct trend_order *order, size_t index);

struct trend_moment trend_order_moment(const struct trend_order *order, size_t index);

/* Borrowed; empty when absent. */
struct slice trend_order_text(const struct trend_order *order, uint32_t id);
