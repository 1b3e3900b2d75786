/* Who, where and when: from the manifest, else from what the tree itself tells. */
#include <stdlib.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/bundle/manifest.h"
#include "analyzer/model/loader.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/text_cursor.h"

bool identity_set(struct identity *identity, enum identity_fact fact, struct slice text,
                  const char *source)
{
    char *copy = strndup(text.at ? text.at : "", text.length_bytes);
    if (!copy)
        return false;
    free(identity->text[fact]);
    identity->text[fact] = copy;
    identity->source[fact] = source;
    return true;
}

static bool take_texts(struct identity *identity, const struct manifest *manifest)
{
    static const struct {
        enum manifest_key key;
        enum identity_fact fact;
    } pairs[] = {
        {MANIFEST_HOST,           IDENTITY_HOST          },
        {MANIFEST_KERNEL_RELEASE, IDENTITY_KERNEL        },
        {MANIFEST_KERNEL_VERSION, IDENTITY_KERNEL_VERSION},
        {MANIFEST_ARCHITECTURE,   IDENTITY_ARCHITECTURE  },
        {MANIFEST_BOOT_ID,        IDENTITY_BOOT_ID       },
        {MANIFEST_LABEL,          IDENTITY_LABEL         },
        {MANIFEST_COLLECTOR,      IDENTITY_COLLECTOR     },
        {MANIFEST_FORMAT,         IDENTITY_FORMAT        },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *value = manifest->value[pairs[i].key];
        if (value && !identity_set(identity, pairs[i].fact, slice_of(value), "manifest"))
            return false;
    }
    return true;
}

static bool is_power_of_two(uint64_t value)
{
    return value && (value & (value - 1)) == 0;
}

static void take_numbers(struct identity *identity, const struct manifest *manifest)
{
    uint64_t number;
    if (manifest_number(manifest, MANIFEST_PAGE_SIZE_BYTES, &number) && is_power_of_two(number)) {
        identity->page_size_bytes = number;
        identity->page_size_source = "manifest";
    }
    if (manifest_number(manifest, MANIFEST_STARTED_REALTIME_NS, &number) && number <= INT64_MAX) {
        identity->taken_at_ns = (int64_t)number;
        identity->taken_at_source = "manifest";
    }
    if (manifest_number(manifest, MANIFEST_CLOCK_TICKS_PER_SECOND, &number))
        identity->clock_ticks_per_second = number;
    if (manifest_number(manifest, MANIFEST_COLLECTOR_PID, &number))
        identity->collector_pid = number;
    identity->has_collector_uid = manifest_number(manifest, MANIFEST_UID, &identity->collector_uid);
}

bool load_manifest(struct loader *loader, struct slice text, struct failure *why)
{
    struct manifest manifest;
    if (!manifest_parse(text, &manifest, why))
        return false;
    struct identity *identity = &loader->snapshot->identity;
    bool ok = take_texts(identity, &manifest) || OUT_OF_MEMORY(why);
    take_numbers(identity, &manifest);
    manifest_deinit(&manifest);
    loader->met_manifest = true;
    loader->snapshot->is_ours = true;
    return ok;
}

/* "Linux version RELEASE (builder) (compiler) #1 SMP ...": release and what follows '#'. */
static bool from_version(struct loader *loader)
{
    struct identity *identity = &loader->snapshot->identity;
    if (!loader->version_storage)
        return true;
    struct slice rest = slice_of(loader->version_storage), line, word;
    uint64_t number = 0;
    if (!next_line(&rest, &line, &number))
        return true;
    struct slice left, right, words = line;
    if (!identity->text[IDENTITY_KERNEL] && next_word(&words, &word) && next_word(&words, &word) &&
        slice_equal(word, SLICE("version")) && next_word(&words, &word) &&
        !identity_set(identity, IDENTITY_KERNEL, word, "proc/version"))
        return false;
    if (identity->text[IDENTITY_KERNEL_VERSION] || !split_at(line, '#', &left, &right))
        return true;
    right = (struct slice){right.at - 1, right.length_bytes + 1};
    return identity_set(identity, IDENTITY_KERNEL_VERSION, right, "proc/version");
}

/* The page size, from the surest source to the weakest. */
static void find_page_size(struct loader *loader)
{
    struct snapshot *snapshot = loader->snapshot;
    struct identity *identity = &snapshot->identity;
    const struct system_sample *now = &snapshot->system.now;
    uint64_t total, managed;
    if (identity->page_size_source)
        return;
    if (is_power_of_two(loader->smallest_page_bytes)) {
        identity->page_size_bytes = loader->smallest_page_bytes;
        identity->page_size_source = "KernelPageSize in smaps";
    } else if (is_power_of_two(loader->meta_page_size_bytes)) {
        identity->page_size_bytes = loader->meta_page_size_bytes;
        identity->page_size_source = "meta/collector";
    } else if (now->has_meminfo && now->has_zoneinfo &&
               field_get(&now->meminfo, MEMINFO_MEM_TOTAL, &total) &&
               zoneinfo_managed_pages(&now->zoneinfo, &managed) && managed &&
               is_power_of_two((total + managed / 2) / managed)) {
        identity->page_size_bytes = (total + managed / 2) / managed;
        identity->page_size_source = "MemTotal over managed pages";
    }
    for (size_t i = 0; i < snapshot->process_count && !identity->page_size_source; i++) {
        const struct process *process = &snapshot->processes[i];
        struct amount size = process->status_size[STATUS_VM_SIZE];
        if (!(process->files & PROCESS_STATM) || !size.known || !process->statm_size_pages ||
            !is_power_of_two(size.bytes / process->statm_size_pages))
            continue;
        identity->page_size_bytes = size.bytes / process->statm_size_pages;
        identity->page_size_source = "VmSize over statm";
    }
}

/* What /proc/cpuinfo of each architecture has that no other has. */
static const struct cpuinfo_mark {
    const char *text;
    const char *narrow, *wide; /* uname -m for 32 and 64 bit kernels */
} cpuinfo_marks[] = {
    {"IBM/S390",            "s390",        "s390x"      },
    {"CPU implementer",     "armv7l",      "aarch64"    },
    {"isa\t\t: rv",         "riscv32",     "riscv64"    },
    {"cpu model\t\t: MIPS", "mips",        "mips64"     },
    {"Loongson",            "loongarch32", "loongarch64"},
    {"POWER",               "ppc",         "ppc64"      },
    {"vendor_id\t: ",       "i686",        "x86_64"     },
};

/* cpuinfo does not tell the byte order, but most distributions name it in the release
 * ("powerpc64le", "ppc64le", "ppc64"). NULL where they do not. */
static const char *find_byte_order(const char *release)
{
    if (!release)
        return NULL;
    if (strstr(release, "pc64le"))
        return "ppc64le";
    return strstr(release, "pc64") ? "ppc64" : NULL;
}

/* A 32-bit kernel cannot have more than 4 GiB of vmalloc space, and no 64-bit one has less. */
static bool find_architecture(struct loader *loader)
{
    struct identity *identity = &loader->snapshot->identity;
    const struct system_sample *now = &loader->snapshot->system.now;
    uint64_t vmalloc_total;
    if (identity->text[IDENTITY_ARCHITECTURE] || !loader->cpuinfo_storage || !now->has_meminfo ||
        !field_get(&now->meminfo, MEMINFO_VMALLOC_TOTAL, &vmalloc_total))
        return true;
    bool wide = vmalloc_total > UINT64_C(4) << 30;
    for (size_t i = 0; i < sizeof cpuinfo_marks / sizeof cpuinfo_marks[0]; i++) {
        if (!strstr(loader->cpuinfo_storage, cpuinfo_marks[i].text))
            continue;
        const char *name = wide ? cpuinfo_marks[i].wide : cpuinfo_marks[i].narrow;
        if (strcmp(name, "ppc64") == 0)
            name = find_byte_order(identity->text[IDENTITY_KERNEL]);
        return !name || identity_set(identity, IDENTITY_ARCHITECTURE, slice_of(name),
                                     "proc/cpuinfo and VmallocTotal");
    }
    return true;
}

bool identity_complete(struct loader *loader, struct failure *why)
{
    struct identity *identity = &loader->snapshot->identity;
    find_page_size(loader);
    if (!from_version(loader) || !find_architecture(loader))
        return OUT_OF_MEMORY(why);
    const struct system_sample *now = &loader->snapshot->system.now;
    if (!identity->taken_at_source && now->has_meminfo && now->mtime_ns) {
        identity->taken_at_ns = now->mtime_ns;
        identity->taken_at_source = "mtime of proc/meminfo";
    }
    return true;
}
