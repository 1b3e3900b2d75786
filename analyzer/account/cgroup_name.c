#include "analyzer/account/cgroup_name.h"

#include "analyzer/parse/text_cursor.h"

#define CONTAINER_ID_DIGITS 64u /* sha256, as docker, podman, containerd and CRI-O print it */
#define SHORT_ID_DIGITS     12u /* what `docker ps` shows of it                            */

/* A component that begins and ends like this holds the container's id between. */
struct container_form {
    const char *prefix, *suffix;
    const char *runtime; /* NULL: a helper beside the container, not the container */
};

/* The first that fits decides: helpers stand before their containers. */
static const struct container_form forms[] = {
    {"crio-conmon-",    ".scope",   NULL        },
    {"libpod-conmon-",  ".scope",   NULL        },
    {"docker-",         ".scope",   "docker"    },
    {"libpod-payload-", "",         "podman"    },
    {"libpod-",         ".scope",   "podman"    },
    {"libpod-",         "",         "podman"    },
    {"cri-containerd-", ".scope",   "containerd"},
    {"nerdctl-",        ".scope",   "containerd"},
    {"crio-",           ".scope",   "cri-o"     },
    {"crio-",           "",         "cri-o"     },
    {"lxc.payload.",    "",         "lxc"       },
    {"systemd-nspawn@", ".service", "nspawn"    },
    {"machine-",        ".scope",   "machine"   },
};

/* A folder of which each child is a container. */
static const struct container_folder {
    const char *name, *runtime;
} folders[] = {
    {"docker",      "docker"    },
    {"lxc",         "lxc"       },
    {"lxc.payload", "lxc"       },
    {"k8s.io",      "containerd"},
};

static const char *const unit_suffixes[] = {".service", ".scope", ".socket", ".mount", ".swap"};

/* What stands before a pod's uid: as a slice of systemd anywhere, as a plain folder below "kubepods". */
static const struct pod_form {
    const char *prefix, *suffix;
    bool only_in_kubepods;
} pod_forms[] = {
    {"kubepods-burstable-pod",  ".slice", false},
    {"kubepods-besteffort-pod", ".slice", false},
    {"kubepods-pod",            ".slice", false},
    {"pod",                     "",       true },
};

static bool is_hexadecimal(struct slice text)
{
    for (size_t i = 0; i < text.length_bytes; i++)
        if (!((text.at[i] >= '0' && text.at[i] <= '9') || (text.at[i] >= 'a' && text.at[i] <= 'f')))
            return false;
    return text.length_bytes > 0;
}

static bool is_container_id(struct slice text)
{
    return text.length_bytes == CONTAINER_ID_DIGITS && is_hexadecimal(text);
}

/* What stands between both ends of `text`; false when it does not begin and end so, or nothing is between. */
static bool strip_ends(struct slice text, struct slice prefix, struct slice suffix,
                       struct slice *between)
{
    if (text.length_bytes <= prefix.length_bytes + suffix.length_bytes ||
        !slice_starts(text, prefix) || !slice_ends(text, suffix))
        return false;
    *between = slice_skip(text, prefix.length_bytes);
    between->length_bytes -= suffix.length_bytes;
    return true;
}

static void see_container(struct cgroup_name *name, struct slice part, struct slice parent)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct slice id;
        if (!strip_ends(part, slice_of(forms[i].prefix), slice_of(forms[i].suffix), &id))
            continue;
        if (forms[i].runtime) {
            name->container = id;
            name->runtime = forms[i].runtime;
        }
        return;
    }
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (!slice_equal(parent, slice_of(folders[i].name)))
            continue;
        name->container = part;
        name->runtime = folders[i].runtime;
        return;
    }
    if (is_container_id(part)) {
        name->container = part;
        name->runtime = NULL;
    }
}

static void see_pod(struct cgroup_name *name, struct slice part, bool in_kubepods)
{
    for (size_t i = 0; i < sizeof pod_forms / sizeof pod_forms[0]; i++) {
        const struct pod_form *form = &pod_forms[i];
        if ((in_kubepods || !form->only_in_kubepods) &&
            strip_ends(part, slice_of(form->prefix), slice_of(form->suffix), &name->pod))
            return;
    }
}

static bool has_unit_suffix(struct slice part)
{
    for (size_t i = 0; i < sizeof unit_suffixes / sizeof unit_suffixes[0]; i++)
        if (slice_ends(part, slice_of(unit_suffixes[i])))
            return true;
    return false;
}

struct cgroup_name cgroup_name_of(struct slice path)
{
    struct cgroup_name name = {0};
    struct slice left = path, parent = {0}, lowest_slice = {0};
    bool in_kubepods = false;
    for (bool more = true; more;) {
        struct slice part = left;
        more = split_at(left, '/', &part, &left);
        if (part.length_bytes == 0)
            continue;
        if (slice_ends(part, SLICE(".slice")))
            lowest_slice = part;
        else if (has_unit_suffix(part))
            name.unit = part;
        see_container(&name, part, parent);
        see_pod(&name, part, in_kubepods);
        in_kubepods = in_kubepods || slice_equal(part, SLICE("kubepods"));
        parent = part;
    }
    if (!name.unit.length_bytes)
        name.unit = lowest_slice;
    return name;
}

static struct slice last_component(struct slice path)
{
    size_t end = path.length_bytes;
    while (end && path.at[end - 1] == '/')
        end--;
    size_t start = end;
    while (start && path.at[start - 1] != '/')
        start--;
    return (struct slice){path.at + start, end - start};
}

struct slice cgroup_short_name(struct slice path)
{
    struct cgroup_name name = cgroup_name_of(path);
    if (is_container_id(name.container))
        return (struct slice){name.container.at, SHORT_ID_DIGITS};
    if (name.container.length_bytes)
        return name.container;
    if (name.unit.length_bytes)
        return name.unit;
    struct slice last = last_component(path);
    return last.length_bytes ? last : SLICE("/");
}
