/* Targets: bundle_open, bundle_next, bundle_read, with all that is below them.
 *
 * The first byte chooses what the rest is: bytes as they are ('P'), a tar whose header checksums
 * are made right first ('Q'), a script that builds a bundle ('R': a line is TYPE PATH TAB TEXT,
 * "-" ends a frame), or the tar of 'Q' in a zstd frame that is cut and hurt ('S'). */
#include "tests/fuzz/fuzz_support.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/bundle/bundle.h"
#include "tests/support/bundle_builder.h"

enum { BLOCK_BYTES = 512, CHECKSUM_AT = 148, CHECKSUM_BYTES = 8, MAGIC_AT = 257 };

static const struct bundle_limits limits = {
    .members = 1000,
    .member_bytes = 1 << 20,
    .stream_bytes = 1 << 20,
    .total_bytes = 8 << 20,
    .ratio = 1000,
    .path_bytes = 1000,
    .folder_depth = 10,
    .window_log = 20,
};

/* Makes each block that looks like a header, and the first, into one with a right checksum. */
static struct built repaired_tar(const uint8_t *data, size_t size)
{
    struct built tar = {0};
    built_append(&tar, data, size);
    for (size_t at = 0; at + BLOCK_BYTES <= tar.count; at += BLOCK_BYTES) {
        unsigned char *block = tar.at + at;
        unsigned sum = CHECKSUM_BYTES * ' ';
        if (at == 0)
            memcpy(block + MAGIC_AT, "ustar", 6);
        if (memcmp(block + MAGIC_AT, "ustar", 5) != 0)
            continue;
        for (size_t i = 0; i < BLOCK_BYTES; i++)
            if (i < CHECKSUM_AT || i >= CHECKSUM_AT + CHECKSUM_BYTES)
                sum += block[i];
        snprintf((char *)block + CHECKSUM_AT, CHECKSUM_BYTES, "%06o", sum);
        block[CHECKSUM_AT + CHECKSUM_BYTES - 1] = ' ';
    }
    return tar;
}

static void add_scripted(struct bundle_builder *builder, struct slice line)
{
    static const char letters[] = {'f', 'd', 'l', 'h', 'c', 'p'};
    const char *tab = memchr(line.at, '\t', line.length_bytes);
    const char *type = memchr(letters, line.at[0], sizeof letters);
    if (!tab || !type || tab - line.at < 2)
        return;
    struct slice rest = slice_skip(line, (size_t)(tab - line.at) + 1);
    char *path = strndup(line.at + 1, (size_t)(tab - line.at) - 1);
    char *target =
        strndup(rest.length_bytes ? rest.at : "x", rest.length_bytes ? rest.length_bytes : 1);
    struct builder_entry entry = {
        .type = (enum builder_type)(type - letters), .path = path, .target = target};
    if (entry.type == BUILD_FILE)
        entry.text = rest;
    if (path && path[0] && target && target[0])
        builder_add_entry(builder, &entry);
    free(path);
    free(target);
}

static struct built scripted(struct slice script)
{
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    while (script.length_bytes > 0) {
        const char *end = memchr(script.at, '\n', script.length_bytes);
        struct slice line = {script.at, end ? (size_t)(end - script.at) : script.length_bytes};
        script = slice_skip(script, line.length_bytes + 1);
        if (line.length_bytes == 1 && line.at[0] == '-')
            builder_end_frame(builder);
        else if (line.length_bytes > 2)
            add_scripted(builder, line);
    }
    return builder_finish(builder);
}

/* A frame, of which the last bytes of the input say where it is cut and where a bit is wrong. */
static struct built hurt_frame(const uint8_t *data, size_t size)
{
    struct built tar = repaired_tar(data, size);
    struct built frame = zstd_pack((struct slice){(const char *)tar.at, tar.count}, 1, 0);
    free(tar.at);
    if (size >= 4 && data[size - 1] % 2)
        frame.count = (size_t)(data[size - 2] << 8 | data[size - 3]) % frame.count + 1;
    if (size >= 4 && data[size - 1] % 4 > 1)
        frame.at[(size_t)(data[size - 3] << 8 | data[size - 4]) % frame.count] ^= data[size - 4];
    return frame;
}

/* Members of a reading, with or without their data; checks what must always hold. */
static uint64_t read_all(const char *path, bool with_data)
{
    struct failure why = {0};
    struct bundle_member member;
    struct bundle *bundle = bundle_open(path, &limits, &why);
    uint64_t members = 0;
    enum bundle_result result;
    fuzz_require((bundle == NULL) == (why.kind != FAILURE_NONE));
    if (!bundle)
        return 0;
    while ((result = bundle_next(bundle, &member, &why)) == BUNDLE_MEMBER) {
        struct slice chunk;
        struct failure cut = {0};
        uint64_t bytes = 0;
        members++;
        fuzz_require(member.path[0] != '\0' && member.path[0] != '/');
        fuzz_require(!strstr(member.path, "/../") && strncmp(member.path, "../", 3) != 0);
        while (with_data && bundle_read(bundle, &chunk, &cut) == BUNDLE_DATA) {
            fuzz_require(chunk.length_bytes > 0);
            bytes += chunk.length_bytes;
        }
        fuzz_require(bytes <= limits.stream_bytes);
    }
    fuzz_require((result == BUNDLE_BROKEN) == (why.kind != FAILURE_NONE));
    struct bundle_facts facts = bundle_facts(bundle);
    fuzz_require(facts.members == members && facts.proc_members <= members);
    fuzz_require(facts.form[0] != '\0');
    bundle_close(bundle);
    return members;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct built built = {0};
    if (size < 2)
        return 0;
    if (data[0] % 4 == 1)
        built = repaired_tar(data + 1, size - 1);
    else if (data[0] % 4 == 2)
        built = scripted(fuzz_text(data + 1, size - 1));
    else if (data[0] % 4 == 3)
        built = hurt_frame(data + 1, size - 1);
    else
        built_append(&built, data + 1, size - 1);
    int fd = memfd_create("bundle", MFD_CLOEXEC);
    fuzz_require(fd >= 0 && write(fd, built.at, built.count) == (ssize_t)built.count);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    uint64_t read = read_all(path, true), skipped = read_all(path, false);
    fuzz_require(skipped >= read); /* holes cost nothing when they are skipped */
    close(fd);
    free(built.at);
    return 0;
}
