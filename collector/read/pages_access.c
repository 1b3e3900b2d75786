#include "collector/read/pages_access.h"

#include "collector/base/cleanup.h"
#include "collector/base/random.h"
#include "collector/read/fetch.h"
#include "collector/read/page_lookup.h"
#include "schema/pages_format.h"

#include <errno.h>
#include <string.h>

static bool is_known(int flags_file, uint64_t frame)
{
    uint64_t flags;
    return pread(flags_file, &flags, sizeof flags, (off_t)(frame * sizeof flags)) == sizeof flags;
}

/* The first frame that kpageflags does not tell of. */
static uint64_t count_frames(int flags_file)
{
    uint64_t known = 0, unknown = 1;
    while (unknown < PAGES_FRAMES_MOST && is_known(flags_file, unknown - 1)) {
        known = unknown;
        unknown *= 2;
    }
    while (known < unknown) {
        uint64_t middle = known + (unknown - known) / 2;
        if (is_known(flags_file, middle))
            known = middle + 1;
        else
            unknown = middle;
    }
    return known;
}

/* Since Linux 4.2 who has not the right sees frame number 0 behind every page: so it is asked for
 * a page of our own, which surely has another. */
static int frames_shown(int root)
{
    volatile char here = 1;
    uint64_t word = 0, page = (uint64_t)(uintptr_t)&here / (uint64_t)sysconf(_SC_PAGESIZE);
    AUTO_CLOSE int pagemap = small_file_open(root, "proc/self/pagemap");
    if (pagemap < 0)
        return errno;
    errno = EIO;
    if (pread(pagemap, &word, sizeof word, (off_t)(page * sizeof word)) != sizeof word)
        return errno;
    return (word & PAGEMAP_PRESENT) && (word & PAGEMAP_FRAME) ? 0 : EPERM;
}

static void refuse(struct pages_access *access, int error)
{
    access->outcome = outcome_from_errno(error);
    access->error = error;
}

bool pages_access_init(struct pages_access *access, const struct tree *tree, bool wanted,
                       struct failure *why)
{
    uint8_t key[FRAME_KEY_BYTES];
    *access =
        (struct pages_access){.wanted = wanted, .outcome = OUTCOME_SKIPPED, .root = tree->root};
    if (!wanted || !tree->live)
        return true;
    AUTO_CLOSE int flags_file = small_file_open(tree->root, KPAGEFLAGS_FILE);
    int error = flags_file < 0 ? errno : frames_shown(tree->root);
    if (error) {
        refuse(access, error);
        return true;
    }
    access->outcome = OUTCOME_READ;
    if (!random_bytes(key, sizeof key))
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot get random bytes: %s", strerror(errno));
    bool fine = frame_numbers_init(&access->numbers, key, count_frames(flags_file)) ||
                failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    explicit_bzero(key, sizeof key);
    return fine;
}

void pages_access_deinit(struct pages_access *access)
{
    frame_numbers_deinit(&access->numbers);
}

const char *pages_access_reason(const struct pages_access *access)
{
    switch (access->outcome) {
    case OUTCOME_SKIPPED:
        return "a copy of /proc has no page frames";
    case OUTCOME_REFUSED:
        return "only root with CAP_SYS_ADMIN is shown page frames";
    default:
        return "this kernel does not tell page frames";
    }
}
