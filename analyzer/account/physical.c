#include "analyzer/account/physical.h"

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/vmstat.h"

/* Where the sum of all memory comes from: the zones count it in pages, the boot log and the map of
 * addresses in bytes. */
static struct amount find_present(const struct snapshot *snapshot, const struct system_terms *terms,
                                  const char **source)
{
    const struct system_sample *now = &snapshot->system.now;
    const struct system_details *details = &snapshot->system.details;
    if (now->has_zoneinfo && terms->page_bytes && zoneinfo_present_pages(&now->zoneinfo)) {
        *source = "zoneinfo: sum of present x page size";
        return amount_of(
            multiply_saturating(zoneinfo_present_pages(&now->zoneinfo), terms->page_bytes));
    }
    if (details->boot_present.known) {
        *source = "boot log: Memory: .../N available";
        return details->boot_present;
    }
    *source = "iomem: sum of System RAM";
    return details->has_iomem ? details->iomem.system_ram : AMOUNT_UNKNOWN;
}

/* Adds a part, at most what is left of the whole; what is cut is then no figure of the kernel
 * any more. */
static void add_part(struct physical_memory *physical, uint64_t *left, struct amount amount,
                     struct physical_part part)
{
    if (!amount.known || physical->count >= PHYSICAL_PARTS_MAX)
        return;
    part.bytes = amount.bytes;
    if (part.bytes > *left) {
        part.bytes = *left;
        part.grade = GRADE_ESTIMATE;
    }
    *left -= part.bytes;
    physical->parts[physical->count++] = part;
}

static struct amount kernel_image(const struct iomem *iomem)
{
    struct amount sum = iomem->kernel_code;
    const struct amount rest[] = {iomem->kernel_rodata, iomem->kernel_data, iomem->kernel_bss};
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++)
        if (rest[i].known)
            sum = sum.known ? amount_add(sum, rest[i]) : rest[i];
    return sum;
}

static struct amount boot_memmap(const struct system_sample *now, uint64_t page_bytes)
{
    uint64_t pages;
    if (!now->has_vmstat || !page_bytes ||
        !field_get(&now->vmstat, VMSTAT_NR_MEMMAP_BOOT_PAGES, &pages))
        return AMOUNT_UNKNOWN;
    return amount_of(multiply_saturating(pages, page_bytes));
}

void physical_compute(const struct snapshot *snapshot, const struct system_terms *terms,
                      struct physical_memory *out)
{
    const struct system_details *details = &snapshot->system.details;
    struct physical_memory physical = {0};
    physical.present = find_present(snapshot, terms, &physical.source);
    if (physical.present.known && physical.present.bytes < terms->mem_total_bytes) {
        physical.note = "physical memory: MemTotal is more than what the machine is said to have "
                        "(memory that is set up late, or a made-up meminfo): no parts are shown";
        physical.present = AMOUNT_UNKNOWN;
    }
    if (terms->is_made_up) {
        physical.note = "meminfo is made up, as in containers: MemTotal is below what the zones "
                        "manage. What only the machine has (vmalloc, page tables and such) is left "
                        "out; the residual is mostly kernel memory";
        physical.present = AMOUNT_UNKNOWN;
    }
    if (!physical.present.known) {
        physical.source = NULL;
        *out = physical;
        return;
    }
    uint64_t left = physical.present.bytes;
    struct amount image = AMOUNT_UNKNOWN, crash = AMOUNT_UNKNOWN;
    if (details->has_iomem) {
        image = kernel_image(&details->iomem);
        crash = details->iomem.crash_kernel;
    }
    add_part(&physical, &left, amount_of(terms->mem_total_bytes),
             (struct physical_part){"mem_total", "MemTotal", 0, GRADE_EXACT, "meminfo MemTotal"});
    add_part(&physical, &left, terms->balloon_outside,
             (struct physical_part){"balloon", "Balloon", 0, GRADE_EXACT,
                                    "the driver's figure; it takes its pages out of MemTotal"});
    add_part(&physical, &left, crash,
             (struct physical_part){"crash_kernel", "Reserved for a crash kernel", 0, GRADE_EXACT,
                                    "iomem Crash kernel"});
    add_part(&physical, &left, image,
             (struct physical_part){"kernel_image", "Kernel image", 0, GRADE_EXACT,
                                    "iomem Kernel code + rodata + data + bss"});
    add_part(&physical, &left, boot_memmap(&snapshot->system.now, terms->page_bytes),
             (struct physical_part){"memmap_boot", "Page structs, made at boot", 0, GRADE_EXACT,
                                    "vmstat nr_memmap_boot_pages x page size"});
    add_part(&physical, &left, amount_of(left),
             (struct physical_part){"reserved_other", "Reserved by firmware and kernel", 0,
                                    GRADE_DERIVED, "what is left"});
    *out = physical;
}
