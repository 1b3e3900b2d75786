#include "collector/redact/rules.h"

#include "collector/redact/names.h"

#include <string.h>

enum { FOR_PATHS = 1, FOR_NAMES = 2, FOR_CMDLINE = 4, FOR_ANY = 7 };

struct rule {
    const char *path;
    unsigned options; /* one of these asks for it */
    enum redact_kind kind;
};

static const struct rule system_rules[] = {
    {"proc/cmdline",             FOR_ANY,   REDACT_DROP     },
    {"proc/swaps",               FOR_PATHS, REDACT_SWAPS    },
    {"proc/mounts",              FOR_PATHS, REDACT_MOUNTS   },
    {"proc/self/mountinfo",      FOR_PATHS, REDACT_MOUNTINFO},
    {"proc/version",             FOR_NAMES, REDACT_VERSION  },
    {"proc/sys/kernel/hostname", FOR_NAMES, REDACT_NAME     },
};

/* Behind proc/PID/ or proc/PID/task/TID/. */
static const struct rule process_rules[] = {
    {"statm",         0,                     REDACT_NOTHING       },
    {"oom_score",     0,                     REDACT_NOTHING       },
    {"oom_score_adj", 0,                     REDACT_NOTHING       },
    {"stat",          FOR_NAMES,             REDACT_STAT          },
    {"status",        FOR_NAMES,             REDACT_STATUS        },
    {"comm",          FOR_NAMES,             REDACT_NAME          },
    {"cgroup",        FOR_PATHS | FOR_NAMES, REDACT_PROCESS_CGROUP},
    {"exe.link",      FOR_PATHS,             REDACT_LINK          },
    {"ns/pid.link",   FOR_PATHS,             REDACT_LINK          },
    {"smaps",         FOR_PATHS,             REDACT_MAPPINGS      },
    {"smaps_rollup",  FOR_PATHS,             REDACT_MAPPINGS      },
    {"cmdline",       FOR_CMDLINE,           REDACT_ARGV0         },
    {"fd.memory",     FOR_PATHS,             REDACT_HELD          },
    {"pages",         0,                     REDACT_NOTHING       },
};

static unsigned asked(const struct redact_options *options)
{
    return (options->paths ? FOR_PATHS : 0u) | (options->names ? FOR_NAMES : 0u) |
           (options->cmdline ? FOR_CMDLINE : 0u);
}

static enum redact_kind find(const struct rule *rules, size_t count, const char *path,
                             unsigned options, enum redact_kind otherwise)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rules[i].path, path) == 0)
            return rules[i].options & options ? rules[i].kind : REDACT_NOTHING;
    return otherwise;
}

/* What follows `before` and a number and '/'; NULL if that is not how it starts. */
static const char *behind_number(const char *path, const char *before)
{
    size_t length = strlen(before);
    if (strncmp(path, before, length) != 0)
        return NULL;
    size_t digits = strspn(path + length, "0123456789");
    return digits && path[length + digits] == '/' ? path + length + digits + 1 : NULL;
}

enum redact_kind redact_kind_of(const struct redact_options *options, const char *path)
{
    unsigned wanted = asked(options);
    if (!wanted)
        return REDACT_NOTHING;
    const char *file = behind_number(path, "proc/");
    if (!file)
        return find(system_rules, sizeof system_rules / sizeof system_rules[0], path, wanted,
                    REDACT_NOTHING);
    const char *of_thread = behind_number(file, "task/");
    enum redact_kind kind = find(process_rules, sizeof process_rules / sizeof process_rules[0],
                                 of_thread ? of_thread : file, wanted, REDACT_DROP);
    return kind == REDACT_ARGV0 && options->cmdline == CMDLINE_DROPPED ? REDACT_DROP : kind;
}

static const char cgroup_folder[] = "sys/fs/cgroup/";

bool redact_path_tells(const struct redact_options *options, const char *path)
{
    return (options->paths || options->names) &&
           strncmp(path, cgroup_folder, sizeof cgroup_folder - 1) == 0 && !strstr(path, "/**");
}

/* The folders are of users; the file's name is the kernel's. */
void redact_member_path(const struct redact *redact, struct text *text, const char *path)
{
    const char *folders = path + sizeof cgroup_folder - 1;
    const char *file = strrchr(path, '/') + 1;
    text_add(text, cgroup_folder);
    if (file > folders)
        redact_cgroup_path(redact, text, folders, (size_t)(file - folders));
    text_add(text, file);
}
