/* What the path of a cgroup tells about who lives there: the systemd unit, the container, the pod.
 * Only the words of the path are read, so a runtime with other habits stays unnamed. */
#pragma once

#include "analyzer/base/slice.h"

struct cgroup_name {
    struct slice unit; /* "cron.service", "session-3.scope"; the deepest .service, .scope, .socket,
                               .mount or .swap, else the deepest .slice; empty: none            */
    struct slice container; /* its id or name without prefix and suffix, the deepest; empty: none */
    struct slice pod; /* uid of a Kubernetes pod as it stands there ('_' may be '-'); empty: none */
    const char *runtime; /* static: "docker", "podman", "containerd", "cri-o", "lxc", "nspawn",
                               "machine"; NULL: not told by the path, or no container            */
};

/* Slices point into `path` ("/system.slice/docker-ID.scope"). */
struct cgroup_name cgroup_name_of(struct slice path);

/* The name for people, borrowed from `path`: the first 12 bytes of a container's hexadecimal id (its whole
 * name otherwise), else the unit, else the last component, else "/". */
struct slice cgroup_short_name(struct slice path);
