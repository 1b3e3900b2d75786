/* Who may hold the residual, judged by what the bundle shows. Not for other layers. */
#pragma once

#include "analyzer/account/ledger.h"
#include "analyzer/account/system_terms.h"

/* Fills ledger->suspects and what is unexplained; needs lines, residual and physical memory. */
void ledger_find_suspects(const struct snapshot *snapshot, const struct system_terms *terms,
                          const struct shared_memory *shared, struct ledger *ledger);

/* For the files that look for suspects. `bytes`: the most that it can hold, UINT64_MAX: nobody knows;
 * nothing is added where that is 0 or the residual is not above 0. */
struct suspect_search {
    const struct snapshot *snapshot;
    const struct system_terms *terms;
    const struct shared_memory *shared;
    struct ledger *ledger;
};

void suspect_add(struct suspect_search *search, const char *id, enum suspect_weight weight,
                 uint64_t bytes, const char *confirm, const char *evidence, ...)
    __attribute__((format(printf, 6, 7)));

/* Drivers and buffers: suspects_drivers.c */
void suspect_balloon(struct suspect_search *search);
void suspect_sockets(struct suspect_search *search);
void suspect_messages(struct suspect_search *search);
void suspect_pipes(struct suspect_search *search);
void suspect_packet_sockets(struct suspect_search *search);
void suspect_mapped_driver_pages(struct suspect_search *search);
void suspect_arc(struct suspect_search *search);
void suspect_cma(struct suspect_search *search);
void suspect_dma_bufs(struct suspect_search *search);
void suspect_modules(struct suspect_search *search);

/* What this kernel's own counters leave out: suspects_kernel.c */
void suspect_uncounted(struct suspect_search *search);
void suspect_page_tables(struct suspect_search *search);
void suspect_zero_page(struct suspect_search *search);
void suspect_large_kmalloc(struct suspect_search *search);
void suspect_hot_added_memmap(struct suspect_search *search);
void suspect_call_sites(struct suspect_search *search);
