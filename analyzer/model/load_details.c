/* Members that say more than counters: memory map, census, mounts, call sites, caches, boot log. */
#include "analyzer/model/load_details.h"

#include <stdio.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/bundle/derived.h"
#include "analyzer/parse/system/allocinfo.h"
#include "analyzer/parse/system/boot_log.h"
#include "analyzer/parse/system/keyed_number.h"

bool load_iomem(struct loader *loader, const struct member_path *path, struct slice text,
                struct failure *why)
{
    (void)path;
    struct system_details *details = &loader->snapshot->system.details;
    bool is_hidden;
    if (!iomem_parse(text, &details->iomem, &is_hidden, why))
        return false;
    details->has_iomem = !is_hidden;
    return true;
}

bool load_census(struct loader *loader, const struct member_path *path, struct slice text,
                 struct failure *why)
{
    (void)path;
    struct system_details *details = &loader->snapshot->system.details;
    struct census parsed;
    if (!census_parse(text, &parsed, why))
        return false;
    census_deinit(&details->census);
    details->census = parsed;
    details->has_census = true;
    return true;
}

/* total - free; unknown when the file system keeps no count (total 0, or -1 of hugetlbfs). */
static struct amount used_of(const struct derived_record *record, enum derived_key total,
                             enum derived_key free_count)
{
    uint64_t have = record->number[total], left = record->number[free_count];
    if (!record->has[total] || !record->has[free_count] || have == 0 || have == UINT64_MAX ||
        left > have)
        return AMOUNT_UNKNOWN;
    return amount_of(have - left);
}

static struct amount in_bytes(struct amount blocks, const struct derived_record *record)
{
    if (!blocks.known || !record->has[DERIVED_BLOCK_BYTES])
        return AMOUNT_UNKNOWN;
    return amount_of(multiply_saturating(blocks.bytes, record->number[DERIVED_BLOCK_BYTES]));
}

static bool take_mount(void *context, const struct derived_record *record, struct failure *why)
{
    struct loader *loader = context;
    struct snapshot *snapshot = loader->snapshot;
    struct system_details *details = &snapshot->system.details;
    uint32_t type, point;
    if (record->kind != DERIVED_MOUNT)
        return true;
    if (details->mount_count >= LISTED_MAX)
        return failure_set(why, FAILURE_LIMIT, 0, "more than %d mounts", LISTED_MAX);
    if (!string_pool_add(&snapshot->strings, record->type, &type) ||
        !string_pool_add(&snapshot->strings, record->path, &point))
        return OUT_OF_MEMORY(why);
    struct memory_mount *mount =
        ARRAY_PUSH(details->mounts, details->mount_count, details->mount_capacity);
    if (!mount)
        return OUT_OF_MEMORY(why);
    *mount = (struct memory_mount){
        .type = type, .point = point, .major = record->major, .minor = record->minor};
    struct amount used = used_of(record, DERIVED_BLOCKS, DERIVED_FREE_BLOCKS);
    mount->used_bytes = in_bytes(used, record);
    mount->files = used_of(record, DERIVED_FILES, DERIVED_FREE_FILES);
    if (used.known)
        mount->size_bytes = in_bytes(amount_of(record->number[DERIVED_BLOCKS]), record);
    return true;
}

bool load_statfs(struct loader *loader, const struct member_path *path, struct slice text,
                 struct failure *why)
{
    (void)path;
    loader->snapshot->system.details.mount_count = 0;
    return derived_parse(text, take_mount, loader, why);
}

static bool take_shared(void *context, const struct derived_record *record, struct failure *why)
{
    struct loader *loader = context;
    struct told_spaces *told = &loader->snapshot->told_spaces;
    if (record->kind == DERIVED_COMPARED)
        told->complete = record->number[DERIVED_REFUSED] == 0;
    if (record->kind != DERIVED_SHARED)
        return true;
    if (told->count >= loader->options->limits.processes)
        return failure_set(why, FAILURE_LIMIT, 0, "more pairs than there may be processes");
    struct told_space *pair = ARRAY_PUSH(told->pairs, told->count, told->capacity);
    if (!pair)
        return OUT_OF_MEMORY(why);
    *pair = (struct told_space){record->number[DERIVED_PID], record->number[DERIVED_FIRST]};
    return true;
}

bool load_shared_mm(struct loader *loader, const struct member_path *path, struct slice text,
                    struct failure *why)
{
    (void)path;
    loader->snapshot->told_spaces.count = 0;
    loader->snapshot->told_spaces.complete = false;
    return derived_parse(text, take_shared, loader, why);
}

/* "mm/slub.c:2400 func:alloc_slab_page", interned. */
static bool intern_place(struct string_pool *strings, const struct allocinfo_site *site,
                         uint32_t *id)
{
    AUTO_FREE char *place = NULL;
    int length = asprintf(&place, "%.*s func:%.*s", (int)site->file_line.length_bytes,
                          site->file_line.at, (int)site->function.length_bytes, site->function.at);
    if (length < 0) {
        place = NULL;
        return false;
    }
    return string_pool_add(strings, (struct slice){place, (size_t)length}, id);
}

static bool keep_sites(struct snapshot *snapshot, const struct allocinfo *allocinfo,
                       struct failure *why)
{
    struct system_details *details = &snapshot->system.details;
    details->site_count = 0;
    for (size_t i = 0; i < allocinfo->count; i++) {
        const struct allocinfo_site *from = &allocinfo->sites[i];
        struct allocation_site site = {.bytes = from->bytes, .calls = from->calls};
        if (!intern_place(&snapshot->strings, from, &site.place) ||
            !string_pool_add(&snapshot->strings, from->module, &site.module))
            return OUT_OF_MEMORY(why);
        struct allocation_site *slot =
            ARRAY_PUSH(details->sites, details->site_count, details->site_capacity);
        if (!slot)
            return OUT_OF_MEMORY(why);
        *slot = site;
    }
    return true;
}

bool load_allocinfo(struct loader *loader, const struct member_path *path, struct slice text,
                    struct failure *why)
{
    (void)path;
    struct allocinfo parsed;
    if (!allocinfo_parse(text, &parsed, why))
        return false;
    bool ok = keep_sites(loader->snapshot, &parsed, why);
    allocinfo_deinit(&parsed);
    return ok;
}

/* "size  4  1048576": name, type of the kstat, value. */
bool load_arcstats(struct loader *loader, const struct member_path *path, struct slice text,
                   struct failure *why)
{
    (void)path;
    uint64_t bytes;
    if (!keyed_number_parse(text, SLICE("size"), 2, &bytes, why))
        return false;
    loader->snapshot->system.details.arc_bytes = amount_of(bytes);
    return true;
}

bool load_boot_log(struct loader *loader, const struct member_path *path, struct slice text,
                   struct failure *why)
{
    (void)path;
    (void)why;
    struct boot_log log = boot_log_parse(text);
    if (log.present_bytes.known)
        loader->snapshot->system.details.boot_present = log.present_bytes;
    if (log.percpu_unit_pages.known && log.percpu_units.known)
        loader->first_chunk_pages =
            amount_of(multiply_saturating(log.percpu_unit_pages.bytes, log.percpu_units.bytes));
    details_scale_pages(loader);
    return true;
}

void details_scale_pages(struct loader *loader)
{
    struct system_details *details = &loader->snapshot->system.details;
    uint64_t page_bytes;
    if (!snapshot_page_size(loader->snapshot, &page_bytes))
        return;
    if (loader->first_chunk_pages.known)
        details->first_percpu_chunk =
            amount_of(multiply_saturating(loader->first_chunk_pages.bytes, page_bytes));
    for (size_t i = 0; i < details->balloon_count; i++)
        if (details->balloons[i].driver == BALLOON_HYPERV && loader->hyperv_balloon_pages.known)
            details->balloons[i].bytes =
                amount_of(multiply_saturating(loader->hyperv_balloon_pages.bytes, page_bytes));
}
