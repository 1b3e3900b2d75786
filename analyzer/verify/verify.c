#include "analyzer/verify/verify.h"

#include "analyzer/base/array.h"
#include "analyzer/bundle/bundle.h"
#include "analyzer/verify/packed.h"
#include "schema/bundle_format.h"

#define TAR_BLOCK_BYTES 512

struct raw_hit {
    uint32_t word;
    uint64_t start, end;
};

struct verify {
    struct verify_report *report;
    const struct word_list *words;
    struct failure *why;
    bool out_of_memory;
    /* the unpacked archive as it is */
    struct word_state raw;
    struct raw_hit *hits; /* of which it is not yet known what they lie in */
    size_t hit_count, hit_capacity;
    /* the member under way */
    enum place_kind kind;
    char *member;
    uint64_t header_at, size_bytes;
    bool in_member, has_size;
    /* its content, over all parts */
    char *content;
    struct word_state state;
    struct slice chunk;
    uint64_t chunk_at, counted, lines;
    char start[PACKED_START_BYTES];
    size_t start_bytes;
};

const char *place_word(enum place_kind kind)
{
    static const char *const words[] = {"content", "path", "link", "archive", "file_name"};
    return words[kind];
}

static void add_place(struct verify *verify, enum place_kind kind, const char *member,
                      uint32_t word, uint64_t line, uint64_t offset)
{
    struct verify_report *report = verify->report;
    report->found++;
    if (report->count == PLACES_MOST)
        return;
    struct place *place = ARRAY_PUSH(report->places, report->count, report->capacity);
    if (place)
        *place = (struct place){kind, strdup(member ? member : ""), word, line, offset};
    if (!place || !place->member)
        verify->out_of_memory = true;
}

static void found_in_name(void *context, uint32_t word, uint64_t end, size_t length)
{
    struct verify *verify = context;
    add_place(verify, verify->kind, verify->member, word, 0, end - length);
}

static void look_at_name(struct verify *verify, enum place_kind kind, struct slice name)
{
    struct word_state state = {0};
    verify->kind = kind;
    word_search_feed(&verify->words->search, &state, name, found_in_name, verify);
}

static void found_raw(void *context, uint32_t word, uint64_t end, size_t length)
{
    struct verify *verify = context;
    struct raw_hit *hit = ARRAY_PUSH(verify->hits, verify->hit_count, verify->hit_capacity);
    if (hit)
        *hit = (struct raw_hit){word, end - length, end};
    else
        verify->out_of_memory = true;
}

static void take_raw(void *context, struct slice bytes)
{
    struct verify *verify = context;
    word_search_feed(&verify->words->search, &verify->raw, bytes, found_raw, verify);
}

static void found_in_content(void *context, uint32_t word, uint64_t end, size_t length)
{
    struct verify *verify = context;
    for (; verify->chunk_at + verify->counted < end; verify->counted++)
        verify->lines += verify->chunk.at[verify->counted] == '\n';
    bool ends_line = verify->chunk.at[end - verify->chunk_at - 1] == '\n';
    add_place(verify, PLACE_CONTENT, verify->content, word, verify->lines + !ends_line,
              end - length);
}

static void take_content(struct verify *verify, struct slice chunk)
{
    size_t room = sizeof verify->start - verify->start_bytes;
    size_t taken = chunk.length_bytes < room ? chunk.length_bytes : room;
    memcpy(verify->start + verify->start_bytes, chunk.at, taken);
    verify->start_bytes += taken;
    verify->chunk = chunk;
    verify->chunk_at = verify->state.offset;
    verify->counted = 0;
    word_search_feed(&verify->words->search, &verify->state, chunk, found_in_content, verify);
    for (; verify->counted < chunk.length_bytes; verify->counted++)
        verify->lines += chunk.at[verify->counted] == '\n';
}

/* Hits before `until` are settled: in the member's content they have been told, else they lie in
 * its header or padding. Its content ends, padded, where the next header begins. */
static void settle_raw(struct verify *verify, uint64_t until)
{
    size_t kept = 0;
    uint64_t blocks = (verify->size_bytes + TAR_BLOCK_BYTES - 1) / TAR_BLOCK_BYTES;
    uint64_t data = until - blocks * TAR_BLOCK_BYTES;
    bool known = verify->in_member && verify->has_size && until != UINT64_MAX &&
                 blocks <= (until - verify->header_at) / TAR_BLOCK_BYTES;
    for (size_t i = 0; i < verify->hit_count; i++) {
        const struct raw_hit *hit = &verify->hits[i];
        if (hit->start >= until)
            verify->hits[kept++] = *hit;
        else if (!known || hit->start < data || hit->end > data + verify->size_bytes)
            add_place(verify, PLACE_ARCHIVE, verify->member, hit->word, 0, hit->start);
    }
    verify->hit_count = kept;
}

/* "PATH" of "PATH.part-0002", and 2; else 0. */
static unsigned long split_part(const char *path, size_t *length)
{
    const char *infix = strstr(path, BUNDLE_PART_INFIX);
    for (const char *next; infix && (next = strstr(infix + 1, BUNDLE_PART_INFIX));)
        infix = next;
    *length = strlen(path);
    if (!infix)
        return 0;
    char *end;
    unsigned long part = strtoul(infix + strlen(BUNDLE_PART_INFIX), &end, 10);
    if (*end)
        return 0;
    *length = (size_t)(infix - path);
    return part;
}

/* The next part of the content before goes on where that ended. */
static void begin_content(struct verify *verify, const char *path)
{
    size_t length;
    unsigned long part = split_part(path, &length);
    if (part > 1 && verify->content && strlen(verify->content) == length &&
        memcmp(verify->content, path, length) == 0)
        return;
    free(verify->content);
    verify->content = strndup(path, length);
    verify->state = (struct word_state){0};
    verify->lines = 0;
    verify->start_bytes = 0;
    verify->out_of_memory = verify->out_of_memory || !verify->content;
}

/* The search goes on, but proves nothing any more. */
static void note_packed(struct verify *verify, const char *path)
{
    struct failure *broken = &verify->report->broken;
    if (!starts_packed((struct slice){verify->start, verify->start_bytes}))
        return;
    failure_set(broken, FAILURE_UNSUPPORTED, 0, "is packed itself: verify it alone");
    failure_in(broken, path);
}

static bool look_at_member(struct verify *verify, struct bundle *bundle,
                           const struct bundle_member *member)
{
    uint64_t header_at = bundle_facts(bundle).header_at;
    settle_raw(verify, header_at);
    free(verify->member);
    verify->member = strdup(member->path);
    verify->header_at = header_at;
    verify->in_member = true;
    verify->has_size = member->has_size;
    verify->size_bytes = member->size_bytes;
    verify->report->members++;
    look_at_name(verify, PLACE_PATH, slice_of(member->path));
    if (member->link_target)
        look_at_name(verify, PLACE_LINK, slice_of(member->link_target));
    begin_content(verify, member->path);
    enum bundle_result result = BUNDLE_DATA;
    while (result == BUNDLE_DATA && !verify->out_of_memory) {
        struct slice chunk;
        result = bundle_read(bundle, &chunk, &verify->report->broken);
        if (result == BUNDLE_DATA)
            take_content(verify, chunk);
    }
    note_packed(verify, member->path);
    verify->out_of_memory = verify->out_of_memory || !verify->member;
    return result == BUNDLE_END;
}

static void look_at_all(struct verify *verify, struct bundle *bundle)
{
    struct verify_report *report = verify->report;
    struct bundle_member member;
    enum bundle_result result = BUNDLE_MEMBER;
    while (result == BUNDLE_MEMBER && !verify->out_of_memory) {
        result = bundle_next(bundle, &member, &report->broken);
        if (result == BUNDLE_MEMBER && !look_at_member(verify, bundle, &member))
            result = BUNDLE_BROKEN;
    }
    const struct bundle_facts facts = bundle_facts(bundle);
    bool ended = result == BUNDLE_END;
    if (ended)
        settle_raw(verify, facts.header_at);
    verify->in_member = verify->in_member && !ended;
    settle_raw(verify, UINT64_MAX);
    report->bytes = verify->raw.offset ? verify->raw.offset : facts.unpacked_bytes;
    if (facts.unreadable && report->broken.kind == FAILURE_NONE)
        report->broken = facts.first_unreadable;
    report->complete = ended && report->broken.kind == FAILURE_NONE;
}

/* Of "a/b.tar", of "a/b/" too. */
static struct slice last_name(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    const char *slash = memrchr(path, '/', length);
    size_t before = slash ? (size_t)(slash - path) + 1 : 0;
    return (struct slice){path + before, length - before};
}

bool verify_bundle(const char *file, const struct word_list *words, struct verify_report *report,
                   struct failure *why)
{
    const struct bundle_limits limits = BUNDLE_LIMITS_DEFAULT;
    struct verify verify = {.report = report, .words = words, .why = why};
    *report = (struct verify_report){.words = words};
    struct bundle *bundle = bundle_open_everything(file, &limits, take_raw, &verify, why);
    if (bundle) {
        if (strcmp(file, "-") != 0)
            look_at_name(&verify, PLACE_FILE_NAME, last_name(file));
        look_at_all(&verify, bundle);
        bundle_close(bundle);
    }
    free(verify.hits);
    free(verify.member);
    free(verify.content);
    if (verify.out_of_memory)
        failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    return bundle && !verify.out_of_memory;
}

void verify_report_deinit(struct verify_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        free(report->places[i].member);
    free(report->places);
}
