/* The residual measured by the flags of all pages. docs/accounting.md, section 5.2. */
#include "analyzer/account/ledger_lines.h"

#include "analyzer/base/checked_math.h"

/* Lines whose pages carry no flag that tells an owner. */
static uint64_t placed_by_lines(const struct ledger *ledger)
{
    static const char *const ids[] = {
        "pcp",        "vmalloc",    "kernel_stacks", "percpu",           "zspages",
        "zswap",      "gpu_active", "gpu_reclaim",   "memmap",           "bounce",
        "quicklists", "balloon",    "writeback_tmp", "misc_reclaimable",
    };
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        const struct ledger_line *line = ledger_find(ledger, ids[i]);
        if (line)
            sum = add_saturating(sum, line->bytes);
    }
    return sum;
}

/* Slab without the flag: kmalloc of more than two pages. Page tables without it: of levels, or of
 * guests, that have none. Free memory without it: what is set up late, and on old kernels all but the
 * first page of a block. */
static uint64_t beyond_flag(const struct ledger *ledger, const char *id, uint64_t flagged_bytes)
{
    const struct ledger_line *line = ledger_find(ledger, id);
    return line ? subtract_to_zero(line->bytes, flagged_bytes) : 0;
}

/* Memory that never reached the page allocator and is not marked as reserved: page structs that were
 * not set up, for example. What balloons took is counted as offline. */
static uint64_t unmarked_reserved(const struct ledger *ledger, const struct system_terms *terms,
                                  uint64_t reserved_bytes)
{
    const struct amount present = ledger->physical.present;
    uint64_t balloon = terms->balloon_outside.known ? terms->balloon_outside.bytes : 0;
    if (!present.known)
        return 0;
    return subtract_to_zero(subtract_to_zero(present.bytes, ledger->mem_total_bytes),
                            add_saturating(reserved_bytes, balloon));
}

void ledger_measure_census(const struct snapshot *snapshot, const struct system_terms *terms,
                           struct ledger *ledger)
{
    const struct census *census = &snapshot->system.details.census;
    struct ledger_census *out = &ledger->census;
    uint64_t bytes[PAGE_CLASS_COUNT];
    if (!snapshot->system.details.has_census)
        return;
    for (size_t i = 0; i < PAGE_CLASS_COUNT; i++)
        bytes[i] = multiply_saturating(census->pages[i], census->page_bytes);
    out->known = true;
    out->is_whole = census->within_ram && !census->is_cut;
    out->unflagged_bytes =
        add_saturating(bytes[PAGE_CLASS_UNFLAGGED],
                       add_saturating(bytes[PAGE_CLASS_MAPPED], bytes[PAGE_CLASS_ZERO]));
    /* What a balloon took out of MemTotal is offline as well, and not missing. */
    out->offline_bytes = subtract_to_zero(
        bytes[PAGE_CLASS_OFFLINE], terms->balloon_outside.known ? terms->balloon_outside.bytes : 0);
    out->placed_bytes = add_saturating(
        placed_by_lines(ledger), unmarked_reserved(ledger, terms, bytes[PAGE_CLASS_RESERVED]));
    const struct {
        const char *id;
        enum page_class class;
    } flagged[] = {
        {"free",        PAGE_CLASS_FREE     },
        {"slab",        PAGE_CLASS_SLAB     },
        {"page_tables", PAGE_CLASS_PAGETABLE},
    };
    for (size_t i = 0; i < sizeof flagged / sizeof flagged[0]; i++)
        out->placed_bytes = add_saturating(
            out->placed_bytes, beyond_flag(ledger, flagged[i].id, bytes[flagged[i].class]));
    out->measured_bytes = to_signed(add_saturating(out->unflagged_bytes, out->offline_bytes)) -
                          to_signed(out->placed_bytes);
    out->difference_bytes = out->measured_bytes - ledger->residual_bytes;
}
