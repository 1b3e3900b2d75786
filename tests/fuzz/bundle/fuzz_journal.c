/* Targets: journal_parse. A journal whole and the same in two parts give the same records. */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/bundle/journal.h"

struct heard {
    uint64_t records, sum;
};

static uint64_t sum_of(struct slice text)
{
    uint64_t sum = text.length_bytes;
    for (size_t i = 0; i < text.length_bytes; i++)
        sum = sum * 31 + (unsigned char)text.at[i];
    return sum;
}

static bool hear(void *context, const struct journal_record *record, struct failure *why)
{
    struct heard *heard = context;
    (void)why;
    fuzz_require((unsigned)record->outcome < OUTCOME_COUNT);
    fuzz_require(record->kind <= JOURNAL_UNKNOWN);
    heard->records++;
    heard->sum = heard->sum * 31 + record->kind + record->pass + record->bytes + record->pid +
                 record->mappings + sum_of(record->name) + sum_of(record->text);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct heard whole = {0}, parts = {0};
    struct failure why = {0}, why_parts = {0};
    bool parsed = journal_parse(text, hear, &whole, &why);
    fuzz_check(parsed, &why, NULL, 0);
    const char *border = size ? memchr(text.at + size / 2, '\n', size - size / 2) : NULL;
    size_t first = border ? (size_t)(border - text.at) + 1 : size;
    bool parsed_parts = journal_parse((struct slice){text.at, first}, hear, &parts, &why_parts) &&
                        journal_parse(slice_skip(text, first), hear, &parts, &why_parts);
    fuzz_require(parsed == parsed_parts);
    fuzz_require(whole.records == parts.records && whole.sum == parts.sum);
    return 0;
}
