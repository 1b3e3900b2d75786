#include "analyzer/parse/system/sysvipc_shm.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/parse/text_cursor.h"

/* The columns that we use, by their word in the heading. */
enum shm_column {
    SHM_KEY,
    SHM_SHMID,
    SHM_SIZE,
    SHM_CPID,
    SHM_LPID,
    SHM_NATTCH,
    SHM_UID,
    SHM_CUID,
    SHM_REQUIRED_COUNT, /* those before are in every kernel */
    SHM_RSS = SHM_REQUIRED_COUNT,
    SHM_SWAP,
    SHM_PERMS, /* octal */
    SHM_COLUMN_COUNT,
    SHM_OTHER = SHM_COLUMN_COUNT /* gid, times */
};

static const char *const column_words[SHM_COLUMN_COUNT] = {
    [SHM_KEY] = "key",   [SHM_SHMID] = "shmid",   [SHM_SIZE] = "size",   [SHM_CPID] = "cpid",
    [SHM_LPID] = "lpid", [SHM_NATTCH] = "nattch", [SHM_UID] = "uid",     [SHM_CUID] = "cuid",
    [SHM_RSS] = "rss",   [SHM_SWAP] = "swap",     [SHM_PERMS] = "perms",
};

#define HEADING_COLUMNS_MAX 32
#define SHM_DEST_BIT        01000u /* of the mode; include/linux/shm.h: SHM_DEST */

struct shm_heading {
    enum shm_column column[HEADING_COLUMNS_MAX];
    unsigned count;
    uint32_t present; /* bit n: column n of enum shm_column */
};

void sysvipc_shm_deinit(struct sysvipc_shm *shm)
{
    free(shm->segments);
    *shm = (struct sysvipc_shm){0};
}

static bool read_heading(struct slice line, struct shm_heading *heading)
{
    struct slice word;
    while (next_word(&line, &word)) {
        unsigned column = 0;
        while (column < SHM_COLUMN_COUNT && !slice_equal(slice_of(column_words[column]), word))
            column++;
        bool is_repeated = column < SHM_OTHER && (heading->present & 1u << column);
        if (heading->count == HEADING_COLUMNS_MAX || is_repeated)
            return false;
        if (column < SHM_OTHER)
            heading->present |= 1u << column;
        heading->column[heading->count++] = (enum shm_column)column;
    }
    uint32_t required = (1u << SHM_REQUIRED_COUNT) - 1;
    return (heading->present & required) == required;
}

static bool parse_octal(struct slice word, uint64_t *value)
{
    uint64_t total = 0;
    for (size_t i = 0; i < word.length_bytes; i++) {
        if (word.at[i] < '0' || word.at[i] > '7' || total >> 60)
            return false;
        total = total << 3 | (uint64_t)(word.at[i] - '0');
    }
    *value = total;
    return word.length_bytes > 0;
}

static bool read_segment(struct slice line, const struct shm_heading *heading,
                         struct sysv_segment *segment)
{
    uint64_t value[SHM_COLUMN_COUNT] = {0};
    struct slice word;
    for (unsigned i = 0; i < heading->count; i++) {
        enum shm_column column = heading->column[i];
        if (!next_word(&line, &word))
            return false;
        if (column == SHM_KEY) {
            if (!parse_signed_decimal(word, &segment->key))
                return false;
        } else if (column == SHM_PERMS) {
            if (!parse_octal(word, &value[column]))
                return false;
        } else if (column != SHM_OTHER && !parse_decimal(word, &value[column])) {
            return false;
        }
    }
    if (next_word(&line, &word))
        return false;
    segment->shmid = value[SHM_SHMID];
    segment->size_bytes = value[SHM_SIZE];
    segment->creator_pid = value[SHM_CPID];
    segment->last_pid = value[SHM_LPID];
    segment->attach_count = value[SHM_NATTCH];
    segment->uid = value[SHM_UID];
    segment->creator_uid = value[SHM_CUID];
    segment->rss_bytes = value[SHM_RSS];
    segment->swap_bytes = value[SHM_SWAP];
    segment->has_rss = (heading->present & 1u << SHM_RSS) && (heading->present & 1u << SHM_SWAP);
    segment->has_mode = (heading->present & 1u << SHM_PERMS) != 0;
    segment->is_removed = (value[SHM_PERMS] & SHM_DEST_BIT) != 0;
    return true;
}

static bool take_text(struct slice text, struct sysvipc_shm *shm, struct failure *why)
{
    size_t capacity = 0;
    uint64_t number = 0;
    struct slice line;
    struct shm_heading heading = {.count = 0};
    if (!text_is_whole(text, why))
        return false;
    if (!next_line(&text, &line, &number) || !read_heading(line, &heading))
        return failure_set(why, FAILURE_MALFORMED, 1, "no heading: is this /proc/sysvipc/shm?");
    while (next_line(&text, &line, &number)) {
        struct sysv_segment segment = {0};
        if (!read_segment(line, &heading, &segment))
            return failure_set(why, FAILURE_MALFORMED, number,
                               "the line does not fit under the heading");
        struct sysv_segment *slot = ARRAY_PUSH(shm->segments, shm->count, capacity);
        if (!slot)
            return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
        *slot = segment;
    }
    return true;
}

bool sysvipc_shm_parse(struct slice text, struct sysvipc_shm *out, struct failure *why)
{
    struct sysvipc_shm parsed = {0};
    if (!take_text(text, &parsed, why)) {
        sysvipc_shm_deinit(&parsed);
        return false;
    }
    *out = parsed;
    return true;
}
