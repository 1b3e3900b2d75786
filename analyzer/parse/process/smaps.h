/* /proc/PID/smaps and smaps_rollup. Source: fs/proc/task_mmu.c:show_smap(), show_map_vma().
 *
 * smaps comes in chunks of any size (members are streamed, and large ones have parts), so this is a
 * push parser: it learns the order of fields from the first block, compares the following ones with
 * it, and falls back to looking every key up when a block differs. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

/* X(constant, key), each "Key: N kB". Size is the mapping's, the rest as the kernel says. */
#define SMAPS_FIELDS(X)                                                                            \
    X(SIZE, "Size")                                                                                \
    X(KERNEL_PAGE_SIZE, "KernelPageSize")                                                          \
    X(MMU_PAGE_SIZE, "MMUPageSize")                                                                \
    X(RSS, "Rss")                                                                                  \
    X(PSS, "Pss")                                                                                  \
    X(PSS_DIRTY, "Pss_Dirty")                                                                      \
    X(PSS_ANON, "Pss_Anon")                                                                        \
    X(PSS_FILE, "Pss_File")                                                                        \
    X(PSS_SHMEM, "Pss_Shmem")                                                                      \
    X(SHARED_CLEAN, "Shared_Clean")                                                                \
    X(SHARED_DIRTY, "Shared_Dirty")                                                                \
    X(PRIVATE_CLEAN, "Private_Clean")                                                              \
    X(PRIVATE_DIRTY, "Private_Dirty")                                                              \
    X(REFERENCED, "Referenced")                                                                    \
    X(ANONYMOUS, "Anonymous")                                                                      \
    X(KSM, "KSM")                                                                                  \
    X(LAZY_FREE, "LazyFree")                                                                       \
    X(ANON_HUGE_PAGES, "AnonHugePages")                                                            \
    X(SHMEM_PMD_MAPPED, "ShmemPmdMapped")                                                          \
    X(FILE_PMD_MAPPED, "FilePmdMapped")                                                            \
    X(SHARED_HUGETLB, "Shared_Hugetlb")                                                            \
    X(PRIVATE_HUGETLB, "Private_Hugetlb")                                                          \
    X(SWAP, "Swap")                                                                                \
    X(SWAP_PSS, "SwapPss")                                                                         \
    X(LOCKED, "Locked")                                                                            \
    X(NONLINEAR, "Nonlinear")

enum smaps_field {
#define SMAPS_CONSTANT(constant, key) SMAPS_##constant,
    SMAPS_FIELDS(SMAPS_CONSTANT)
#undef SMAPS_CONSTANT
        SMAPS_FIELD_COUNT
};
_Static_assert(SMAPS_FIELD_COUNT <= 32, "presence is a 32-bit mask");

#define SMAPS_BIT(field) (UINT32_C(1) << (field))

enum smaps_permission { /* bits of smaps_mapping.permissions */
                        SMAPS_READ = 1,
                        SMAPS_WRITE = 2,
                        SMAPS_EXECUTE = 4,
                        SMAPS_SHARED = 8 /* 's'; otherwise 'p' */
};

/* A kernel may print a few lines that no table knows, with a number: "ProtectionKey: 0". */
#define SMAPS_OTHERS_MAX 8

/* One block: a header line and its fields. Everything is borrowed and valid during the call. */
struct smaps_mapping {
    uint64_t start, end, offset_bytes, inode;
    uint32_t device_major, device_minor;
    uint8_t permissions;                     /* enum smaps_permission */
    struct slice name;                       /* as printed behind the padding (smaps_header.h says
                                                where that ends); "" for anonymous            */
    struct slice vm_flags;                   /* "rd wr mr mw me ac", "" when not printed */
    uint32_t present;                        /* SMAPS_BIT of every field that the block has */
    uint64_t value_bytes[SMAPS_FIELD_COUNT]; /* 0 where not present */
    int8_t thp_eligible;                     /* 0, 1, or -1 when not printed */
    uint8_t others_present;                  /* bit n: the block has the unknown line n      */
    uint64_t other_number[SMAPS_OTHERS_MAX]; /* as printed, without a unit                   */
};

/* Called once a block; false stops the parser with *why set by the callee. */
typedef bool (*smaps_sink)(void *context, const struct smaps_mapping *mapping, struct failure *why);

struct smaps_parser; /* owned by the caller through create/destroy */

/* NULL when memory ran out. May be used for one process after the other: see finish. */
struct smaps_parser *smaps_parser_create(smaps_sink sink, void *context);
void smaps_parser_destroy(struct smaps_parser *parser);

/* Takes the next bytes of the file, cut anywhere. Fails with the line number on a malformed
 * header, a field printed twice in a block, a missing or wrong unit, a number that overflows, a
 * line longer than SMAPS_LINE_LIMIT, a field before any header, a block without Size and Rss (this
 * is no smaps), a reversed address range. An empty range is read: kernels from 2.6.36 to 4.10 hide
 * the guard page of a stack, which may be all of it. Blocks that were complete before the bad line
 * have reached the sink. After a failure only finish and destroy may be called; finish then reports
 * it again. */
bool smaps_parser_feed(struct smaps_parser *parser, struct slice chunk, struct failure *why);

/* Says that the file ends here and makes the parser ready for another file, also when it fails; the
 * learnt order is kept. An empty file is fine: it is what a process without memory shows.
 *
 * `cut` tells that the rest is known to be missing. A block then counts if the next header has
 * begun, or if it ends with a whole line and has all fields that every block before had (the first
 * block: if it ends with VmFlags). What does not is dropped and counted in dropped_blocks.
 *
 * Otherwise an unfinished last line is MALFORMED. So is a last block that ends at a line's end but
 * lacks a field that every block before had, for there the text was cut. With no block before,
 * nothing tells a cut block from one of a kernel with fewer fields: it passes with Size and Rss. */
bool smaps_parser_finish(struct smaps_parser *parser, bool cut, struct failure *why);

/* Since creation. Unknown keys are counted a line; the names are kept. A kernel with more than 64
 * different fields is a FAILURE_LIMIT. */
struct smaps_parser_counts {
    uint64_t blocks, unknown_lines, dropped_blocks;
    uint64_t relearnt;                /* lines that were not the one that followed last time */
    const char *const *unknown_names; /* owned by the parser */
    size_t unknown_name_count;
};
struct smaps_parser_counts smaps_parser_counts(const struct smaps_parser *parser);

enum smaps_key_kind {
    SMAPS_KEY_SIZE,         /* "Rss:                   4 kB": one of enum smaps_field   */
    SMAPS_KEY_THP_ELIGIBLE, /* "THPeligible:           0"                               */
    SMAPS_KEY_VM_FLAGS,     /* "VmFlags: rd mr mw me sd "                               */
    SMAPS_KEY_OTHER         /* a key that no table knows, with any value                */
};

/* A key as the kernel prints it. */
struct smaps_key {
    const char *name; /* static, or the parser's own */
    enum smaps_key_kind kind;
    unsigned index; /* enum smaps_field, or the number of an unknown one, which has a place
                                 in other_number when it is below SMAPS_OTHERS_MAX */
};

#define SMAPS_KEYS_MAX 64

/* The keys met since creation, in the order in which they were first met: the kernel's. Returns how
 * many. */
size_t smaps_parser_keys(const struct smaps_parser *parser, struct smaps_key keys[SMAPS_KEYS_MAX]);

/* Bytes of a line without its end. A path has at most 4,096, escaped 16 K. */
#define SMAPS_LINE_LIMIT (64u * 1024u)

/* smaps_rollup: one block named [rollup]; gives the same struct, whose texts are borrowed from
 * `text`. Rss is required. An empty text (a process without memory, on kernels that let it be read)
 * is MALFORMED here: the caller tests for it first. */
bool smaps_rollup_parse(struct slice text, struct smaps_mapping *out, struct failure *why);

/* The kernel's name of a field, static. */
const char *smaps_field_name(enum smaps_field field);
