#include "analyzer/account/mapping_rules.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* glibc and musl guard a thread's stack with one page up to 64 KiB of it; the JVM with a few. */
#define GUARD_BYTES_MAX        (256 * UINT64_C(1024))
#define THREAD_STACK_BYTES_MIN (16 * UINT64_C(1024)) /* PTHREAD_STACK_MIN is 16 KiB or more */
#define THREAD_STACK_BYTES_MAX GIB

static const struct mapping *before(const struct mapping_scene *scene)
{
    const struct mapping *mapping = scene->at ? scene->mapping - 1 : NULL;
    return mapping && mapping->end == scene->mapping->start ? mapping : NULL;
}

static const struct mapping *behind(const struct mapping_scene *scene)
{
    const struct mapping *mapping = scene->at + 1 < scene->count ? scene->mapping + 1 : NULL;
    return mapping && mapping->start == scene->mapping->end ? mapping : NULL;
}

static const struct mapped_object *object_of(const struct mapping_scene *scene,
                                             const struct mapping *mapping)
{
    return &scene->snapshot->mappings.objects[mapping->object];
}

static uint64_t length_bytes(const struct mapping *mapping)
{
    return mapping->end - mapping->start;
}

/* Private, without file or name. */
static bool is_plain(const struct mapping_scene *scene, const struct mapping *mapping)
{
    const struct mapped_object *object = object_of(scene, mapping);
    return !(mapping->permissions & SMAPS_SHARED) && object->inode == 0 &&
           snapshot_text(scene->snapshot, object->name).length_bytes == 0;
}

/* Addresses that may not be touched. */
static bool is_fence(const struct mapping_scene *scene, const struct mapping *mapping)
{
    return mapping->permissions == 0 && is_plain(scene, mapping);
}

/* PowerPC and others print the MMU's page, which may be smaller; the kernel's counts. */
bool shape_hugetlb(const struct mapping_scene *scene)
{
    uint64_t page_bytes;
    if (classifier_is_mounted(scene->classifier, "hugetlbfs", scene->object))
        return true;
    return scene->mapping->kernel_page_log2 < 63 &&
           snapshot_page_size(scene->snapshot, &page_bytes) &&
           UINT64_C(1) << scene->mapping->kernel_page_log2 > page_bytes;
}

bool shape_tmpfs(const struct mapping_scene *scene)
{
    return classifier_is_mounted(scene->classifier, "tmpfs", scene->object);
}

bool shape_first_stack(const struct mapping_scene *scene)
{
    uint64_t stack = scene->process->start_stack;
    return stack && scene->mapping->start <= stack && stack < scene->mapping->end;
}

bool shape_sysv_name(const struct mapping_scene *scene)
{
    struct slice key = slice_skip(scene->name, 5);
    if (!slice_starts(scene->name, SLICE("/SYSV")) || key.length_bytes < 8)
        return false;
    for (size_t i = 0; i < 8; i++)
        if (!strchr("0123456789abcdef", key.at[i]) || !key.at[i])
            return false;
    return key.length_bytes == 8 || slice_equal(slice_skip(key, 8), SLICE(" (deleted)"));
}

/* A small fence below, as pthread_create() makes it, or the flag of guards inside the mapping. Programs
 * fence other memory too: a process with one thread has no such stack. */
bool shape_thread_stack(const struct mapping_scene *scene)
{
    uint64_t bytes = length_bytes(scene->mapping);
    bool is_single = scene->process->threads.known && scene->process->threads.bytes == 1;
    if (is_single || !is_plain(scene, scene->mapping) || bytes < THREAD_STACK_BYTES_MIN ||
        bytes > THREAD_STACK_BYTES_MAX)
        return false;
    const struct mapping *fence = before(scene);
    return (fence && is_fence(scene, fence) && length_bytes(fence) <= GUARD_BYTES_MAX) ||
           mapping_has_flag(scene, scene->mapping, "gu");
}

/* glibc reserves HEAP_MAX_SIZE aligned to itself and opens it from the start: 64 MiB where long has
 * 8 bytes, else 1 MiB. What is reserved behind may have merged with a fence that follows. */
static bool is_arena_of(const struct mapping_scene *scene, uint64_t reserved_bytes)
{
    const struct mapping *rest = behind(scene);
    return scene->mapping->start % reserved_bytes == 0 &&
           length_bytes(scene->mapping) < reserved_bytes && rest && is_fence(scene, rest) &&
           rest->end - scene->mapping->start >= reserved_bytes;
}

bool shape_arena(const struct mapping_scene *scene)
{
    if (!is_plain(scene, scene->mapping))
        return false;
    return is_arena_of(scene, 64 * MIB) ||
           (scene->mapping->start < 4 * GIB && is_arena_of(scene, MIB));
}

/* Hints of the Go runtime: 0xc000000000 on most, 0x4000000000 on arm64. No kernel puts a mapping
 * there unasked. */
bool shape_go(const struct mapping_scene *scene)
{
    uint64_t start = scene->mapping->start;
    return is_plain(scene, scene->mapping) &&
           ((start >= UINT64_C(0xc000000000) && start < UINT64_C(0xe000000000)) ||
            (start >= UINT64_C(0x4000000000) && start < UINT64_C(0x5000000000)));
}

/* Compressed pointers keep the Java heap and its classes below 32 GiB, where the kernel puts nothing
 * in a process of 64 bits. */
bool shape_jvm(const struct mapping_scene *scene)
{
    bool is_wide = scene->all[scene->count - 1].end > 4 * GIB;
    return scene->has_jvm && is_wide && is_plain(scene, scene->mapping) &&
           scene->mapping->start < 32 * GIB;
}

bool shape_v8_name(const struct mapping_scene *scene)
{
    return slice_starts(scene->name, SLICE("[anon:v8")) ||
           slice_starts(scene->name, SLICE("[anon:V8")) ||
           slice_starts(scene->name, SLICE("[anon: v8")) ||
           slice_starts(scene->name, SLICE("[anon: V8"));
}

bool shape_exe(const struct mapping_scene *scene)
{
    return classifier_is_program(scene->classifier, scene->mapping->object);
}

bool shape_library(const struct mapping_scene *scene)
{
    return classifier_is_executed(scene->classifier, scene->mapping->object);
}

/* What the linker wrote and closed. The kernel charged it when it was writable ("ac") and never
 * takes that back; without flags, pages of its own tell. */
static bool was_written(const struct mapping_scene *scene)
{
    uint64_t value[SMAPS_FIELD_COUNT];
    if (scene->mapping->vm_flags)
        return mapping_has_flag(scene, scene->mapping, "ac");
    mapping_values(&scene->snapshot->mappings, scene->mapping, value);
    return value[SMAPS_ANONYMOUS] || value[SMAPS_PRIVATE_DIRTY];
}

bool shape_exe_relro(const struct mapping_scene *scene)
{
    return shape_exe(scene) && was_written(scene);
}

bool shape_library_relro(const struct mapping_scene *scene)
{
    return shape_library(scene) && was_written(scene);
}

/* The loader maps it right behind the last part of the file, which is data, or relro when that is
 * all the data there is. */
static bool is_behind_data(const struct mapping_scene *scene, bool program)
{
    const struct mapping *data = before(scene);
    if (!data || !is_plain(scene, scene->mapping) || (data->permissions & SMAPS_SHARED) ||
        (data->permissions & SMAPS_EXECUTE) || object_of(scene, data)->inode == 0)
        return false;
    return program ? classifier_is_program(scene->classifier, data->object)
                   : classifier_is_executed(scene->classifier, data->object);
}

bool shape_exe_bss(const struct mapping_scene *scene)
{
    return is_behind_data(scene, true);
}

bool shape_library_bss(const struct mapping_scene *scene)
{
    return is_behind_data(scene, false);
}

bool shape_large(const struct mapping_scene *scene)
{
    return length_bytes(scene->mapping) > GUARD_BYTES_MAX;
}
