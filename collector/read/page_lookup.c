#include "collector/read/page_lookup.h"

#include "schema/bundle_format.h"

#include <errno.h>
#include <unistd.h>

/* Pagemap before Linux 4.2 kept the size of the page in bits 55 to 60, where EXCLUSIVE is now. Of
 * a page that is present these are never set in the new form. */
#define PAGEMAP_OLD_FORM (UINT64_C(7) << 58)

#define SWAP_TYPE_BITS 5
#define SWAP_TYPE_MASK ((UINT64_C(1) << SWAP_TYPE_BITS) - 1)

#define HEAD (UINT64_C(1) << KPF_BIT_COMPOUND_HEAD)
#define TAIL (UINT64_C(1) << KPF_BIT_COMPOUND_TAIL)

/* Flags of kpageflags by the bit that they get. */
static const struct {
    unsigned char kernel_bit;
    uint16_t flag;
} told[] = {
#define TOLD(name)                                                                                 \
    {                                                                                              \
        KPF_BIT_##name, PAGES_FLAG_##name                                                          \
    }
    TOLD(ANON), TOLD(SWAPBACKED), TOLD(THP),     TOLD(HUGE),     TOLD(SWAPCACHE),
    TOLD(KSM),  TOLD(ZERO_PAGE),  TOLD(MLOCKED), TOLD(HWPOISON), TOLD(RESERVED),
#undef TOLD
};

/* What kernels say of a tail in different ways: the head's word is taken for it. */
#define TOLD_BY_HEAD                                                                               \
    (UINT64_C(1) << KPF_BIT_ANON | UINT64_C(1) << KPF_BIT_SWAPBACKED |                             \
     UINT64_C(1) << KPF_BIT_THP | UINT64_C(1) << KPF_BIT_SWAPCACHE |                               \
     UINT64_C(1) << KPF_BIT_MLOCKED)

static uint16_t flags_told(uint64_t kernel_flags, uint64_t word)
{
    uint16_t flags = word & PAGEMAP_FILE ? PAGES_FLAG_FILE : 0;
    if ((word & PAGEMAP_EXCLUSIVE) && !(word & PAGEMAP_OLD_FORM))
        flags |= PAGES_FLAG_EXCLUSIVE;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (kernel_flags >> told[i].kernel_bit & 1)
            flags |= told[i].flag;
    return flags;
}

/* Words of a file that has one for each frame; how many there were. */
static size_t read_words(int file, uint64_t *words, uint64_t first, size_t count)
{
    size_t bytes = 0, wanted = count * sizeof *words;
    while (file >= 0 && bytes < wanted) {
        ssize_t got = pread(file, (char *)words + bytes, wanted - bytes,
                            (off_t)(first * sizeof *words + bytes));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        bytes += (size_t)got;
    }
    return bytes / sizeof *words;
}

/* The flags of the head that the tail `frame` belongs to, when it lies in the same block; else 0. */
static uint64_t head_before(struct page_lookup *lookup, uint64_t frame)
{
    size_t inside = frame % PAGES_BLOCK_FRAMES;
    size_t known = read_words(lookup->flags_file, lookup->before, frame - inside, inside);
    for (size_t i = known == inside ? inside : 0; i-- > 0;)
        if (!(lookup->before[i] & TAIL))
            return lookup->before[i] & HEAD ? lookup->before[i] : 0;
    return 0;
}

/* Flags of consecutive frames: tails become like their heads. */
static void follow_heads(struct page_lookup *lookup, uint64_t first, size_t count)
{
    uint64_t head = count > 0 && (lookup->flags[0] & TAIL) ? head_before(lookup, first) : 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t *flags = &lookup->flags[i];
        if (!(*flags & TAIL))
            head = *flags & HEAD ? *flags : 0;
        else if ((first + i) % PAGES_BLOCK_FRAMES == 0)
            head = 0;
        else if (head)
            *flags = (*flags & ~TOLD_BY_HEAD) | (head & TOLD_BY_HEAD);
    }
}

static uint32_t mapcount_of(uint64_t count)
{
    return count < PAGES_MAPCOUNT_MOST ? (uint32_t)count : PAGES_MAPCOUNT_MOST;
}

static bool is_memory(const struct page_lookup *lookup, uint64_t word)
{
    return (word & PAGEMAP_PRESENT) && (word & PAGEMAP_FRAME) < lookup->numbers->known;
}

/* How many words from the first on are frames that follow one another, up or down. */
static size_t extent(const struct page_lookup *lookup, const uint64_t *words, size_t count,
                     bool *down)
{
    size_t length = 1;
    uint64_t frame = words[0] & PAGEMAP_FRAME;
    *down = count > 1 && is_memory(lookup, words[1]) && (words[1] & PAGEMAP_FRAME) + 1 == frame;
    while (length < count && is_memory(lookup, words[length]) &&
           (words[length] & PAGEMAP_FRAME) == (*down ? frame - length : frame + length))
        length++;
    return length;
}

/* Whether nothing but this page table entry maps the frame, for certain: of a large page in the page
 * cache kernels may know the mapcount on average only, and of huge pages old ones know none. */
static bool is_alone(uint64_t kernel_flags, const struct page *page)
{
    bool large = kernel_flags & (HEAD | TAIL | UINT64_C(1) << KPF_BIT_THP);
    return page->mapcount == 1 && (page->flags & PAGES_FLAG_EXCLUSIVE) &&
           !(page->flags & PAGES_FLAG_HUGE) &&
           (page->flags & PAGES_FLAG_ANON || (page->flags & PAGES_FLAG_FILE && !large));
}

static struct page frame_told(struct page_lookup *lookup, uint64_t frame, uint64_t kernel_flags,
                              uint64_t word, uint32_t mapcount)
{
    struct page page = {
        .kind = PAGES_ASCENDING, .mapcount = mapcount, .flags = flags_told(kernel_flags, word)};
    if (is_alone(kernel_flags, &page))
        return (struct page){.kind = PAGES_OTHER, .number = PAGES_OTHER_ALONE + page.flags};
    page.number = frame_number(lookup->numbers, frame);
    return page;
}

void page_is_huge_mapped(struct page *page)
{
    if (page->kind == PAGES_ASCENDING)
        page->flags |= PAGES_FLAG_HUGE_MAPPED;
    else if (page->kind == PAGES_OTHER && page->number >= PAGES_OTHER_ALONE)
        page->number += PAGES_FLAG_HUGE_MAPPED;
}

/* An extent, which lies in one piece of both files. */
static void look_up_extent(struct page_lookup *lookup, const uint64_t *words, struct page *pages,
                           size_t length, bool down)
{
    uint64_t lowest = words[down ? length - 1 : 0] & PAGEMAP_FRAME;
    size_t known = read_words(lookup->flags_file, lookup->flags, lowest, length);
    size_t counted = read_words(lookup->counts_file, lookup->counts, lowest, length);
    follow_heads(lookup, lowest, known);
    for (size_t i = 0; i < length; i++) {
        size_t at = down ? length - 1 - i : i;
        if (at >= known) {
            pages[i] = (struct page){.kind = PAGES_OTHER, .number = PAGES_OTHER_NOT_READ};
            continue;
        }
        pages[i] = frame_told(lookup, lowest + at, lookup->flags[at], words[i],
                              at < counted ? mapcount_of(lookup->counts[at]) : 0);
    }
}

/* What has no frame in memory. The kernel puts other things in the place of a slot too, with types
 * of their own, and some of these hold the number of a frame. */
static struct page elsewhere(struct page_lookup *lookup, uint64_t word)
{
    uint64_t number = word & PAGEMAP_FRAME, type = number & SWAP_TYPE_MASK;
    if (word & PAGEMAP_PRESENT)
        return (struct page){.kind = PAGES_DEVICE,
                             .number = device_frame_number(lookup->numbers, number)};
    if (!(word & PAGEMAP_SWAPPED))
        return (struct page){.kind = PAGES_HOLE};
    if (type >= PAGES_SWAP_TYPES)
        return (struct page){.kind = PAGES_OTHER, .number = PAGES_OTHER_SPECIAL};
    return (struct page){
        .kind = PAGES_SWAPPED, .number = number >> SWAP_TYPE_BITS, .flags = (uint16_t)type};
}

void page_lookup(struct page_lookup *lookup, const uint64_t *words, struct page *pages,
                 size_t count)
{
    for (size_t i = 0; i < count;) {
        if (!is_memory(lookup, words[i])) {
            pages[i] = elsewhere(lookup, words[i]);
            i++;
            continue;
        }
        if (i > 0 && words[i] == words[i - 1]) { /* the zero page, again and again */
            pages[i] = pages[i - 1];
            i++;
            continue;
        }
        bool down = false;
        size_t length = extent(lookup, words + i, count - i, &down);
        look_up_extent(lookup, words + i, pages + i, length, down);
        i += length;
    }
}
