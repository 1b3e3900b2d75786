/* Targets: pages_parser_feed, pages_parser_finish. Feeding a member whole and byte by byte gives the same
 * runs and the same failure; runs fill their mappings, and lie within the number of frames. Each input is
 * tried as it is, and behind a right head. */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/process/pages.h"

#define FRAMES_LOW_BYTES "\x80\x20" /* 4096 */

/* What one run gave: runs are hashed one into the other. */
struct outcome {
    uint64_t hash, mappings, frames, left, next_page;
    bool read;
    struct failure why;
};

static void mix(struct outcome *outcome, uint64_t value)
{
    outcome->hash = (outcome->hash ^ value) * UINT64_C(0x100000001b3);
}

static bool take_head(void *context, const struct pages_head *head, struct failure *why)
{
    struct outcome *outcome = context;
    (void)why;
    fuzz_require(head->page_bytes > 0 && head->frames <= PAGES_FRAMES_MOST);
    outcome->frames = head->frames;
    return true;
}

static bool take_mapping(void *context, uint64_t start, uint64_t length, struct failure *why)
{
    struct outcome *outcome = context;
    (void)why;
    fuzz_require(outcome->left == 0 && length > 0);
    fuzz_require(start >= outcome->next_page && start + length > start);
    outcome->next_page = start + length;
    outcome->left = length;
    outcome->mappings++;
    mix(outcome, start);
    mix(outcome, length);
    return true;
}

static bool take_run(void *context, const struct pages_run *run, struct failure *why)
{
    struct outcome *outcome = context;
    (void)why;
    bool framed = run->kind == PAGES_ASCENDING || run->kind == PAGES_DESCENDING;
    fuzz_require(run->count > 0 && run->count <= outcome->left);
    fuzz_require(!framed || run->first + run->count <= outcome->frames);
    fuzz_require(run->kind != PAGES_REPEATED || run->first < outcome->frames);
    fuzz_require(run->area < PAGES_SWAP_TYPES);
    fuzz_require(run->kind != PAGES_OTHER || run->first <= PAGES_OTHER_ALONE);
    outcome->left -= run->count;
    mix(outcome, (uint64_t)run->kind << 32 | run->flags);
    mix(outcome, run->count);
    mix(outcome, run->first);
    mix(outcome, (uint64_t)run->mapcount << 32 | run->area);
    return true;
}

static struct outcome run(struct slice head, struct slice text, size_t step)
{
    struct outcome outcome = {.hash = 1, .read = true};
    const struct pages_visitor visitor = {&outcome, take_head, take_mapping, take_run};
    struct pages_parser *parser = pages_parser_create(&visitor);
    fuzz_require(parser);
    if (head.length_bytes)
        outcome.read = pages_parser_feed(parser, head, &outcome.why);
    while (outcome.read && text.length_bytes) {
        size_t bytes = text.length_bytes < step ? text.length_bytes : step;
        char *chunk = malloc(bytes);
        if (!chunk)
            abort();
        memcpy(chunk, text.at, bytes);
        outcome.read = pages_parser_feed(parser, (struct slice){chunk, bytes}, &outcome.why);
        free(chunk);
        text = slice_skip(text, bytes);
    }
    struct failure later = {0};
    bool finished = pages_parser_finish(parser, &later);
    fuzz_require(finished == (later.kind == FAILURE_NONE));
    fuzz_require(outcome.read || !finished);
    fuzz_require(pages_parser_mapping_whole(parser) == (outcome.left == 0));
    outcome.read = finished;
    outcome.why = later;
    pages_parser_destroy(parser);
    fuzz_check(outcome.read, &outcome.why, NULL, 0);
    return outcome;
}

static void compare(struct slice head, struct slice text)
{
    struct outcome whole = run(head, text, SIZE_MAX), bytewise = run(head, text, 1);
    fuzz_require(whole.read == bytewise.read);
    fuzz_require(whole.hash == bytewise.hash && whole.mappings == bytewise.mappings);
    fuzz_require(whole.why.kind == bytewise.why.kind &&
                 whole.why.position == bytewise.why.position);
    fuzz_require(strcmp(whole.why.message, bytewise.why.message) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] = PAGES_MAGIC "\x01\x80\x20\x01" FRAMES_LOW_BYTES;
    compare((struct slice){0}, fuzz_text(data, size));
    compare((struct slice){head, sizeof head - 1}, fuzz_text(data, size));
    return 0;
}
