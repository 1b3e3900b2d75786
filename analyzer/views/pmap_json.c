#include "analyzer/views/pmap_parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/views/maps_view.h"

#define ADDRESS_TEXT_MAX 24

static void add_address(struct json_document *document, struct json_node *node, const char *key,
                        uint64_t value)
{
    char text[ADDRESS_TEXT_MAX];
    snprintf(text, sizeof text, "%08" PRIx64, value);
    json_add_text(document, node, key, text);
}

/* Keys and the fields that they are, one or the sum of two. */
static const struct field_key {
    const char *key;
    enum smaps_field field, plus; /* the same: only one */
} field_keys[] = {
    {"size_bytes",             SMAPS_SIZE,             SMAPS_SIZE            },
    {"rss_bytes",              SMAPS_RSS,              SMAPS_RSS             },
    {"pss_bytes",              SMAPS_PSS,              SMAPS_PSS             },
    {"uss_bytes",              SMAPS_PRIVATE_CLEAN,    SMAPS_PRIVATE_DIRTY   },
    {"pss_dirty_bytes",        SMAPS_PSS_DIRTY,        SMAPS_PSS_DIRTY       },
    {"shared_clean_bytes",     SMAPS_SHARED_CLEAN,     SMAPS_SHARED_CLEAN    },
    {"shared_dirty_bytes",     SMAPS_SHARED_DIRTY,     SMAPS_SHARED_DIRTY    },
    {"private_clean_bytes",    SMAPS_PRIVATE_CLEAN,    SMAPS_PRIVATE_CLEAN   },
    {"private_dirty_bytes",    SMAPS_PRIVATE_DIRTY,    SMAPS_PRIVATE_DIRTY   },
    {"referenced_bytes",       SMAPS_REFERENCED,       SMAPS_REFERENCED      },
    {"anonymous_bytes",        SMAPS_ANONYMOUS,        SMAPS_ANONYMOUS       },
    {"ksm_bytes",              SMAPS_KSM,              SMAPS_KSM             },
    {"lazy_free_bytes",        SMAPS_LAZY_FREE,        SMAPS_LAZY_FREE       },
    {"anon_huge_pages_bytes",  SMAPS_ANON_HUGE_PAGES,  SMAPS_ANON_HUGE_PAGES },
    {"shmem_pmd_mapped_bytes", SMAPS_SHMEM_PMD_MAPPED, SMAPS_SHMEM_PMD_MAPPED},
    {"file_pmd_mapped_bytes",  SMAPS_FILE_PMD_MAPPED,  SMAPS_FILE_PMD_MAPPED },
    {"shared_hugetlb_bytes",   SMAPS_SHARED_HUGETLB,   SMAPS_SHARED_HUGETLB  },
    {"private_hugetlb_bytes",  SMAPS_PRIVATE_HUGETLB,  SMAPS_PRIVATE_HUGETLB },
    {"swap_bytes",             SMAPS_SWAP,             SMAPS_SWAP            },
    {"swap_pss_bytes",         SMAPS_SWAP_PSS,         SMAPS_SWAP_PSS        },
    {"locked_bytes",           SMAPS_LOCKED,           SMAPS_LOCKED          },
    {"kernel_page_size_bytes", SMAPS_KERNEL_PAGE_SIZE, SMAPS_KERNEL_PAGE_SIZE},
    {"mmu_page_size_bytes",    SMAPS_MMU_PAGE_SIZE,    SMAPS_MMU_PAGE_SIZE   },
};

static struct amount field_amount(const struct process *process, const uint64_t *value,
                                  enum smaps_field field)
{
    bool known = process->smaps.present & SMAPS_BIT(field);
    return known ? amount_of(value[field]) : AMOUNT_UNKNOWN;
}

static void add_figures(struct json_document *document, struct json_node *node,
                        const struct process *process, const uint64_t *value,
                        enum mapping_kind kind)
{
    for (size_t i = 0; i < sizeof field_keys / sizeof field_keys[0]; i++) {
        struct amount amount = field_amount(process, value, field_keys[i].field);
        if (field_keys[i].plus != field_keys[i].field)
            amount = amount_add(amount, field_amount(process, value, field_keys[i].plus));
        json_add_amount(document, node, field_keys[i].key, amount);
    }
    struct amount copied = field_amount(process, value, SMAPS_ANONYMOUS);
    if (copied.known)
        copied.bytes = mapping_copied_bytes(kind, value);
    json_add_amount(document, node, "copied_bytes", copied);
}

static void add_mapping(struct json_document *document, struct json_node *mappings,
                        const struct pmap_report *report, const struct pmap_process *shown,
                        size_t number)
{
    const struct snapshot *snapshot = report->snapshot;
    const struct mapping *mapping = pmap_mapping(report, shown->process, number);
    const struct mapped_object *object = &snapshot->mappings.objects[mapping->object];
    const struct mapping_label *label = &shown->labels[number];
    struct json_node *node = json_add_object(document, mappings, NULL);
    char device[ADDRESS_TEXT_MAX];
    uint64_t value[SMAPS_FIELD_COUNT];
    mapping_values(&snapshot->mappings, mapping, value);
    snprintf(device, sizeof device, "%02" PRIx32 ":%02" PRIx32, object->device_major,
             object->device_minor);
    add_address(document, node, "start", mapping->start);
    add_address(document, node, "end", mapping->end);
    json_add_text(document, node, "permissions", mapping_mode(mapping));
    add_address(document, node, "offset", mapping->offset_bytes);
    json_add_text(document, node, "device", device);
    json_add_number(document, node, "inode", object->inode);
    json_add_slice(document, node, "name", snapshot_text(snapshot, object->name));
    json_add_text(document, node, "kind", mapping_kind_word((enum mapping_kind)label->kind));
    json_add_text(document, node, "class",
                  mapping_class_id(report->classifier, label->mapping_class));
    add_figures(document, node, shown->process, value, (enum mapping_kind)label->kind);
    if (mapping->thp_eligible < 0)
        json_add_null(document, node, "thp_eligible");
    else
        json_add_bool(document, node, "thp_eligible", mapping->thp_eligible);
    if (mapping->vm_flags)
        json_add_slice(document, node, "vm_flags", snapshot_text(snapshot, mapping->vm_flags));
    else
        json_add_null(document, node, "vm_flags");
}

static void add_sums(struct json_document *document, struct json_node *list, const char *key,
                     const char *word, const struct mapping_sums *sums)
{
    const struct {
        const char *key;
        uint64_t bytes;
        enum smaps_field field;
    } figures[] = {
        {"size_bytes",    sums->size_bytes,    SMAPS_SIZE           },
        {"rss_bytes",     sums->rss_bytes,     SMAPS_RSS            },
        {"pss_bytes",     sums->pss_bytes,     SMAPS_PSS            },
        {"uss_bytes",     sums->uss_bytes,     SMAPS_PRIVATE_DIRTY  },
        {"copied_bytes",  sums->copied_bytes,  SMAPS_ANONYMOUS      },
        {"swap_bytes",    sums->swap_bytes,    SMAPS_SWAP           },
        {"hugetlb_bytes", sums->hugetlb_bytes, SMAPS_PRIVATE_HUGETLB},
    };
    if (!sums->mappings)
        return;
    struct json_node *node = json_add_object(document, list, NULL);
    json_add_text(document, node, key, word);
    json_add_number(document, node, "mappings", sums->mappings);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        json_add_amount(
            document, node, figures[i].key,
            (struct amount){figures[i].bytes, sums->present & SMAPS_BIT(figures[i].field)});
}

static void add_totals(struct json_document *document, struct json_node *parent,
                       const struct pmap_report *report, const struct mapping_totals *totals)
{
    struct json_node *node = json_add_object(document, parent, "totals");
    struct json_node *kinds = json_add_array(document, node, "kinds");
    for (unsigned i = 0; i < MAPPING_KIND_COUNT; i++)
        add_sums(document, kinds, "kind", mapping_kind_word((enum mapping_kind)i),
                 &totals->kinds[i]);
    struct json_node *classes = json_add_array(document, node, "classes");
    for (unsigned i = 0; i < mapping_class_count(report->classifier); i++)
        add_sums(document, classes, "class", mapping_class_id(report->classifier, i),
                 &totals->classes[i]);
}

static void add_process(struct json_document *document, struct json_node *processes,
                        const struct pmap_report *report, const struct pmap_process *shown)
{
    const struct process *process = shown->process;
    const struct snapshot *snapshot = report->snapshot;
    struct json_node *node = json_add_object(document, processes, NULL);
    json_add_number(document, node, "pid", process->pid);
    if (process->files & PROCESS_COMM)
        json_add_slice(document, node, "comm", snapshot_text(snapshot, process->comm));
    else
        json_add_null(document, node, "comm");
    json_add_bool(document, node, "cut", process->files & PROCESS_SMAPS_CUT);
    struct json_node *mappings = json_add_array(document, node, "mappings");
    for (size_t i = 0; i < process->mapping_count; i++)
        add_mapping(document, mappings, report, shown, i);
    add_totals(document, node, report, &shown->totals);
}

bool pmap_print_json(const struct pmap_report *report, FILE *to, struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.pmap/1");
    json_add_snapshot(&document, "snapshot", report->snapshot);
    struct json_node *processes = json_add_array(&document, document.root, "processes");
    for (size_t i = 0; i < report->count; i++)
        add_process(&document, processes, report, &report->processes[i]);
    struct json_node *missing = json_add_array(&document, document.root, "missing");
    for (size_t i = 0; i < report->missing_count; i++) {
        struct json_node *node = json_add_object(&document, missing, NULL);
        json_add_number(&document, node, "pid", report->missing[i].pid);
        json_add_text(&document, node, "reason", report->missing[i].reason);
    }
    if (report->all)
        add_totals(&document, document.root, report, report->all);
    else
        json_add_null(&document, document.root, "totals");
    json_add_number(&document, document.root, "unread", report->unread);
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
