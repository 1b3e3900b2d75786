/* What the kernel keeps for itself and counts. */
#include "analyzer/account/ledger_lines.h"

#include "analyzer/base/checked_math.h"

void ledger_add_slab(struct ledger *ledger, const struct system_terms *terms)
{
    int slab = ledger_add_amount(ledger, -1, "slab", "Slab", terms->slab, GRADE_EXACT,
                                 terms->slab_reclaimable.known ? "meminfo SReclaimable + SUnreclaim"
                                                               : "meminfo Slab");
    if (terms->stacks == STACKS_IN_SLAB)
        ledger_add_beside(ledger, "kernel_stacks", "Kernel stacks", terms->kernel_stack,
                          GRADE_EXACT, "slab",
                          "meminfo KernelStack; smaller than a page: slab cache thread_stack");
    if (!terms->slab_reclaimable.known || !terms->slab_unreclaimable.known)
        return;
    ledger_add_amount(ledger, slab, "slab.reclaimable", "Slab, reclaimable",
                      terms->slab_reclaimable, GRADE_EXACT, "meminfo SReclaimable");
    ledger_add_amount(ledger, slab, "slab.unreclaimable", "Slab, unreclaimable",
                      terms->slab_unreclaimable, GRADE_EXACT, "meminfo SUnreclaim");
}

/* How much vmalloc grew (or shrank) between vmallocinfo and this reading, where VmallocUsed tells. */
static int64_t moved_since_areas(const struct system_terms *terms, struct amount vmalloc_used)
{
    if (!terms->vmalloc_from_areas || terms->vmalloc_used != VMALLOC_USED_PAGES ||
        !vmalloc_used.known)
        return 0;
    return to_signed(terms->vmalloc_used_bytes.bytes) - to_signed(vmalloc_used.bytes);
}

#define BY_CALLER "vmallocinfo: pages= by caller, x page size"

/* What was taken since then has no caller and a line of its own; what was given back since is taken
 * off the parts in the order of the table, which begins with what comes and goes. */
static void add_areas(struct ledger *ledger, int vmalloc, const struct kernel_usage *kernel,
                      int64_t moved)
{
    static const struct {
        enum vmalloc_owner owner; /* OWNER_COUNT: all others */
        const char *id, *label;
    } parts[] = {
        {OWNER_COUNT,   "vmalloc.other",   "Other vmalloc areas"  },
        {OWNER_STACKS,  "vmalloc.stacks",  "Kernel stacks"        },
        {OWNER_BPF,     "vmalloc.bpf",     "BPF programs and maps"},
        {OWNER_MODULES, "vmalloc.modules", "Kernel modules"       },
        {OWNER_PERCPU,  "vmalloc.percpu",  "Percpu bookkeeping"   },
    };
    static const size_t shown[] = {1, 3, 2, 4, 0};
    uint64_t bytes[sizeof parts / sizeof parts[0]] = {kernel->vmalloc_bytes};
    uint64_t gone = moved < 0 ? (uint64_t)0 - (uint64_t)moved : 0;
    bool is_cut[sizeof parts / sizeof parts[0]] = {false};
    for (size_t i = 1; i < sizeof parts / sizeof parts[0]; i++) {
        bytes[i] = kernel->owner_bytes[parts[i].owner];
        bytes[0] = subtract_to_zero(bytes[0], bytes[i]);
    }
    for (size_t i = 0; gone && i < sizeof parts / sizeof parts[0]; i++) {
        uint64_t cut = gone < bytes[i] ? gone : bytes[i];
        bytes[i] -= cut;
        gone -= cut;
        is_cut[i] = cut > 0;
    }
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        ledger_add_line(ledger, vmalloc, parts[shown[i]].id, parts[shown[i]].label, bytes[shown[i]],
                        is_cut[shown[i]] ? GRADE_DERIVED : GRADE_EXACT,
                        is_cut[shown[i]] ? BY_CALLER ", - what VmallocUsed fell since" : BY_CALLER);
    if (moved > 0)
        ledger_add_line(ledger, vmalloc, "vmalloc.later", "Taken after vmallocinfo was read",
                        (uint64_t)moved, GRADE_DERIVED, "meminfo: change of VmallocUsed");
}

static void add_vmalloc_line(struct ledger *ledger, struct system_terms *terms,
                             const struct ledger_sources *sources)
{
    int64_t moved = moved_since_areas(terms, sources->vmalloc_used);
    uint64_t size = moved < 0 ? (uint64_t)0 - (uint64_t)moved : (uint64_t)moved;
    if (terms->vmalloc.known)
        terms->vmalloc.bytes = moved < 0 ? subtract_to_zero(terms->vmalloc.bytes, size)
                                         : add_saturating(terms->vmalloc.bytes, size);
    int vmalloc = ledger_add_amount(
        ledger, -1, "vmalloc", "vmalloc", terms->vmalloc, moved ? GRADE_DERIVED : GRADE_EXACT,
        moved ? "vmallocinfo: sum of pages=, x page size + change of VmallocUsed since"
        : terms->vmalloc_from_areas ? "vmallocinfo: sum of pages=, x page size"
                                    : "meminfo VmallocUsed");
    if (vmalloc >= 0 && terms->vmalloc_from_areas)
        add_areas(ledger, vmalloc, sources->kernel, moved);
    if (vmalloc < 0)
        ledger_note(ledger,
                    terms->vmalloc_used == VMALLOC_USED_ABSENT
                        ? "vmalloc: neither vmallocinfo nor VmallocUsed, so it is in the residual"
                        : "vmalloc: no vmallocinfo, and this kernel's VmallocUsed does not count "
                          "pages, so it is in the residual");
}

/* Without vmallocinfo the areas cannot be told apart; the stacks then stay in one line with the
 * rest, and are shown beside. */
void ledger_add_vmalloc(struct ledger *ledger, struct system_terms *terms,
                        const struct ledger_sources *sources)
{
    add_vmalloc_line(ledger, terms, sources);
    switch (terms->stacks) {
    case STACKS_OWN_PAGES:
        ledger_add_amount(
            ledger, -1, "kernel_stacks", "Kernel stacks", terms->kernel_stack, GRADE_EXACT,
            terms->vmalloc_from_areas
                ? "meminfo KernelStack (not in vmallocinfo, so they have pages of their own)"
                : "meminfo KernelStack (the vmalloc line, if any, is too small for them)");
        break;
    case STACKS_IN_VMALLOC:
    case STACKS_UNSURE:
        ledger_add_beside(ledger, "kernel_stacks", "Kernel stacks", terms->kernel_stack,
                          GRADE_EXACT, "vmalloc", "meminfo KernelStack");
        break;
    case STACKS_IN_SLAB:
        break;
    }
    if (terms->stacks == STACKS_UNSURE)
        ledger_note(ledger,
                    "kernel stacks are taken to be in vmalloc: without vmallocinfo this cannot "
                    "be seen");
}

void ledger_add_page_tables(struct ledger *ledger, const struct system_terms *terms)
{
    if (!terms->page_tables.known)
        return;
    struct amount sum = terms->page_tables;
    if (terms->secondary_page_tables.known)
        sum = amount_add(sum, terms->secondary_page_tables);
    int parent =
        ledger_add_amount(ledger, -1, "page_tables", "Page tables", sum, GRADE_EXACT,
                          terms->secondary_page_tables.known ? "meminfo PageTables + SecPageTables"
                                                             : "meminfo PageTables");
    if (!terms->secondary_page_tables.known)
        return;
    ledger_add_amount(ledger, parent, "page_tables.process", "Of processes and kernel",
                      terms->page_tables, GRADE_EXACT, "meminfo PageTables");
    ledger_add_amount(ledger, parent, "page_tables.secondary", "Of guests and IOMMUs",
                      terms->secondary_page_tables, GRADE_EXACT, "meminfo SecPageTables");
}

void ledger_add_percpu(struct ledger *ledger, const struct system_terms *terms)
{
    if (!terms->percpu.known && terms->percpu_high_bytes == 0)
        return;
    const char *source =
        terms->percpu_first_is_known
            ? "meminfo Percpu - first chunk (outside MemTotal; its size is in the boot log)"
            : "meminfo Percpu - first chunk (which lies outside MemTotal), bounded by vmallocinfo "
              "pcpu_get_vm_areas";
    int percpu = ledger_add_line(
        ledger, -1, "percpu", "Percpu memory", terms->percpu_bytes,
        terms->percpu_low_bytes == terms->percpu_high_bytes ? GRADE_DERIVED : GRADE_BOUNDED,
        source);
    if (percpu < 0)
        return;
    ledger->lines[percpu].low_bytes = terms->percpu_low_bytes;
    ledger->lines[percpu].high_bytes = terms->percpu_high_bytes;
}
