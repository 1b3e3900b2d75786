/* Targets: cgroup_stat_parse, cgroup_events_parse, cgroup_counts_parse, cgroup_number_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/cgroup_stat.h"

static void stat_of(struct slice text)
{
    struct failure why = {0};
    struct field_record result;
    enum cgroup_version version = CGROUP_VERSION_UNKNOWN;
    fuzz_poison(&result, sizeof result);
    bool parsed = cgroup_stat_parse(text, &result, &version, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    fuzz_require(parsed == (version != CGROUP_VERSION_UNKNOWN));
    if (!parsed)
        return;
    fuzz_require(
        result.present[version == CGROUP_VERSION_2 ? (int)CGROUP_V2_ANON : (int)CGROUP_V1_CACHE]);
    field_record_deinit(&result);
}

static void events_of(struct slice text)
{
    struct failure why = {0};
    struct field_record result;
    fuzz_poison(&result, sizeof result);
    bool parsed = cgroup_events_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (!parsed)
        return;
    fuzz_require(result.present[CGROUP_EVENT_MAX]);
    field_record_deinit(&result);
}

static void counts_of(struct slice text)
{
    struct failure why = {0};
    struct cgroup_counts result;
    fuzz_poison(&result, sizeof result);
    bool parsed = cgroup_counts_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
}

static void number_of(struct slice text)
{
    struct failure why = {0};
    uint64_t value;
    bool is_max = false;
    fuzz_poison(&value, sizeof value);
    bool parsed = cgroup_number_parse(text, &value, &is_max, &why);
    fuzz_check(parsed, &why, &value, sizeof value);
    if (parsed)
        fuzz_require(!is_max || value == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    stat_of(text);
    events_of(text);
    counts_of(text);
    number_of(text);
    return 0;
}
