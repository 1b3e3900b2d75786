/* Members outside proc/PID: one table of routes from path to parser. */
#include "analyzer/base/array.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/model/load_cgroups.h"
#include "analyzer/model/load_details.h"
#include "analyzer/model/load_sysfs.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/single_number.h"
#include "analyzer/parse/system/vmstat.h"
#include "analyzer/parse/text_cursor.h"

typedef bool (*member_handler)(struct loader *loader, const struct member_path *path,
                               struct slice text, struct failure *why);

/* samples/NUMBER, made if new; "now" for members of proc/ itself. */
static struct system_sample *sample_of(struct loader *loader, const struct member_path *path,
                                       struct failure *why)
{
    struct system_state *system = &loader->snapshot->system;
    uint64_t number = 0;
    if (slice_starts(path->whole, SLICE("proc/")))
        return &system->now;
    if (path->wildcard[0].at && !parse_decimal(path->wildcard[0], &number)) {
        failure_set(why, FAILURE_MALFORMED, 0, "the sample's folder is no number");
        return NULL;
    }
    for (size_t i = 0; i < system->sample_count; i++)
        if (system->samples[i].number == number)
            return &system->samples[i];
    if (system->sample_count >= LISTED_MAX) {
        failure_set(why, FAILURE_LIMIT, 0, "more than %d samples", LISTED_MAX);
        return NULL;
    }
    struct system_sample *sample =
        ARRAY_PUSH(system->samples, system->sample_count, system->sample_capacity);
    if (!sample)
        OUT_OF_MEMORY(why);
    else
        sample->number = (unsigned)number;
    return sample;
}

static bool load_meminfo(struct loader *loader, const struct member_path *path, struct slice text,
                         struct failure *why)
{
    struct system_sample *sample = sample_of(loader, path, why);
    struct field_record record;
    if (!sample || !meminfo_parse(text, &record, why))
        return false;
    field_record_deinit(&sample->meminfo);
    sample->meminfo = record;
    sample->has_meminfo = true;
    sample->mtime_ns = path->mtime_ns;
    if (sample != &loader->snapshot->system.now)
        return true; /* the same fields once more */
    loader->snapshot->unknown_fields += record.extra_count;
    for (size_t i = 0; i < record.extra_count; i++)
        loader_unknown_field(loader, "meminfo", record.extra[i].name);
    return true;
}

static bool load_vmstat(struct loader *loader, const struct member_path *path, struct slice text,
                        struct failure *why)
{
    struct system_sample *sample = sample_of(loader, path, why);
    struct field_record record;
    if (!sample || !vmstat_parse(text, &record, why))
        return false;
    field_record_deinit(&sample->vmstat);
    sample->vmstat = record;
    sample->has_vmstat = true;
    return true;
}

static bool load_zoneinfo(struct loader *loader, const struct member_path *path, struct slice text,
                          struct failure *why)
{
    struct system_sample *sample = sample_of(loader, path, why);
    struct zoneinfo zoneinfo;
    if (!sample || !zoneinfo_parse(text, &zoneinfo, why))
        return false;
    bool first = slice_ends(path->whole, SLICE(".first"));
    struct zoneinfo *to = first ? &sample->zoneinfo_first : &sample->zoneinfo;
    zoneinfo_deinit(to);
    *to = zoneinfo;
    *(first ? &sample->has_zoneinfo_first : &sample->has_zoneinfo) = true;
    return true;
}

/* Formats whose result simply becomes a member of system_state. */
#define PLAIN_HANDLER(format)                                                                      \
    static bool load_##format(struct loader *loader, const struct member_path *path,               \
                              struct slice text, struct failure *why)                              \
    {                                                                                              \
        (void)path;                                                                                \
        struct system_state *system = &loader->snapshot->system;                                   \
        struct format parsed;                                                                      \
        if (!format##_parse(text, &parsed, why))                                                   \
            return false;                                                                          \
        format##_deinit(&system->format);                                                          \
        system->format = parsed;                                                                   \
        system->has_##format = true;                                                               \
        return true;                                                                               \
    }

PLAIN_HANDLER(buddyinfo)
PLAIN_HANDLER(slabinfo)
PLAIN_HANDLER(vmallocinfo)
PLAIN_HANDLER(modules)
PLAIN_HANDLER(swaps)
PLAIN_HANDLER(packet_sockets)

static bool load_shm(struct loader *loader, const struct member_path *path, struct slice text,
                     struct failure *why)
{
    (void)path;
    struct system_state *system = &loader->snapshot->system;
    struct sysvipc_shm parsed;
    if (!sysvipc_shm_parse(text, &parsed, why))
        return false;
    sysvipc_shm_deinit(&system->shm);
    system->shm = parsed;
    system->has_shm = true;
    return true;
}

/* sockstat and sockstat6 have different protocol names: their values are put together. */
static bool load_sockstat(struct loader *loader, const struct member_path *path, struct slice text,
                          struct failure *why)
{
    (void)path;
    struct sockstat *all = &loader->snapshot->system.sockstat;
    struct sockstat parsed;
    if (!sockstat_parse(text, &parsed, why))
        return false;
    size_t count = all->count + parsed.count;
    struct sockstat_value *values = realloc(all->values, (count ? count : 1) * sizeof *values);
    if (values) {
        if (parsed.count)
            memcpy(values + all->count, parsed.values, parsed.count * sizeof *values);
        all->values = values;
        all->count = count;
        loader->snapshot->system.has_sockstat = true;
    }
    sockstat_deinit(&parsed);
    return values || OUT_OF_MEMORY(why);
}

/* A file of one line that is an identity fact. */
static bool load_fact(struct loader *loader, enum identity_fact fact, struct slice text,
                      const char *source, struct failure *why)
{
    struct slice line;
    uint64_t number = 0;
    if (!next_line(&text, &line, &number) || line.length_bytes == 0)
        return true;
    struct identity *identity = &loader->snapshot->identity;
    return identity->text[fact] || identity_set(identity, fact, line, source) || OUT_OF_MEMORY(why);
}

#define FACT_HANDLER(name, fact, source)                                                           \
    static bool load_##name(struct loader *loader, const struct member_path *path,                 \
                            struct slice text, struct failure *why)                                \
    {                                                                                              \
        (void)path;                                                                                \
        return load_fact(loader, fact, text, source, why);                                         \
    }

FACT_HANDLER(osrelease, IDENTITY_KERNEL, "proc/sys/kernel/osrelease")
FACT_HANDLER(hostname, IDENTITY_HOST, "proc/sys/kernel/hostname")
FACT_HANDLER(boot_id, IDENTITY_BOOT_ID, "proc/sys/kernel/random/boot_id")

static bool keep_text(char **to, struct slice text, struct failure *why)
{
    free(*to);
    *to = strndup(text.at ? text.at : "", text.length_bytes);
    return *to || OUT_OF_MEMORY(why);
}

static bool load_version(struct loader *loader, const struct member_path *path, struct slice text,
                         struct failure *why)
{
    (void)path;
    return keep_text(&loader->version_storage, text, why);
}

static bool load_cpuinfo(struct loader *loader, const struct member_path *path, struct slice text,
                         struct failure *why)
{
    (void)path;
    return keep_text(&loader->cpuinfo_storage, text, why);
}

/* "snap pid 175 page_size 4096": what a plain copying program says of itself. */
static bool load_meta_collector(struct loader *loader, const struct member_path *path,
                                struct slice text, struct failure *why)
{
    (void)path;
    (void)why;
    struct slice word, line;
    uint64_t number = 0, value;
    if (!next_line(&text, &line, &number))
        return true;
    while (next_word(&line, &word)) {
        if (slice_equal(word, SLICE("page_size")) && next_decimal(&line, &value))
            loader->meta_page_size_bytes = value;
        else if (slice_equal(word, SLICE("pid")) && next_decimal(&line, &value))
            loader->snapshot->identity.collector_pid = value;
    }
    return true;
}

static const struct route {
    const char *pattern; /* '*' stands for one component */
    member_handler load;
} routes[] = {
    {"proc/meminfo",                                            load_meminfo       },
    {"proc/vmstat",                                             load_vmstat        },
    {"proc/zoneinfo",                                           load_zoneinfo      },
    {"proc/buddyinfo",                                          load_buddyinfo     },
    {"proc/slabinfo",                                           load_slabinfo      },
    {"proc/vmallocinfo",                                        load_vmallocinfo   },
    {"proc/modules",                                            load_modules       },
    {"proc/swaps",                                              load_swaps         },
    {"proc/sysvipc/shm",                                        load_shm           },
    {"proc/net/sockstat",                                       load_sockstat      },
    {"proc/net/sockstat6",                                      load_sockstat      },
    {"proc/net/packet",                                         load_packet_sockets},
    {"proc/version",                                            load_version       },
    {"proc/cpuinfo",                                            load_cpuinfo       },
    {"proc/iomem",                                              load_iomem         },
    {"proc/allocinfo",                                          load_allocinfo     },
    {"proc/spl/kstat/zfs/arcstats",                             load_arcstats      },
    {"proc/cgroups",                                            load_proc_cgroups  },
    {"sys/kernel/debug/vmmemctl",                               load_vmware_balloon},
    {"sys/kernel/debug/hv-balloon",                             load_hyperv_balloon},
    {"meta/cmd/dmesg.txt",                                      load_boot_log      },
    {"derived/statfs",                                          load_statfs        },
    {"derived/census",                                          load_census        },
    {"derived/shared_mm",                                       load_shared_mm     },
    {"proc/sys/kernel/osrelease",                               load_osrelease     },
    {"proc/sys/kernel/hostname",                                load_hostname      },
    {"proc/sys/kernel/random/boot_id",                          load_boot_id       },
    {"samples/*/meminfo",                                       load_meminfo       },
    {"samples/*/vmstat",                                        load_vmstat        },
    {"samples/*/zoneinfo",                                      load_zoneinfo      },
    {"samples/*/zoneinfo.first",                                load_zoneinfo      },
    {"meta/meminfo.end",                                        load_meminfo       },
    {"meta/collector",                                          load_meta_collector},
    {"sys/devices/system/node/*/meminfo",                       load_node_meminfo  },
    {"sys/kernel/mm/hugepages/*/nr_hugepages",                  load_huge_pages    },
    {"sys/kernel/mm/hugepages/*/free_hugepages",                load_huge_pages    },
    {"sys/kernel/mm/hugepages/*/resv_hugepages",                load_huge_pages    },
    {"sys/kernel/mm/hugepages/*/surplus_hugepages",             load_huge_pages    },
    {"sys/devices/system/node/*/hugepages/*/nr_hugepages",      load_huge_pages    },
    {"sys/devices/system/node/*/hugepages/*/free_hugepages",    load_huge_pages    },
    {"sys/devices/system/node/*/hugepages/*/surplus_hugepages", load_huge_pages    },
    {"sys/module/*/coresize",                                   load_module_size   },
    {"sys/module/*/initsize",                                   load_module_size   },
    {"sys/block/*/mm_stat",                                     load_zram          },
    {"sys/kernel/slab/*.link",                                  load_slab_alias    },
};

/* Tells most paths from most patterns at once: every member is held against all of them. */
static bool begins_alike(const char *pattern, struct slice path)
{
    size_t same = 0;
    while (same < path.length_bytes && pattern[same] == path.at[same])
        same++;
    return pattern[same] == '*' || (pattern[same] == '\0' && same == path.length_bytes);
}

bool member_matches(const char *pattern, struct slice path, struct slice *wildcard)
{
    if (!begins_alike(pattern, path))
        return false;
    struct slice left = slice_of(pattern);
    unsigned taken = 0;
    for (;;) {
        struct slice want = left, have = path, rest_want = {0}, rest_have = {0};
        bool more_want = split_at(left, '/', &want, &rest_want);
        bool more_have = split_at(path, '/', &have, &rest_have);
        if (more_want != more_have)
            return false;
        if (want.length_bytes && want.at[0] == '*') {
            if (have.length_bytes < want.length_bytes || !slice_ends(have, slice_skip(want, 1)))
                return false;
            wildcard[taken++] = have;
        } else if (!slice_equal(want, have)) {
            return false;
        }
        if (!more_want)
            return true;
        left = rest_want;
        path = rest_have;
    }
}

static const struct route *find_route(struct slice path, struct slice *wildcard)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        memset(wildcard, 0, WILDCARDS_MAX * sizeof *wildcard);
        if (member_matches(routes[i].pattern, path, wildcard))
            return &routes[i];
    }
    return NULL;
}

bool system_member_wanted(struct slice path)
{
    struct slice wildcard[WILDCARDS_MAX];
    return find_route(path, wildcard) || cgroup_member_wanted(path) || figure_wanted(path);
}

bool load_system_member(struct loader *loader, struct member_path *path, struct slice text,
                        bool *ok, struct failure *why)
{
    const struct route *route = find_route(path->whole, path->wildcard);
    if (!route && cgroup_member_wanted(path->whole)) {
        *ok = text.length_bytes == 0 || load_cgroup_member(loader, path, text, why);
        return true;
    }
    if (!route && figure_wanted(path->whole)) {
        *ok = text.length_bytes == 0 || load_figure(loader, path, text, why);
        return true;
    }
    if (!route)
        return false;
    /* An empty file says nothing; only an empty module list is an answer. */
    *ok = (text.length_bytes == 0 && route->load != load_modules) ||
          route->load(loader, path, text, why);
    return true;
}
