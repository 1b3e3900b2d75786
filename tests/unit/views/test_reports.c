/* analyzer/views: every report of every tree. Whatever names are in it, the text disturbs no terminal
 * and the JSON is one document. */
#include "tests/unit/model/snapshot_tree.h"
#include "tests/unit/views/printed.h"

#include <cjson/cJSON.h>

#include "analyzer/views/check_view.h"
#include "analyzer/views/diff_view.h"
#include "analyzer/views/info_view.h"
#include "analyzer/views/kernel_view.h"
#include "analyzer/views/ledger_view.h"
#include "analyzer/views/maps_view.h"
#include "analyzer/views/ps_view.h"
#include "analyzer/views/summary_view.h"
#include "analyzer/views/text_escape.h"

#define TREE(name) FIXTURES_FOLDER "/trees/" name

/* All that is computed of one snapshot. */
struct computed {
    struct snapshot *snapshot;
    struct ledger ledger;
    struct failure ledger_failure;
    bool has_ledger;
    struct check_report checks;
    struct rule_report rules;
    struct objects objects;
    size_t *chosen;
    struct kernel_report kernel;
    struct ps_report ps;
};

static void compute(struct computed *all, struct snapshot *snapshot)
{
    struct failure why = {0};
    *all = (struct computed){.snapshot = snapshot, .ps.snapshot = snapshot};
    all->has_ledger = ledger_compute(snapshot, &all->ledger, &all->ledger_failure);
    checks_run(snapshot, &all->checks);
    assert_true(rules_run(snapshot, all->has_ledger ? &all->ledger : NULL, &all->rules, &why));
    assert_true(objects_compute(snapshot, NULL, NULL, &all->objects, &why));
    if (!kernel_report_compute(snapshot, &all->kernel, &why))
        assert_int_equal(why.kind, FAILURE_UNSUPPORTED);
    all->chosen = calloc(all->objects.count + 1, sizeof *all->chosen);
    all->ps.usages = calloc(snapshot->process_count + 1, sizeof *all->ps.usages);
    assert_true(all->chosen && all->ps.usages);
    for (size_t i = 0; i < all->objects.count; i++)
        all->chosen[i] = i;
    for (size_t i = 0; i < snapshot->process_count; i++) {
        process_usage_compute(snapshot, &snapshot->processes[i], &all->ps.usages[i]);
        process_totals_add(&all->ps.totals, &all->ps.usages[i]);
    }
    all->ps.count = snapshot->process_count;
}

static void computed_deinit(struct computed *all)
{
    objects_deinit(&all->objects);
    kernel_report_deinit(&all->kernel);
    free(all->chosen);
    free(all->ps.usages);
    snapshot_free(all->snapshot);
}

/* Each prints one report: as text, or as JSON when `options` is NULL. */
typedef bool (*report_fn)(const struct computed *all, const struct view_options *options, FILE *to,
                          struct failure *why);

static bool print_ledger(const struct computed *all, const struct view_options *options, FILE *to,
                         struct failure *why)
{
    if (!all->has_ledger)
        return true;
    return options ? ledger_print(all->snapshot, &all->ledger, options, why)
                   : ledger_print_json(all->snapshot, &all->ledger, NULL, to, why);
}

static bool print_ps(const struct computed *all, const struct view_options *options, FILE *to,
                     struct failure *why)
{
    return options ? ps_print(&all->ps, options, why)
                   : ps_print_json(&all->ps, PS_PROCESSES, to, why);
}

static bool print_maps(const struct computed *all, const struct view_options *options, FILE *to,
                       struct failure *why)
{
    struct maps_report report = {.snapshot = all->snapshot,
                                 .objects = &all->objects,
                                 .chosen = all->chosen,
                                 .count = all->objects.count};
    return options ? maps_print(&report, options, why) : maps_print_json(&report, to, why);
}

static bool print_kernel(const struct computed *all, const struct view_options *options, FILE *to,
                         struct failure *why)
{
    const struct view_options json = {.to = to};
    return options ? kernel_print(all->snapshot, &all->kernel, options, why)
                   : kernel_print_json(all->snapshot, &all->kernel, &json, why);
}

static bool print_checks(const struct computed *all, const struct view_options *options, FILE *to,
                         struct failure *why)
{
    return options ? check_print(all->snapshot, &all->checks, &all->rules, options, why)
                   : check_print_json(all->snapshot, &all->checks, &all->rules, NULL, to, why);
}

static bool print_info(const struct computed *all, const struct view_options *options, FILE *to,
                       struct failure *why)
{
    struct info_report report = {.snapshot = all->snapshot, .totals = all->ps.totals};
    return options ? info_print(&report, options, why) : info_print_json(&report, to, why);
}

static bool print_summary(const struct computed *all, const struct view_options *options, FILE *to,
                          struct failure *why)
{
    struct summary summary = {.snapshot = all->snapshot,
                              .ledger = all->has_ledger ? &all->ledger : NULL,
                              .ledger_failure = &all->ledger_failure,
                              .ps = &all->ps,
                              .checks = &all->checks,
                              .rules = &all->rules};
    return options ? summary_print(&summary, options, why) : summary_print_json(&summary, to, why);
}

static bool print_diff(const struct computed *all, const struct view_options *options, FILE *to,
                       struct failure *why)
{
    struct snapshot *nothing = snapshot_of_nothing(4096);
    struct snapshot_diff diff;
    assert_true(snapshot_diff_compute(nothing, all->snapshot, NULL, &diff, why));
    bool ok = options ? diff_print(&diff, options, why) : diff_print_json(&diff, to, why);
    snapshot_diff_deinit(&diff);
    snapshot_free(nothing);
    return ok;
}

static const report_fn reports[] = {print_ledger, print_ps,   print_maps,    print_kernel,
                                    print_checks, print_info, print_summary, print_diff};
enum { REPORT_COUNT = sizeof reports / sizeof reports[0] };

/* Lines end in a newline; there is no other control character, and no byte that is not UTF-8. */
static void expect_harmless(const struct printed *printed)
{
    for (size_t i = 0; i < printed->length; i++) {
        unsigned char byte = (unsigned char)printed->text[i];
        if (byte != '\n' && (byte < 0x20 || byte == 0x7f))
            fail_msg("byte %02x in the output", byte);
    }
    char *again = escape_for_json((struct slice){printed->text, printed->length});
    assert_non_null(again);
    assert_int_equal(strlen(again), printed->length);
    free(again);
    if (printed->length)
        assert_int_equal(printed->text[printed->length - 1], '\n');
}

static size_t text_bytes; /* printed so far, so that a test which prints nothing is noticed */

static void print_as_text(const struct computed *all, report_fn report,
                          const struct view_options *wanted)
{
    struct printed printed;
    struct failure why = {0};
    struct view_options options = *wanted;
    printed_begin(&printed);
    options.to = printed.to;
    if (!report(all, &options, printed.to, &why))
        fail_msg("not printed: %s", why.message);
    printed_end(&printed);
    expect_harmless(&printed);
    text_bytes += printed.length;
    printed_deinit(&printed);
}

/* No key stands twice in an object: readers would lose one of them. */
static void expect_keys_once(const cJSON *node)
{
    for (const cJSON *child = node->child; child; child = child->next) {
        for (const cJSON *other = child->next; other && cJSON_IsObject(node); other = other->next)
            assert_string_not_equal(child->string, other->string);
        expect_keys_once(child);
    }
}

static void print_as_json(const struct computed *all, report_fn report)
{
    struct printed printed;
    struct failure why = {0};
    printed_begin(&printed);
    if (!report(all, NULL, printed.to, &why))
        fail_msg("not printed: %s", why.message);
    printed_end(&printed);
    if (printed.length) {
        cJSON *root = cJSON_ParseWithOpts(printed.text, NULL, true);
        assert_non_null(root);
        assert_true(cJSON_IsString(cJSON_GetObjectItem(root, "schema")));
        expect_keys_once(root);
        cJSON_Delete(root);
    }
    printed_deinit(&printed);
}

static void print_everything(struct snapshot *snapshot)
{
    static const struct view_options kinds[] = {
        {.table = {.unit = SIZE_KIB}  },
        { .table = {.unit = SIZE_HUMAN, .no_headings = true, .rows = 2, .reverse = true},
         .totals = true,
         .all = true,
         .verbose = true,
         .sharers = true},
        {                 .table = {.unit = SIZE_BYTES},                                                                                                 .all = true, .sharers = true},
    };
    static struct computed all;
    compute(&all, snapshot);
    for (size_t i = 0; i < REPORT_COUNT; i++) {
        for (size_t j = 0; j < sizeof kinds / sizeof kinds[0]; j++)
            print_as_text(&all, reports[i], &kinds[j]);
        print_as_json(&all, reports[i]);
    }
    computed_deinit(&all);
}

static void trees_of_all_kinds(void **state)
{
    (void)state;
    static const char *const trees[] = {
        TREE("awkward-names"),
        TREE("no-smaps"),
        TREE("only-meminfo"),
        TREE("x86_64-2.6.32"),
        TREE("amd64-6.12-unprivileged"),
        TREE("ppc64el-6.12-64k-mix"),
        TREE("amd64-7.2-mix"),
    };
    for (size_t i = 0; i < sizeof trees / sizeof trees[0]; i++)
        print_everything(bundle_load(trees[i]));
    assert_true(text_bytes > 100000);
}

static void a_snapshot_of_nothing(void **state)
{
    (void)state;
    print_everything(snapshot_of_nothing(0));
}

#define HOSTILE                                                                                    \
    "x\x1b[2J\n\xc2\x9b"                                                                           \
    "31m\xff\"}],\\<b>"

/* Every place where outside words come from, filled with the worst of them. */
static void hostile_words_everywhere(void **state)
{
    (void)state;
    struct snapshot_tree tree;
    const struct block block = {
        .start = 0x10000, .end = 0x20000, .inode = 3, .rss = 4, .pss = 4, .name = "/a\x1b[2J\xff"};
    char *smaps = blocks_text(&block, 1);
    tree_create(&tree);
    tree_put(&tree, "proc/meminfo", "MemTotal: 1000 kB\nMemFree: 1 kB\n\x1b[2J\xff: 7 kB\n");
    tree_put(&tree, "proc/version", "Linux version \x1b[2J\xff\"} (x) #1 \x1b[2J\n");
    tree_put(&tree, "proc/sys/kernel/hostname", "h\x1b[2J\xff\"\n");
    tree_put(&tree, "proc/modules", "m\x1b[2J\xff 4096 1 - Live 0x0\n");
    tree_put(&tree, "proc/slabinfo",
             "slabinfo - version: 2.1\n# name\n"
             "s\x1b[2J\xff 5 21 192 21 1 : tunables 0 0 0 : slabdata 1 1 0\n");
    tree_put(&tree, "proc/vmallocinfo",
             "0xf0000000-0xf0005000   20480 c\x1b[2J\xff+0x1/0x2 [m\x1b\xff] pages=4 vmalloc\n");
    tree_put(&tree, "sys/kernel/slab/a\x1b[2J\xff.link", ":0000001");
    tree_put(&tree, "proc/vmstat", "broken \x1b[2J\xff\n");
    tree_put_process(&tree, &(struct tree_process){.pid = 7, .comm = HOSTILE, .smaps = smaps});
    tree_put_bytes(&tree, "proc/7/cmdline", HOSTILE "\0" HOSTILE, 2 * sizeof HOSTILE - 1);
    tree_put(&tree, "proc/7/cgroup",
             "0::/"
             "a\x1b[2J\xff"
             "\n");
    tree_put(&tree, "proc/7/exe.link", HOSTILE);
    tree_put(&tree, "proc/8/smaps", "nonsense \x1b[2J\xff\n");
    print_everything(tree_load(&tree));
    /* and in our own form: manifest, journal */
    tree_put(&tree, "manifest",
             "format 1.0\nhost h\\x1b[2J\xff\nlabel l\\x1b[2J\xff\nkernel_release k\\x1b\xff\n"
             "architecture a\\x1b\xff\ncollector c\\x1b\xff\nboot_id b\\x1b\xff\n");
    tree_put(&tree, "journal",
             "note text n\\x1b[2J\xff\n"
             "member outcome refused pass 1 start_ns 1 duration_ns 1 bytes 0 parts 0 errno 13 "
             "path proc/9/sm\\x1b[2J\xff\n"
             "process pid 9 start_time_ticks 1 outcome refused\n");
    print_everything(tree_load(&tree));
    tree_remove(&tree);
    free(smaps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_of_all_kinds),
        cmocka_unit_test(a_snapshot_of_nothing),
        cmocka_unit_test(hostile_words_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
