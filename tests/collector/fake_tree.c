#include "fake_tree.h"

#include "cmocka_all.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fake_tree_init(struct fake_tree *tree)
{
    snprintf(tree->folder, sizeof tree->folder, "/tmp/memtally-tree-XXXXXX");
    assert_non_null(mkdtemp(tree->folder));
    fake_tree_write(tree, "proc/meminfo", "MemTotal: 1 kB\n");
}

static void absolute(const struct fake_tree *tree, const char *path, char full[PATH_MAX])
{
    int length = snprintf(full, PATH_MAX, "%s/%s", tree->folder, path);
    assert_in_range(length, 1, PATH_MAX - 1);
}

void fake_tree_write(const struct fake_tree *tree, const char *path, const char *text)
{
    char full[PATH_MAX];
    absolute(tree, path, full);
    for (char *slash = full + strlen(tree->folder) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(full, 0755);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

void fake_tree_process(const struct fake_tree *tree, unsigned pid, char state, unsigned threads,
                       unsigned start_time)
{
    static const char *const files[] = {"statm",     "status",        "comm",         "cgroup",
                                        "oom_score", "oom_score_adj", "smaps_rollup", "cmdline"};
    char path[64];
    char text[256];
    snprintf(path, sizeof path, "proc/%u/stat", pid);
    snprintf(text, sizeof text,
             "%u (a) b) %c 1 7 7 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 %u 0 %u 3133440 364\n", pid,
             state, threads, start_time);
    fake_tree_write(tree, path, text);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "proc/%u/%s", pid, files[i]);
        fake_tree_write(tree, path, "x\n");
    }
    snprintf(path, sizeof path, "proc/%u/smaps", pid);
    fake_tree_write(tree, path, "0-1 r--p 00000000 00:00 0\nSize: 4 kB\n");
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(path);
}

void fake_tree_remove(const struct fake_tree *tree, const char *path)
{
    char full[PATH_MAX];
    absolute(tree, path, full);
    nftw(full, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void fake_tree_deinit(struct fake_tree *tree)
{
    fake_tree_remove(tree, "");
}
