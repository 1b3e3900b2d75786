#include "analyzer/compare/trend_order.h"

#include <stdlib.h>

#include "analyzer/base/array.h"

static bool out_of_memory(struct failure *why)
{
    return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

bool trend_order_init(struct trend_order *order, struct failure *why)
{
    *order = (struct trend_order){0};
    return string_pool_init(&order->texts) || out_of_memory(why);
}

void trend_order_deinit(struct trend_order *order)
{
    string_pool_deinit(&order->texts);
    free(order->bundles);
    *order = (struct trend_order){0};
}

bool trend_order_add(struct trend_order *order, const char *file, size_t given,
                     const struct identity *identity, struct failure *why)
{
    struct trend_bundle bundle = {
        .file = file,
        .taken_at_ns = identity->taken_at_ns,
        .has_time = identity->taken_at_source != NULL,
        .page_size_bytes = identity->page_size_source ? identity->page_size_bytes : 0,
        .given = given,
    };
    const struct {
        enum identity_fact fact;
        uint32_t *id;
    } texts[] = {
        {IDENTITY_HOST,    &bundle.host  },
        {IDENTITY_BOOT_ID, &bundle.boot  },
        {IDENTITY_KERNEL,  &bundle.kernel},
        {IDENTITY_LABEL,   &bundle.label },
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text = identity->text[texts[i].fact];
        if (text && !string_pool_add(&order->texts, slice_of(text), texts[i].id))
            return out_of_memory(why);
    }
    struct trend_bundle *slot = ARRAY_PUSH(order->bundles, order->count, order->capacity);
    if (!slot)
        return out_of_memory(why);
    *slot = bundle;
    return true;
}

void trend_order_remove(struct trend_order *order, size_t index)
{
    order->count--;
    memmove(&order->bundles[index], &order->bundles[index + 1],
            (order->count - index) * sizeof *order->bundles);
}

static int by_time(const void *a, const void *b)
{
    const struct trend_bundle *left = a, *right = b;
    if (left->taken_at_ns != right->taken_at_ns)
        return left->taken_at_ns < right->taken_at_ns ? -1 : 1;
    return left->given < right->given ? -1 : left->given > right->given;
}

/* Whether no known value of a fact differs from the first known one. */
static bool is_same(const struct trend_order *order, uint64_t (*fact)(const struct trend_bundle *))
{
    uint64_t first = 0;
    for (size_t i = 0; i < order->count; i++) {
        uint64_t value = fact(&order->bundles[i]);
        if (first && value && value != first)
            return false;
        first = first ? first : value;
    }
    return true;
}

static uint64_t host_of(const struct trend_bundle *bundle)
{
    return bundle->host;
}

static uint64_t boot_of(const struct trend_bundle *bundle)
{
    return bundle->boot;
}

static uint64_t kernel_of(const struct trend_bundle *bundle)
{
    return bundle->kernel;
}

static uint64_t page_size_of(const struct trend_bundle *bundle)
{
    return bundle->page_size_bytes;
}

void trend_order_sort(struct trend_order *order)
{
    order->is_timed = true;
    for (size_t i = 0; i < order->count; i++)
        order->is_timed = order->is_timed && order->bundles[i].has_time;
    if (order->is_timed && order->count)
        qsort(order->bundles, order->count, sizeof *order->bundles, by_time);
    order->same_host = is_same(order, host_of);
    order->same_boot = is_same(order, boot_of) && order->same_host;
    order->same_kernel = is_same(order, kernel_of);
    order->same_page_size = is_same(order, page_size_of);
}

bool trend_order_is_copy(const struct trend_order *order, size_t index)
{
    const struct trend_bundle *bundle = &order->bundles[index], *before = bundle - 1;
    return bundle->has_time && before->has_time && bundle->boot &&
           bundle->taken_at_ns == before->taken_at_ns && bundle->host == before->host &&
           bundle->boot == before->boot;
}

static double seconds_since_first(const struct trend_order *order, size_t index)
{
    if (!order->is_timed)
        return 0;
    int64_t nanoseconds;
    if (__builtin_sub_overflow(order->bundles[index].taken_at_ns, order->bundles[0].taken_at_ns,
                               &nanoseconds))
        return 0;
    return (double)nanoseconds / 1e9;
}

struct trend_moment trend_order_moment(const struct trend_order *order, size_t index)
{
    return (struct trend_moment){.seconds = seconds_since_first(order, index),
                                 .last_seconds = seconds_since_first(order, order->count - 1),
                                 .index = (uint32_t)index,
                                 .count = (uint32_t)order->count};
}

struct slice trend_order_text(const struct trend_order *order, uint32_t id)
{
    return string_pool_get(&order->texts, id);
}
