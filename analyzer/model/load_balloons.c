/* Balloons, by their drivers' own files: how much each holds, and whether MemTotal still counts it. */
#include <stdio.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/model/load_details.h"
#include "analyzer/parse/system/keyed_number.h"

#define VIRTIO_FOLDER       "sys/bus/virtio/devices/"
#define XEN_FOLDER          "sys/devices/system/xen_memory/xen_memory0/info/"
#define CMM_FILE            "sys/devices/system/cmm/cmm0/loaned_kb"
#define VIRTIO_ID_BALLOON   "0x0005"
#define DEFLATE_ON_OOM      2    /* VIRTIO_BALLOON_F_DEFLATE_ON_OOM: a bit number */
#define VMWARE_PAGE_BYTES   4096 /* the hypervisor's unit; the driver is built for x86 only */
#define VIRTIO_PATH_ROOM    128
#define VIRTIO_DEVICE_BYTES 64 /* names are "virtio0"; longer ones are no device */

/* The driver's row, made if new. */
static struct balloon *balloon_of(struct system_details *details, enum balloon_driver driver,
                                  const char *source)
{
    for (size_t i = 0; i < details->balloon_count; i++)
        if (details->balloons[i].driver == driver)
            return &details->balloons[i];
    struct balloon *balloon = &details->balloons[details->balloon_count++];
    *balloon = (struct balloon){.driver = driver, .source = source};
    return balloon;
}

/* vmw_balloon never changes the number of managed pages. Source: drivers/misc/vmw_balloon.c */
bool load_vmware_balloon(struct loader *loader, const struct member_path *path, struct slice text,
                         struct failure *why)
{
    (void)path;
    uint64_t pages;
    if (!keyed_number_parse(text, SLICE("current"), 1, &pages, why))
        return false;
    struct balloon *balloon =
        balloon_of(&loader->snapshot->system.details, BALLOON_VMWARE, "sys/kernel/debug/vmmemctl");
    balloon->bytes = amount_of(multiply_saturating(pages, VMWARE_PAGE_BYTES));
    balloon->knows_place = balloon->inside_total = true;
    return true;
}

/* hv_balloon takes its pages out of the managed ones. Source: drivers/hv/hv_balloon.c */
bool load_hyperv_balloon(struct loader *loader, const struct member_path *path, struct slice text,
                         struct failure *why)
{
    (void)path;
    uint64_t pages;
    if (!keyed_number_parse(text, SLICE("pages_ballooned"), 1, &pages, why))
        return false;
    struct balloon *balloon = balloon_of(&loader->snapshot->system.details, BALLOON_HYPERV,
                                         "sys/kernel/debug/hv-balloon");
    balloon->knows_place = true;
    loader->hyperv_balloon_pages = amount_of(pages);
    details_scale_pages(loader);
    return true;
}

/* xen-balloon prints what it holds below and above the border of lowmem; so it is outside, by
 * adjust_managed_page_count(). Source: drivers/xen/balloon.c, xen-balloon.c */
static void see_xen(struct snapshot *snapshot)
{
    int64_t low_kib = 0, high_kib = 0;
    if (!figure_number(snapshot, XEN_FOLDER "low_kb", &low_kib) || low_kib < 0)
        return;
    if (!figure_number(snapshot, XEN_FOLDER "high_kb", &high_kib) || high_kib < 0)
        high_kib = 0; /* no such border on 64-bit machines: nothing above it */
    struct balloon *balloon =
        balloon_of(&snapshot->system.details, BALLOON_XEN, XEN_FOLDER "low_kb");
    balloon->knows_place = true;
    balloon->bytes =
        amount_of(multiply_saturating(add_saturating((uint64_t)low_kib, (uint64_t)high_kib), 1024));
}

/* Source: arch/powerpc/platforms/pseries/cmm.c */
static void see_cmm(struct snapshot *snapshot)
{
    int64_t kib;
    if (!figure_number(snapshot, CMM_FILE, &kib) || kib < 0)
        return;
    struct balloon *balloon = balloon_of(&snapshot->system.details, BALLOON_PSERIES, CMM_FILE);
    balloon->knows_place = true;
    balloon->bytes = amount_of(multiply_saturating((uint64_t)kib, 1024));
}

/* The size is in none of its files (meminfo and vmstat may tell). Its bits are printed as digits, the
 * lowest first. Source: drivers/virtio/virtio.c:features_show(), virtio_balloon.c */
static void see_virtio(struct snapshot *snapshot, struct slice device)
{
    char path[VIRTIO_PATH_ROOM];
    if (device.length_bytes > VIRTIO_DEVICE_BYTES)
        return;
    snprintf(path, sizeof path, VIRTIO_FOLDER "%.*s/device", (int)device.length_bytes, device.at);
    const char *id = figure_text(snapshot, path);
    if (!id || strcmp(id, VIRTIO_ID_BALLOON) != 0)
        return;
    struct balloon *balloon =
        balloon_of(&snapshot->system.details, BALLOON_VIRTIO, VIRTIO_FOLDER "*/features");
    snprintf(path, sizeof path, VIRTIO_FOLDER "%.*s/features", (int)device.length_bytes, device.at);
    const char *bits = figure_text(snapshot, path);
    if (!bits || strlen(bits) <= DEFLATE_ON_OOM)
        return;
    balloon->knows_place = true;
    balloon->inside_total = bits[DEFLATE_ON_OOM] == '1';
}

void balloons_see_figure(struct loader *loader, const struct member_path *path)
{
    struct snapshot *snapshot = loader->snapshot;
    if (slice_starts(path->whole, SLICE(VIRTIO_FOLDER)))
        see_virtio(snapshot, path->wildcard[0]);
    else if (slice_starts(path->whole, SLICE(XEN_FOLDER)))
        see_xen(snapshot);
    else if (slice_equal(path->whole, SLICE(CMM_FILE)))
        see_cmm(snapshot);
}
