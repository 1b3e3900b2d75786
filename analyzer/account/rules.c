/* How the rules are run. */
#include "analyzer/account/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/account/rule_table.h"

const char *rule_verdict_word(enum rule_verdict verdict)
{
    static const char *const words[] = {"ok", "warn", "unchecked"};
    return words[verdict];
}

const char *rule_verdict_phrase(enum rule_verdict verdict)
{
    static const char *const phrases[] = {"[OK]", "[WARN]", "[cannot be checked]"};
    return phrases[verdict];
}

/* The number that a word in braces stands for; false for an unknown one. */
static bool number_of(const struct rule *rule, const char *word, size_t length, uint64_t *number)
{
    const struct {
        const char *name;
        uint64_t number;
    } names[] = {
        {"limit",  rule->limit    },
        {"second", rule->second   },
        {"floor",  rule->floor_mib}
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i].name) == length && memcmp(names[i].name, word, length) == 0) {
            *number = names[i].number;
            return true;
        }
    return false;
}

/* The threshold in words, with the numbers of the row. */
static void expand_threshold(const struct rule *rule, char *text, size_t text_bytes)
{
    size_t used = 0;
    for (const char *at = rule->threshold; *at && used + 1 < text_bytes; at++) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;
        uint64_t number;
        if (!end || !number_of(rule, at + 1, (size_t)(end - at - 1), &number)) {
            text[used++] = *at;
            continue;
        }
        int written = snprintf(text + used, text_bytes - used, "%llu", (unsigned long long)number);
        used += written > 0 && (size_t)written < text_bytes - used ? (size_t)written : 0;
        at = end;
    }
    text[used] = '\0';
}

static bool measure(const struct snapshot *snapshot, const struct ledger *ledger,
                    struct rule_input *in, struct failure *why)
{
    const struct mapping_store *store = &snapshot->mappings;
    in->snapshot = snapshot;
    in->ledger = ledger;
    in->has_terms = system_terms_compute(snapshot, &snapshot->system.now, &in->terms, NULL);
    in->mem_total_bytes = in->has_terms ? in->terms.mem_total_bytes : 0;
    snapshot_page_size(snapshot, &in->page_bytes);
    process_totals_compute(snapshot, &in->totals);
    in->executed = calloc(store->object_count + 1, sizeof *in->executed);
    if (!in->executed)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    if (!objects_compute(snapshot, NULL, NULL, &in->objects, why) ||
        !shared_memory_compute(snapshot, &in->shared, why))
        return false;
    for (size_t i = 0; i < store->count; i++)
        if (store->mappings[i].permissions & SMAPS_EXECUTE)
            in->executed[in->objects.identities.first[store->mappings[i].object]] = true;
    return true;
}

/* Rules that hold a figure of the machine against MemTotal. Where that is a container's they would
 * compare what does not belong together. */
static bool is_of_machine(const struct rule *rule)
{
    static const char *const ids[] = {"residual_growth", "commit_limit", "page_tables_share",
                                      "hugepages_idle",  "slab_idle",    "dentries_in_use",
                                      "fragmentation",   "min_free",     "balloon_inflated"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (strcmp(rule->id, ids[i]) == 0)
            return true;
    return false;
}

static void run_all(const struct rule_input *in, struct rule_report *out)
{
    *out = (struct rule_report){0};
    for (size_t i = 0; i < rule_row_count; i++) {
        const struct rule *rule = &rule_rows[i];
        struct rule_result *result = &out->results[out->count++];
        *result = (struct rule_result){.id = rule->id,
                                       .title = rule->title,
                                       .meaning = rule->meaning,
                                       .remedy = rule->remedy,
                                       .sources = rule->sources,
                                       .verdict = RULE_UNCHECKED};
        expand_threshold(rule, result->threshold, sizeof result->threshold);
        if (in->terms.is_made_up && is_of_machine(rule))
            rule_impossible(result, "MemTotal is a container's, and this is the machine's");
        else
            rule->run(in, rule, result);
        out->ok += result->verdict == RULE_OK;
        out->warn += result->verdict == RULE_WARN;
        out->unchecked += result->verdict == RULE_UNCHECKED;
    }
}

bool rules_run(const struct snapshot *snapshot, const struct ledger *ledger,
               struct rule_report *out, struct failure *why)
{
    struct rule_input in = {0};
    bool ok = measure(snapshot, ledger, &in, why);
    if (ok)
        run_all(&in, out);
    shared_memory_deinit(&in.shared);
    objects_deinit(&in.objects);
    free(in.executed);
    return ok;
}
