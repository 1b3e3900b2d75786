/* proc/PID/pages: which frame or swap slot stands behind each page of a process, as runs. The
 * grammar is section 6.4 of docs/bundle-format.md; here are its numbers. */
#pragma once

#include <stdint.h>

#define BUNDLE_PAGES_NAME "pages" /* below proc/PID */

#define PAGES_MAGIC       "MTPG"
#define PAGES_MAGIC_BYTES 4
#define PAGES_VERSION     1 /* a reader refuses another */

/* Bits of `features`. */
#define PAGES_HAS_MAPCOUNTS   UINT64_C(1)
#define PAGES_HAS_HUGE_MAPPED UINT64_C(2)

/* Frame numbers keep their neighbours within a block of so many frames. */
#define PAGES_BLOCK_FRAMES  512
#define PAGES_FRAMES_MOST   (UINT64_C(1) << 55)
#define PAGES_VARINT_BYTES  10
#define PAGES_MAPCOUNT_MOST UINT32_MAX /* this many mappings, or more */
#define PAGES_SWAP_TYPES    23         /* types from here on are no swap areas */

/* The first byte of a run: kind, PAGES_HAS_ATTRIBUTES, count. */
#define PAGES_KIND_MASK      7u
#define PAGES_HAS_ATTRIBUTES 8u
#define PAGES_COUNT_SHIFT    4
#define PAGES_COUNT_SHORT    16 /* counts below it stand in the byte; others less it, behind */

/* X(constant, number, word) */
#define PAGES_KINDS(X)                                                                             \
    X(HOLE, 0, "hole")             /* nothing mapped                            */                 \
    X(ASCENDING, 1, "ascending")   /* frames, each one above the one before     */                 \
    X(DESCENDING, 2, "descending") /* frames, each one below the one before     */                 \
    X(REPEATED, 3, "repeated")     /* the same frame in each page               */                 \
    X(SWAPPED, 4, "swapped")       /* slots of one swap area, ascending         */                 \
    X(DEVICE, 5, "device")         /* frames that no file of the kernel knows   */                 \
    X(OTHER, 6, "other")           /* enum pages_other follows                  */                 \
    X(FAR, 7, "far")               /* ascending, the first frame in whole bytes */

enum pages_kind {
#define PAGES_KIND_CONSTANT(constant, number, word) PAGES_##constant = (number),
    PAGES_KINDS(PAGES_KIND_CONSTANT)
#undef PAGES_KIND_CONSTANT
};

/* What stands behind pages of which neither frame nor slot is told. ALONE: frames that nothing else
 * maps, so that nobody needs their numbers; enum pages_flag is added to it. */
enum pages_other { PAGES_OTHER_SPECIAL = 0, PAGES_OTHER_NOT_READ = 1, PAGES_OTHER_ALONE = 2 };

/* What is told of a frame besides its number. FILE and EXCLUSIVE are of pagemap, HUGE_MAPPED of
 * the PAGEMAP_SCAN ioctl, the others of kpageflags. X(constant, bit, word) */
#define PAGES_FLAGS(X)                                                                             \
    X(FILE, 0, "file")                                                                             \
    X(EXCLUSIVE, 1, "exclusive")                                                                   \
    X(ANON, 2, "anon")                                                                             \
    X(SWAPBACKED, 3, "swapbacked")                                                                 \
    X(THP, 4, "thp")                                                                               \
    X(HUGE_MAPPED, 5, "huge_mapped")                                                               \
    X(HUGE, 6, "huge")                                                                             \
    X(SWAPCACHE, 7, "swapcache")                                                                   \
    X(KSM, 8, "ksm")                                                                               \
    X(ZERO_PAGE, 9, "zero_page")                                                                   \
    X(MLOCKED, 10, "mlocked")                                                                      \
    X(HWPOISON, 11, "hwpoison")                                                                    \
    X(RESERVED, 12, "reserved")

enum pages_flag {
#define PAGES_FLAG_CONSTANT(constant, bit, word) PAGES_FLAG_##constant = 1 << (bit),
    PAGES_FLAGS(PAGES_FLAG_CONSTANT)
#undef PAGES_FLAG_CONSTANT
};
