#include "tests/support/own_form.h"

#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyzer/base/array.h"
#include "schema/bundle_format.h"

enum { NS_PER_MEMBER = 1000000, PASS_COUNT = 4 };
#define DEFAULT_START_NS INT64_C(1767225600000000000) /* 2026-01-01 */

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "own_form: %s: %s\n", what, strerror(errno));
    abort();
}

static void read_file(const char *path, struct tree_file *file)
{
    FILE *from = fopen(path, "re");
    struct built text = {0};
    char buffer[64 << 10];
    size_t got;
    require(from, path);
    while ((got = fread(buffer, 1, sizeof buffer, from)) > 0)
        built_append(&text, buffer, got);
    require(!ferror(from), path);
    fclose(from);
    file->text = (char *)text.at;
    file->length_bytes = text.count;
}

static void read_link(const char *path, struct tree_file *file)
{
    char target[4096];
    ssize_t length = readlink(path, target, sizeof target);
    struct built text = {0};
    require(length >= 0, path);
    built_append(&text, target, (size_t)length);
    file->text = (char *)text.at;
    file->length_bytes = text.count;
}

static int compare_paths(const void *left, const void *right)
{
    const struct tree_file *a = left, *b = right;
    return strcmp(a->path, b->path);
}

struct tree_files tree_read(const char *folder)
{
    struct tree_files tree = {0};
    char *start = strdup(folder);
    require(start, "out of memory");
    size_t start_bytes = strlen(start);
    while (start_bytes > 1 && start[start_bytes - 1] == '/')
        start[--start_bytes] = '\0';
    FTS *walk = fts_open((char *[]){start, NULL}, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    require(walk, folder);
    for (FTSENT *found; (found = fts_read(walk));) {
        bool is_link = found->fts_info == FTS_SL || found->fts_info == FTS_SLNONE;
        if (found->fts_info != FTS_F && !is_link)
            continue;
        struct tree_file *file = ARRAY_PUSH(tree.files, tree.count, tree.capacity);
        require(file && asprintf(&file->path, "%s%s", found->fts_path + start_bytes + 1,
                                 is_link ? BUNDLE_LINK_SUFFIX : "") >= 0,
                "out of memory");
        if (is_link)
            read_link(found->fts_path, file);
        else
            read_file(found->fts_path, file);
    }
    fts_close(walk);
    free(start);
    if (tree.count > 0)
        qsort(tree.files, tree.count, sizeof *tree.files, compare_paths);
    return tree;
}

void tree_free(struct tree_files *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        free(tree->files[i].path);
        free(tree->files[i].text);
    }
    free(tree->files);
    *tree = (struct tree_files){0};
}

static struct slice text_of(const struct tree_file *file)
{
    return (struct slice){file->length_bytes ? file->text : "", file->length_bytes};
}

static void add(struct bundle_builder *builder, const char *top, const char *path,
                struct slice text, int64_t mtime_ns)
{
    char *whole;
    require(asprintf(&whole, "%s%s%s", top, *top ? "/" : "", path) >= 0, "out of memory");
    builder_add_entry(builder,
                      &(struct builder_entry){.path = whole, .text = text, .mtime_ns = mtime_ns});
    free(whole);
}

struct built tree_pack_foreign(const struct tree_files *tree)
{
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    for (size_t i = 0; i < tree->count; i++)
        add(builder, "", tree->files[i].path, text_of(&tree->files[i]), DEFAULT_START_NS);
    return builder_finish(builder);
}

/* What is being packed in our own form. */
struct own_pack {
    struct bundle_builder *builder;
    const char *top;
    int64_t start_ns;
    uint64_t members, processes, mappings, bytes;
    struct built journal;
};

static void log_line(struct own_pack *pack, const char *line)
{
    built_append(&pack->journal, line, strlen(line));
}

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_process_file(const char *path)
{
    return strncmp(path, "proc/", 5) == 0 && path[5] >= '0' && path[5] <= '9';
}

/* In which pass the collector reads this file. */
static int pass_of(const char *path)
{
    const char *name = last_component(path);
    if (!is_process_file(path))
        return 1;
    if (strcmp(name, "smaps") == 0 || strcmp(name, "numa_maps") == 0)
        return 3;
    if (strcmp(name, "cmdline") == 0 || strncmp(name, "fd", 2) == 0)
        return 4;
    return strcmp(name, "smaps_rollup") == 0 ? 2 : 1;
}

static void log_escaped(struct own_pack *pack, const char *text)
{
    char escaped[8];
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '\\' || byte == '\n')
            snprintf(escaped, sizeof escaped, byte == '\n' ? "\\n" : "\\\\");
        else if (byte < 0x20 || byte >= 0x7f)
            snprintf(escaped, sizeof escaped, "\\x%02x", byte);
        else
            snprintf(escaped, sizeof escaped, "%c", byte);
        log_line(pack, escaped);
    }
}

/* The start time: word 22 of stat, counted behind the last ")" as a name may hold anything. */
static uint64_t start_time_of(const struct tree_file *stat)
{
    const char *at = memrchr(stat->text, ')', stat->length_bytes);
    const char *end = stat->text + stat->length_bytes;
    for (int word = 2; at && word < 22; word++) {
        at = memchr(at, ' ', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    uint64_t ticks = 0;
    for (; at && at < end && *at >= '0' && *at <= '9'; at++)
        ticks = ticks * 10 + (uint64_t)(*at - '0');
    return ticks;
}

/* Each block has one line "Size:", never its first. */
static uint64_t count_mappings(struct slice smaps)
{
    static const char mark[] = "\nSize:";
    uint64_t count = 0;
    const char *at;
    while ((at = memmem(smaps.at, smaps.length_bytes, mark, sizeof mark - 1))) {
        smaps = slice_skip(smaps, (size_t)(at - smaps.at) + 1);
        count++;
    }
    return count;
}

static void pack_member(struct own_pack *pack, const struct tree_file *file, int pass)
{
    char line[256];
    uint64_t offset = pack->members++ * NS_PER_MEMBER;
    struct slice text = text_of(file);
    add(pack->builder, pack->top, file->path, text, pack->start_ns + (int64_t)offset);
    snprintf(line, sizeof line,
             "member outcome %s pass %d start_ns %" PRIu64 " duration_ns 1000 bytes %zu parts 1 "
             "errno 0 path ",
             text.length_bytes ? "read" : "empty", pass, offset, text.length_bytes);
    log_line(pack, line);
    log_escaped(pack, file->path);
    log_line(pack, "\n");
    pack->bytes += text.length_bytes;
    if (pass == 3)
        pack->mappings += count_mappings(text);
}

static void log_process(struct own_pack *pack, const struct tree_file *file)
{
    char line[128];
    if (!is_process_file(file->path) || strcmp(strchr(file->path + 5, '/') + 1, "stat") != 0)
        return;
    pack->processes++;
    snprintf(line, sizeof line, "process pid %.*s start_time_ticks %" PRIu64 " outcome read\n",
             (int)strspn(file->path + 5, "0123456789"), file->path + 5, start_time_of(file));
    log_line(pack, line);
}

static bool is_record(const char *path)
{
    return strcmp(path, BUNDLE_MANIFEST_NAME) == 0 || strcmp(path, BUNDLE_JOURNAL_NAME) == 0;
}

static const struct tree_file *find(const struct tree_files *tree, const char *path)
{
    for (size_t i = 0; i < tree->count; i++)
        if (strcmp(tree->files[i].path, path) == 0)
            return &tree->files[i];
    return NULL;
}

static int64_t start_of(struct slice manifest)
{
    static const char key[] = "started_realtime_ns ";
    const char *at = memmem(manifest.at, manifest.length_bytes, key, sizeof key - 1);
    return at ? strtoll(at + sizeof key - 1, NULL, 10) : DEFAULT_START_NS;
}

static void pack_passes(struct own_pack *pack, const struct tree_files *tree)
{
    static const char *const words[] = {
#define PASS_WORD(number, word) [number] = word,
        BUNDLE_PASSES(PASS_WORD)
#undef PASS_WORD
    };
    char line[128];
    for (int pass = 1; pass <= PASS_COUNT; pass++) {
        uint64_t start_ns = pack->members * NS_PER_MEMBER;
        for (size_t i = 0; i < tree->count; i++)
            if (!is_record(tree->files[i].path) && pass_of(tree->files[i].path) == pass)
                pack_member(pack, &tree->files[i], pass);
        snprintf(line, sizeof line,
                 "pass %d name %s start_ns %" PRIu64 " duration_ns %" PRIu64 "\n", pass,
                 words[pass], start_ns, pack->members * NS_PER_MEMBER - start_ns);
        log_line(pack, line);
        builder_end_frame(pack->builder);
    }
}

struct built tree_pack_own(const struct tree_files *tree, const char *top, struct slice manifest)
{
    char line[256];
    const struct tree_file *own = find(tree, BUNDLE_MANIFEST_NAME);
    const struct tree_file *journal = find(tree, BUNDLE_JOURNAL_NAME);
    if (manifest.length_bytes == 0 && own)
        manifest = text_of(own);
    struct own_pack pack = {.builder = builder_create(PACKED_ZSTD, FORM_PAX), .top = top};
    pack.start_ns = start_of(manifest);
    add(pack.builder, top, BUNDLE_MANIFEST_NAME, manifest, pack.start_ns);
    pack_passes(&pack, tree);
    for (size_t i = 0; i < tree->count; i++)
        log_process(&pack, &tree->files[i]);
    snprintf(line, sizeof line,
             "end members %" PRIu64 " processes %" PRIu64 " mappings %" PRIu64 " bytes %" PRIu64
             " duration_ns %" PRIu64 "\n",
             pack.members, pack.processes, pack.mappings, pack.bytes, pack.members * NS_PER_MEMBER);
    log_line(&pack, line);
    struct slice text = {(const char *)pack.journal.at, pack.journal.count};
    if (journal)
        text = text_of(journal);
    add(pack.builder, top, BUNDLE_JOURNAL_NAME, text,
        pack.start_ns + (int64_t)(pack.members * NS_PER_MEMBER));
    free(pack.journal.at);
    return builder_finish(pack.builder);
}
