#include "analyzer/account/kernel_report.h"

static const char *const section_words[] = {
#define SECTION_WORD(constant, word) [KERNEL_##constant##_SECTION] = word,
    KERNEL_SECTIONS(SECTION_WORD)
#undef SECTION_WORD
};

const char *kernel_section_word(enum kernel_section section)
{
    return section_words[section];
}

bool kernel_report_compute(const struct snapshot *snapshot, struct kernel_report *out,
                           struct failure *why)
{
    struct failure no_meminfo = {0};
    struct kernel_report report = {0};
    report.has_terms =
        system_terms_compute(snapshot, &snapshot->system.now, &report.terms, &no_meminfo);
    if (!report.has_terms)
        report.terms = (struct system_terms){0};
    bool ok = kernel_usage_compute(snapshot, &report.usage, why) &&
              kernel_holders_compute(snapshot, &report.holders, why) &&
              kernel_pools_compute(snapshot, &report.terms, &report.pools, why) &&
              shared_memory_compute(snapshot, &report.shared, why);
    if (!ok) {
        kernel_report_deinit(&report);
        return false;
    }
    kernel_report_balance(snapshot, &report);
    *out = report;
    return true;
}

void kernel_report_deinit(struct kernel_report *report)
{
    kernel_usage_deinit(&report->usage);
    kernel_holders_deinit(&report->holders);
    kernel_pools_deinit(&report->pools);
    shared_memory_deinit(&report->shared);
}
