#include "collector/series.h"

#include "collector/base/clock.h"
#include "collector/base/interrupt.h"

#define NS_PER_SECOND UINT64_C(1000000000)

void series_begin(struct series *series, const struct collect_options *options)
{
    *series = (struct series){.options = options,
                              .first_ns = clock_monotonic_ns(),
                              .second = clock_realtime_ns() / NS_PER_SECOND};
}

/* The next step that is not over yet. */
static uint64_t next_step(const struct series *series, uint64_t now_ns)
{
    uint64_t passed = (now_ns - series->first_ns) / series->options->every_ns;
    return passed > series->steps ? passed + 1 : series->steps + 1;
}

/* Names have whole seconds, and a step of one second may begin twice within one. */
static bool leave_second(const struct series *series)
{
    uint64_t now_ns = clock_realtime_ns();
    return now_ns / NS_PER_SECOND != series->second ||
           interrupt_sleep(NS_PER_SECOND - now_ns % NS_PER_SECOND);
}

bool series_wait(struct series *series)
{
    const struct collect_options *options = series->options;
    series->taken++;
    if (!options->is_series || (options->repeat && series->taken >= options->repeat) ||
        interrupt_postponed())
        return false;
    uint64_t now_ns = clock_monotonic_ns();
    series->steps = next_step(series, now_ns);
    uint64_t moment_ns = series->first_ns + series->steps * options->every_ns;
    if ((moment_ns > now_ns && !interrupt_sleep(moment_ns - now_ns)) || !leave_second(series))
        return false;
    series->second = clock_realtime_ns() / NS_PER_SECOND;
    return true;
}
