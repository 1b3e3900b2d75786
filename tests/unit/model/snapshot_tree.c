#include "tests/unit/model/snapshot_tree.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "analyzer/model/loader.h"

void tree_create(struct snapshot_tree *tree)
{
    const char *base = getenv("TMPDIR");
    int length = snprintf(tree->folder, sizeof tree->folder, "%s/memtally-tree-XXXXXX",
                          base && strlen(base) < 32 ? base : "/tmp");
    assert_in_range(length, 1, sizeof tree->folder - 1);
    assert_non_null(mkdtemp(tree->folder));
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

void tree_remove(struct snapshot_tree *tree)
{
    assert_int_equal(nftw(tree->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void make_folders(char *path, size_t from)
{
    for (char *slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
}

void tree_put_bytes(const struct snapshot_tree *tree, const char *path, const void *bytes,
                    size_t length)
{
    char whole[256];
    int used = snprintf(whole, sizeof whole, "%s/%s", tree->folder, path);
    assert_in_range(used, 1, sizeof whole - 1);
    make_folders(whole, strlen(tree->folder) + 1);
    FILE *file = fopen(whole, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

void tree_put(const struct snapshot_tree *tree, const char *path, const char *text)
{
    tree_put_bytes(tree, path, text, strlen(text));
}

static struct snapshot *load(const char *path, struct failure *why)
{
    const struct load_options options = {.limits = BUNDLE_LIMITS_DEFAULT, .keep_members = true};
    return snapshot_load(path, &options, why);
}

struct snapshot *bundle_load(const char *path)
{
    struct failure why = {0};
    struct snapshot *snapshot = load(path, &why);
    if (!snapshot)
        fail_msg("not loaded: %s: %s", why.member, why.message);
    return snapshot;
}

struct snapshot *tree_load(const struct snapshot_tree *tree)
{
    return bundle_load(tree->folder);
}

struct failure tree_refused(const struct snapshot_tree *tree)
{
    struct failure why = {0};
    struct snapshot *snapshot = load(tree->folder, &why);
    assert_null(snapshot);
    assert_int_not_equal(why.kind, FAILURE_NONE);
    return why;
}

void tree_put_process(const struct snapshot_tree *tree, const struct tree_process *process)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "proc/%" PRIu64 "/stat", process->pid);
    snprintf(text, sizeof text,
             "%" PRIu64 " (%s) S 1 1 1 0 -1 4194304 100 0 5 0 0 0 0 0 20 0 1 0 %" PRIu64
             " 8192000 500 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 "
             "0 0\n",
             process->pid, process->comm ? process->comm : "p", process->start_time_ticks);
    tree_put(tree, path, text);
    if (!process->smaps)
        return;
    snprintf(path, sizeof path, "proc/%" PRIu64 "/smaps", process->pid);
    tree_put(tree, path, process->smaps);
}

enum { NAME_COLUMN = 73 }; /* of 64-bit kernels */

static void print_block(FILE *to, const struct block *block)
{
    char head[128];
    const char *device = block->inode ? "08:01" : "00:00";
    snprintf(head, sizeof head, "%08" PRIx64 "-%08" PRIx64 " %s %08" PRIx64 " %s %" PRIu64 " ",
             block->start, block->end, block->permissions ? block->permissions : "rw-p",
             block->offset, block->device ? block->device : device, block->inode);
    fprintf(to, "%-*s%s\n", block->name ? NAME_COLUMN : 0, head, block->name ? block->name : "");
    const struct {
        const char *key;
        uint64_t kib;
    } lines[] = {
        {"Size",            (block->end - block->start) / 1024},
        {"KernelPageSize",  4                                 },
        {"MMUPageSize",     4                                 },
        {"Rss",             block->rss                        },
        {"Pss",             block->pss                        },
        {"Shared_Clean",    block->shared_clean               },
        {"Shared_Dirty",    0                                 },
        {"Private_Clean",   block->private_clean              },
        {"Private_Dirty",   block->private_dirty              },
        {"Shared_Hugetlb",  block->shared_hugetlb             },
        {"Private_Hugetlb", block->private_hugetlb            },
        {"Swap",            block->swap                       },
        {"SwapPss",         block->swap_pss                   },
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        fprintf(to, "%s: %*" PRIu64 " kB\n", lines[i].key, (int)(22 - strlen(lines[i].key)),
                lines[i].kib);
    fprintf(to, "THPeligible:    0\nVmFlags: rd wr mr mw me ac \n");
}

char *blocks_text(const struct block *blocks, size_t count)
{
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);
    assert_non_null(to);
    for (size_t i = 0; i < count; i++)
        print_block(to, &blocks[i]);
    assert_int_equal(fclose(to), 0);
    return text;
}

struct snapshot *snapshot_of_nothing(uint64_t page_bytes)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    assert_non_null(snapshot);
    assert_true(string_pool_init(&snapshot->strings));
    assert_true(mapping_store_init(&snapshot->mappings));
    snapshot->identity.page_size_bytes = page_bytes;
    snapshot->identity.page_size_source = page_bytes ? "test" : NULL;
    return snapshot;
}

void snapshot_give(struct snapshot *snapshot, const char *path, const char *text)
{
    const struct load_options options = {.limits = BUNDLE_LIMITS_DEFAULT};
    struct loader loader = {.options = &options, .snapshot = snapshot};
    struct member_path member = {.whole = slice_of(path)};
    struct failure why = {0};
    bool ok = true;
    if (!load_system_member(&loader, &member, slice_of(text), &ok, &why))
        fail_msg("%s: no route", path);
    if (!ok)
        fail_msg("%s:%" PRIu64 ": %s", path, why.position, why.message);
    free(loader.version_storage);
    free(loader.cpuinfo_storage);
}

char *text_with(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (!at)
        fail_msg("no '%s' in the text", from);
    char *out = NULL;
    assert_true(asprintf(&out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) >= 0);
    return out;
}
