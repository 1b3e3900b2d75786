#include "analyzer/account/page_fate.h"

#include "analyzer/account/object_identity.h"

static const char *const fate_keys[] = {
#define FATE_KEY(constant, key, words) [FATE_##constant] = key,
    PAGE_FATES(FATE_KEY)
#undef FATE_KEY
};

static const char *const fate_words[] = {
#define FATE_WORDS(constant, key, words) [FATE_##constant] = words,
    PAGE_FATES(FATE_WORDS)
#undef FATE_WORDS
};

const char *page_fate_key(enum page_fate fate)
{
    return fate_keys[fate];
}

const char *page_fate_words(enum page_fate fate)
{
    return fate_words[fate];
}

static bool on_tmpfs(const struct snapshot *snapshot, const struct mapped_object *object)
{
    const struct system_details *details = &snapshot->system.details;
    for (size_t i = 0; i < details->mount_count; i++) {
        const struct memory_mount *mount = &details->mounts[i];
        if (mount->major == object->device_major && mount->minor == object->device_minor &&
            !slice_equal(snapshot_text(snapshot, mount->type), SLICE("hugetlbfs")))
            return true;
    }
    return false;
}

struct file_fate file_fate_of(const struct snapshot *snapshot, const struct mapped_object *object)
{
    struct slice name = snapshot_text(snapshot, object->name);
    /* A file without a name lives as long as a descriptor is open, a segment of System V until
     * somebody removes it: neither shows in mappings. */
    bool deleted = object_is_deleted(snapshot, object);
    struct file_fate shmem = {FATE_SHMEM, deleted ? LIFE_NOT_KNOWN : LIFE_STAYS};
    switch (object_kind_of(snapshot, object)) {
    case OBJECT_FILE:
        return on_tmpfs(snapshot, object) ? shmem : (struct file_fate){FATE_CACHE, LIFE_STAYS};
    case OBJECT_SHMEM: /* no descriptor leads to memory of mmap(MAP_SHARED | MAP_ANONYMOUS) */
        if (!slice_starts(name, SLICE("/dev/shm/")))
            return (struct file_fate){FATE_SHMEM, LIFE_ENDS};
        return shmem;
    case OBJECT_MEMFD:
    case OBJECT_SYSV:
        return (struct file_fate){FATE_SHMEM, LIFE_NOT_KNOWN};
    case OBJECT_HUGETLB:
        return (struct file_fate){FATE_HUGE, LIFE_STAYS};
    case OBJECT_DEVICE:
    case OBJECT_SPECIAL:
        return (struct file_fate){FATE_KERNEL, LIFE_STAYS};
    default:
        return (struct file_fate){FATE_FREE, LIFE_ENDS};
    }
}

void page_fate_add(struct byte_range *fate, struct file_fate file, struct byte_range lost,
                   uint64_t anon_bytes, uint64_t file_bytes)
{
    if (file.fate == FATE_FREE) { /* no file, so that all are of one sort */
        range_add(&fate[FATE_FREE], lost);
        return;
    }
    struct byte_range anon = {subtract_to_zero(lost.low, file_bytes), least(lost.high, anon_bytes)};
    struct byte_range own = {subtract_to_zero(lost.low, anon_bytes), least(lost.high, file_bytes)};
    range_add(&fate[FATE_FREE], anon);
    if (file.fate != FATE_SHMEM || file.life == LIFE_STAYS) {
        range_add(&fate[file.fate], own);
    } else if (file.life == LIFE_ENDS) {
        range_add(&fate[FATE_FREE], own);
    } else {
        own.low = 0;
        range_add(&fate[FATE_FREE], own);
        range_add(&fate[FATE_SHMEM], own);
    }
}
