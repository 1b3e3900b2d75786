/* /proc/sysvipc/shm. Source: ipc/shm.c:sysvipc_shm_proc_show(). Columns are found by the header,
 * for rss and swap came later. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

struct sysv_segment {
    int64_t key; /* printed signed */
    uint64_t shmid;
    uint64_t size_bytes;
    uint64_t creator_pid, last_pid, attach_count;
    uint64_t uid, creator_uid;
    uint64_t rss_bytes, swap_bytes; /* valid if has_rss */
    bool has_rss;
    bool has_mode, is_removed; /* removed (SHM_DEST), and gone with its last attachment */
};

struct sysvipc_shm {
    struct sysv_segment *segments; /* owned */
    size_t count;
};

void sysvipc_shm_deinit(struct sysvipc_shm *shm);
bool sysvipc_shm_parse(struct slice text, struct sysvipc_shm *out, struct failure *why);
