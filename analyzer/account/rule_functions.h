/* The functions of the rules, by file. A row of rule_rows.c names each. */
#pragma once

#include "analyzer/account/rule_table.h"

void rule_residual_share(const struct rule_input *in, const struct rule *rule,
                         struct rule_result *result);
void rule_residual_growth(const struct rule_input *in, const struct rule *rule,
                          struct rule_result *result);
void rule_available(const struct rule_input *in, const struct rule *rule,
                    struct rule_result *result);
void rule_commit(const struct rule_input *in, const struct rule *rule, struct rule_result *result);
void rule_swap_full(const struct rule_input *in, const struct rule *rule,
                    struct rule_result *result);
void rule_swap_thrashing(const struct rule_input *in, const struct rule *rule,
                         struct rule_result *result);
void rule_pressure(const struct rule_input *in, const struct rule *rule,
                   struct rule_result *result);
void rule_page_tables(const struct rule_input *in, const struct rule *rule,
                      struct rule_result *result);
void rule_segment_tables(const struct rule_input *in, const struct rule *rule,
                         struct rule_result *result);
void rule_hugepages_idle(const struct rule_input *in, const struct rule *rule,
                         struct rule_result *result);
void rule_slab_share(const struct rule_input *in, const struct rule *rule,
                     struct rule_result *result);
void rule_slab_unreclaimable(const struct rule_input *in, const struct rule *rule,
                             struct rule_result *result);
void rule_slab_idle(const struct rule_input *in, const struct rule *rule,
                    struct rule_result *result);
void rule_dentries(const struct rule_input *in, const struct rule *rule,
                   struct rule_result *result);
void rule_dying_cgroups(const struct rule_input *in, const struct rule *rule,
                        struct rule_result *result);
void rule_fragmentation(const struct rule_input *in, const struct rule *rule,
                        struct rule_result *result);
void rule_numa(const struct rule_input *in, const struct rule *rule, struct rule_result *result);
void rule_shmem_unowned(const struct rule_input *in, const struct rule *rule,
                        struct rule_result *result);
void rule_segments_orphaned(const struct rule_input *in, const struct rule *rule,
                            struct rule_result *result);
void rule_deleted_mapped(const struct rule_input *in, const struct rule *rule,
                         struct rule_result *result);
void rule_thp_split(const struct rule_input *in, const struct rule *rule,
                    struct rule_result *result);
void rule_thp_bloat(const struct rule_input *in, const struct rule *rule,
                    struct rule_result *result);
void rule_mlock(const struct rule_input *in, const struct rule *rule, struct rule_result *result);
void rule_compression(const struct rule_input *in, const struct rule *rule,
                      struct rule_result *result);
void rule_min_free(const struct rule_input *in, const struct rule *rule,
                   struct rule_result *result);
void rule_balloon(const struct rule_input *in, const struct rule *rule, struct rule_result *result);
void rule_hardware(const struct rule_input *in, const struct rule *rule,
                   struct rule_result *result);
void rule_coverage(const struct rule_input *in, const struct rule *rule,
                   struct rule_result *result);
