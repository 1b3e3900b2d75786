#include "tests/unit/bundle/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/base/array.h"

static void read_member(struct bundle *bundle, struct read_member *kept, struct reading *reading)
{
    struct slice chunk;
    enum bundle_result result;
    while ((result = bundle_read(bundle, &chunk, &kept->why)) == BUNDLE_DATA) {
        assert_true(chunk.length_bytes > 0);
        reading->data_bytes += chunk.length_bytes;
        if (kept->path)
            built_append(&kept->text, chunk.at, chunk.length_bytes);
    }
    assert_int_equal(result == BUNDLE_BROKEN, kept->why.kind != FAILURE_NONE);
    kept->complete = result == BUNDLE_END;
}

static void read_all(struct bundle *bundle, struct reading *reading, bool keep)
{
    struct bundle_member member;
    while ((reading->result = bundle_next(bundle, &member, &reading->why)) == BUNDLE_MEMBER) {
        struct read_member ignored = {0}, *kept = &ignored;
        if (keep) {
            kept = ARRAY_PUSH(reading->members, reading->count, reading->capacity);
            assert_non_null(kept);
            kept->path = strdup(member.path);
        }
        kept->part = member.part;
        kept->has_mtime = member.has_mtime;
        kept->mtime_ns = member.mtime_ns;
        read_member(bundle, kept, reading);
    }
    assert_int_equal(reading->result == BUNDLE_BROKEN, reading->why.kind != FAILURE_NONE);
}

struct reading read_path(const char *path, const struct bundle_limits *limits, bool keep)
{
    struct reading reading = {.result = BUNDLE_BROKEN};
    struct bundle *bundle = bundle_open(path, limits, &reading.why);
    assert_int_equal(bundle == NULL, reading.why.kind != FAILURE_NONE);
    if (!bundle)
        return reading;
    reading.opened = true;
    read_all(bundle, &reading, keep);
    if (reading.result == BUNDLE_BROKEN) {
        struct bundle_member member;
        struct failure again = {0};
        assert_int_equal(bundle_next(bundle, &member, &again), BUNDLE_BROKEN);
        assert_int_equal(again.kind, reading.why.kind);
    }
    reading.facts = bundle_facts(bundle);
    snprintf(reading.form, sizeof reading.form, "%s", reading.facts.form);
    snprintf(reading.root, sizeof reading.root, "%s",
             reading.facts.root ? reading.facts.root : "(none)");
    reading.facts.form = reading.facts.root = NULL;
    bundle_close(bundle);
    return reading;
}

static struct reading read_memory(const void *bytes, size_t count,
                                  const struct bundle_limits *limits, bool keep)
{
    char path[64];
    int fd = memfd_create("bundle", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t done = 0; done < count;) {
        ssize_t now = write(fd, (const char *)bytes + done, count - done);
        assert_true(now > 0);
        done += (size_t)now;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct reading reading = read_path(path, limits, keep);
    close(fd);
    return reading;
}

struct reading read_bytes(const void *bytes, size_t count, const struct bundle_limits *limits)
{
    return read_memory(bytes, count, limits, true);
}

struct reading count_bytes(const void *bytes, size_t count, const struct bundle_limits *limits)
{
    return read_memory(bytes, count, limits, false);
}

void reading_deinit(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        free(reading->members[i].path);
        free(reading->members[i].text.at);
    }
    free(reading->members);
    *reading = (struct reading){0};
}

const struct read_member *find_member(const struct reading *reading, const char *path)
{
    for (size_t i = 0; i < reading->count; i++)
        if (strcmp(reading->members[i].path, path) == 0)
            return &reading->members[i];
    return NULL;
}

void assert_member(const struct reading *reading, const char *path, const char *text)
{
    const struct read_member *member = find_member(reading, path);
    if (!member)
        fail_msg("no member %s", path);
    assert_true(member->complete);
    assert_int_equal(member->text.count, strlen(text));
    if (*text)
        assert_memory_equal(member->text.at, text, strlen(text));
}
