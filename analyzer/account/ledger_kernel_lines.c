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
                          GRADE_EXACT, "slab", "meminfo KernelStack; slab cache thread_stack");
    if (!terms->slab_reclaimable.known || !terms->slab_unreclaimable.known)
        return;
    ledger_add_amount(ledger, slab, "slab.reclaimable", "Slab, reclaimable",
                      terms->slab_reclaimable, GRADE_EXACT, "meminfo SReclaimable");
    ledger_add_amount(ledger, slab, "slab.unreclaimable", "Slab, unreclaimable",
                      terms->slab_unreclaimable, GRADE_EXACT, "meminfo SUnreclaim");
}

/* Without vmallocinfo the areas cannot be told apart; the stacks then stay in one line with the
 * rest, and are shown beside. */
void ledger_add_vmalloc(struct ledger *ledger, const struct system_terms *terms,
                        const struct kernel_usage *kernel)
{
    int vmalloc =
        ledger_add_amount(ledger, -1, "vmalloc", "vmalloc", terms->vmalloc, GRADE_EXACT,
                          terms->vmalloc_from_areas ? "vmallocinfo: sum of pages=, x page size"
                                                    : "meminfo VmallocUsed");
    if (vmalloc < 0) {
        ledger_note(ledger,
                    terms->vmalloc_used == VMALLOC_USED_ABSENT
                        ? "vmalloc: neither vmallocinfo nor VmallocUsed, so it is in the residual"
                        : "vmalloc: no vmallocinfo, and this kernel's VmallocUsed does not count "
                          "pages, so it is in the residual");
    } else if (terms->vmalloc_from_areas) {
        static const struct {
            enum vmalloc_owner owner;
            const char *id, *label;
        } parts[] = {
            {OWNER_STACKS,  "vmalloc.stacks",  "Kernel stacks"        },
            {OWNER_MODULES, "vmalloc.modules", "Kernel modules"       },
            {OWNER_BPF,     "vmalloc.bpf",     "BPF programs and maps"},
            {OWNER_PERCPU,  "vmalloc.percpu",  "Percpu bookkeeping"   },
        };
        uint64_t rest = kernel->vmalloc_bytes;
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
            uint64_t bytes = kernel->owner_bytes[parts[i].owner];
            ledger_add_line(ledger, vmalloc, parts[i].id, parts[i].label, bytes, GRADE_EXACT,
                            "vmallocinfo: pages= by caller, x page size");
            rest = subtract_to_zero(rest, bytes);
        }
        ledger_add_line(ledger, vmalloc, "vmalloc.other", "Other vmalloc areas", rest, GRADE_EXACT,
                        "vmallocinfo: pages= by caller, x page size");
    }
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
