#include "analyzer/account/process_group.h"

#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/account/cgroup_name.h"
#include "analyzer/base/array.h"
#include "analyzer/base/cleanup.h"

#define PATTERNS_MAX 64
#define DEPTH_MAX    4096 /* of a tree of processes: more is a loop of a made-up bundle */

static struct slice text_if(const struct snapshot *snapshot, const struct process *process,
                            enum process_file file, uint32_t id)
{
    return process->files & (uint32_t)file ? snapshot_text(snapshot, id) : SLICE("");
}

static struct slice number_text(char *text, size_t size, uint64_t number)
{
    int length = snprintf(text, size, "%" PRIu64, number);
    return (struct slice){text, (size_t)length};
}

/* The ancestor that is a child of PID 1, or has no ancestor in the bundle. */
static const struct process *tree_of(const struct snapshot *snapshot, const struct process *process)
{
    for (unsigned depth = 0; depth < DEPTH_MAX && process->ppid > 1; depth++) {
        const struct process *parent = snapshot_process(snapshot, process->ppid);
        if (!parent || parent == process)
            break;
        process = parent;
    }
    return process;
}

/* The group's name of a process; empty when it has none. May lie in `text`. */
static struct slice key_of(const struct snapshot *snapshot, const struct process *process,
                           enum group_key key, char *text, size_t size)
{
    struct slice cgroup = text_if(snapshot, process, PROCESS_CGROUP, process->cgroup);
    struct slice exe = text_if(snapshot, process, PROCESS_EXE, process->exe);
    switch (key) {
    case GROUP_USER:
        return process->uid.known ? number_text(text, size, process->uid.bytes) : SLICE("");
    case GROUP_PROGRAM:
        return text_if(snapshot, process, PROCESS_COMM, process->comm);
    case GROUP_EXE:
        if (slice_ends(exe, SLICE(" (deleted)")))
            exe.length_bytes -= SLICE(" (deleted)").length_bytes;
        return exe;
    case GROUP_CGROUP:
        return cgroup;
    case GROUP_UNIT:
        return cgroup_name_of(cgroup).unit;
    case GROUP_CONTAINER:
        return cgroup_name_of(cgroup).container;
    case GROUP_SESSION:
        return process->files & PROCESS_STAT ? number_text(text, size, process->session)
                                             : SLICE("");
    case GROUP_TREE:
        process = tree_of(snapshot, process);
        cgroup = text_if(snapshot, process, PROCESS_COMM, process->comm);
        snprintf(text, size, "%" PRIu64 " %.*s", process->pid, (int)cgroup.length_bytes, cgroup.at);
        return slice_of(text);
    default:
        return SLICE("");
    }
}

/* Names seen so far: a pool gives equal names one id, in the order they come. */
struct group_names {
    struct string_pool pool;
    uint32_t *group_of_id;
    size_t count, capacity;
};

static bool put(struct process_groups *groups, struct group_names *names, size_t process,
                struct slice name)
{
    uint32_t id;
    if (!name.length_bytes)
        name = SLICE("-");
    if (!string_pool_add(&names->pool, name, &id))
        return false;
    while (names->count <= id) {
        uint32_t *slot = ARRAY_PUSH(names->group_of_id, names->count, names->capacity);
        if (!slot)
            return false;
        *slot = NO_SET;
    }
    if (names->group_of_id[id] == NO_SET) {
        size_t count = groups->count;
        struct process_group *group = ARRAY_PUSH(groups->groups, count, groups->capacity);
        if (!group)
            return false;
        *group = (struct process_group){.name = strndup(name.at, name.length_bytes)};
        names->group_of_id[id] = groups->count;
        groups->count = (uint32_t)count;
        if (!group->name)
            return false;
    }
    uint32_t set = names->group_of_id[id];
    if (!groups->set_of || !groups->groups || set >= groups->count)
        return false;
    groups->set_of[process] = set;
    groups->groups[set].processes++;
    return true;
}

/* "REGEX=NAME,...": the name begins behind the last '=', so that a pattern may have one. */
struct patterns {
    struct {
        regex_t expression;
        char *name; /* into the copy of `how` */
    } rows[PATTERNS_MAX];
    unsigned count;
};

static void patterns_deinit(struct patterns *patterns)
{
    for (unsigned i = 0; i < patterns->count; i++)
        regfree(&patterns->rows[i].expression);
}

static bool patterns_parse(char *how, struct patterns *patterns)
{
    for (char *row = how, *next; row; row = next) {
        next = strchr(row, ',');
        if (next)
            *next++ = '\0';
        char *name = strrchr(row, '=');
        if (!name || name == row || !name[1] || patterns->count == PATTERNS_MAX)
            return false;
        *name = '\0';
        if (regcomp(&patterns->rows[patterns->count].expression, row, REG_EXTENDED | REG_NOSUB))
            return false;
        patterns->rows[patterns->count++].name = name + 1;
    }
    return true;
}

static bool matches(const struct snapshot *snapshot, const struct process *process,
                    const regex_t *expression)
{
    const struct slice texts[] = {
        text_if(snapshot, process, PROCESS_COMM, process->comm),
        text_if(snapshot, process, PROCESS_EXE, process->exe),
        text_if(snapshot, process, PROCESS_CMDLINE, process->cmdline),
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].length_bytes && regexec(expression, texts[i].at, 0, NULL, 0) == 0)
            return true;
    return false;
}

static struct slice pattern_of(const struct snapshot *snapshot, const struct process *process,
                               const struct patterns *patterns)
{
    for (unsigned i = 0; i < patterns->count; i++)
        if (matches(snapshot, process, &patterns->rows[i].expression))
            return slice_of(patterns->rows[i].name);
    return SLICE("");
}

static bool put_all(const struct snapshot *snapshot, enum group_key key,
                    const struct patterns *patterns, struct process_groups *groups,
                    struct group_names *names)
{
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        char text[128];
        groups->set_of[i] = NO_SET;
        if (process_is_kernel_thread(process))
            continue;
        struct slice name = patterns->count ? pattern_of(snapshot, process, patterns)
                                            : key_of(snapshot, process, key, text, sizeof text);
        if (patterns->count && !name.length_bytes)
            continue;
        if (!put(groups, names, i, name))
            return false;
    }
    return true;
}

static bool find_key(const char *how, enum group_key *key)
{
    static const char *const words[] = {
#define GROUP_WORD(constant, word, what) [GROUP_##constant] = word,
        GROUP_KEYS(GROUP_WORD)
#undef GROUP_WORD
    };
    for (unsigned i = 0; i < GROUP_KEY_COUNT; i++)
        if (strcmp(words[i], how) == 0) {
            *key = (enum group_key)i;
            return true;
        }
    return false;
}

bool process_groups_compute(const struct snapshot *snapshot, const char *how,
                            struct process_groups *out, struct failure *why)
{
    struct process_groups groups = {0};
    struct group_names names = {0};
    struct patterns patterns = {0};
    enum group_key key = GROUP_KEY_COUNT;
    AUTO_FREE char *copy = strdup(how);
    bool usage = copy && !find_key(how, &key) && !patterns_parse(copy, &patterns);
    groups.set_of = malloc((snapshot->process_count + 1) * sizeof *groups.set_of);
    bool ok = copy && !usage && groups.set_of && string_pool_init(&names.pool) &&
              put_all(snapshot, key, &patterns, &groups, &names);
    patterns_deinit(&patterns);
    string_pool_deinit(&names.pool);
    free(names.group_of_id);
    if (ok) {
        *out = groups;
        return true;
    }
    process_groups_deinit(&groups);
    if (usage)
        return failure_set(why, FAILURE_USAGE, 0,
                           "--group takes user, program, exe, cgroup, unit, container, session, "
                           "tree or REGEX=NAME,...");
    return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

void process_groups_deinit(struct process_groups *groups)
{
    for (uint32_t i = 0; i < groups->count; i++)
        free(groups->groups[i].name);
    free(groups->groups);
    free(groups->set_of);
    *groups = (struct process_groups){0};
}
