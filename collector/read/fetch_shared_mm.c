/* Which processes share one address space (vfork(2), clone(2) with CLONE_VM): derived/shared_mm. The
 * kernel compares two processes when asked with kcmp(2), and its answers have an order. Only those
 * are compared whose statm tells the same sizes; the resident ones may differ from one look to the next. */
#include "collector/read/fetching.h"

#include "collector/base/cleanup.h"
#include "collector/base/text.h"
#include "collector/read/process.h"
#include "collector/read/tree.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINE_MOST_BYTES 96
#define KCMP_VM         1 /* include/uapi/linux/kcmp.h */

enum order { ORDER_SAME, ORDER_BELOW, ORDER_ABOVE, ORDER_UNKNOWN };

struct candidate {
    uint64_t sizes; /* hash of those in statm; 0 has no memory */
    uint32_t pid;
    uint32_t first; /* PID of the first with this address space */
};

struct comparison {
    struct fetching *fetching;
    struct candidate *candidates; /* owned */
    uint32_t *spaces; /* owned: candidates with an address space each, in the order of kcmp */
    size_t count, space_count;
    uint64_t compared, refused;
    int error; /* of the last comparison that failed */
};

static enum order compare(struct comparison *c, uint32_t left, uint32_t right)
{
#ifdef SYS_kcmp
    long order = syscall(SYS_kcmp, (long)left, (long)right, (long)KCMP_VM, 0L, 0L);
#else
    long order = -1;
    (void)left, (void)right;
    errno = ENOSYS;
#endif
    if (order < 0)
        c->error = errno;
    return order < 0 || order > ORDER_ABOVE ? ORDER_UNKNOWN : (enum order)order;
}

/* PIDs mean the same to kcmp(2) as in this proc/ only if it is that of our own namespace. */
static bool is_own_namespace(int root)
{
    char target[24];
    ssize_t length = readlinkat(root, "proc/self", target, sizeof target);
    uint64_t pid = 0;
    return length > 0 && decimal_read(target, (size_t)length, &pid) == (size_t)length &&
           pid == (uint64_t)getpid();
}

/* "size resident shared text lib data dirty" */
static uint64_t sizes_of(int root, uint32_t pid)
{
    char name[48], statm[256];
    struct text path = TEXT_OVER(name);
    text_add(&path, "proc/");
    text_decimal(&path, pid);
    text_add(&path, "/statm");
    long length = small_line_read(root, text_string(&path), statm, sizeof statm);
    uint64_t hash = 0, number = 0;
    const char *at = statm;
    for (unsigned field = 0; length > 0 && field < 7; field++) {
        size_t digits = decimal_read(at, strlen(at), &number);
        if (digits == 0 || (field == 0 && number == 0))
            return 0;
        if (field == 0 || field == 3 || field == 5)
            hash = (hash ^ number) * UINT64_C(0x9e3779b97f4a7c15);
        at += digits + (at[digits] == ' ');
    }
    return hash;
}

static int by_sizes(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    if (a->sizes != b->sizes)
        return a->sizes < b->sizes ? -1 : 1;
    return (a->pid > b->pid) - (a->pid < b->pid);
}

static int by_pid(const void *left, const void *right)
{
    uint32_t a = ((const struct candidate *)left)->pid, b = ((const struct candidate *)right)->pid;
    return (a > b) - (a < b);
}

/* May it be compared at all? One that ended is no loss. */
static bool may_compare(struct comparison *c, uint32_t pid)
{
    c->compared++;
    if (compare(c, pid, pid) == ORDER_SAME)
        return true;
    c->refused += c->error != ESRCH;
    return false;
}

/* Finds its address space among those of the same sizes, or a place for it between them. */
static void place(struct comparison *c, struct candidate *candidate)
{
    size_t from = 0, to = c->space_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct candidate *other = &c->candidates[c->spaces[middle]];
        switch (compare(c, candidate->pid, other->pid)) {
        case ORDER_SAME:
            candidate->first = other->pid;
            return;
        case ORDER_BELOW:
            to = middle;
            break;
        case ORDER_ABOVE:
            from = middle + 1;
            break;
        default: /* one of them ended meanwhile */
            c->refused++;
            return;
        }
    }
    memmove(c->spaces + from + 1, c->spaces + from, (c->space_count - from) * sizeof *c->spaces);
    c->spaces[from] = (uint32_t)(candidate - c->candidates);
    c->space_count++;
}

/* All of them, in groups of the same sizes. False: it was to stop. */
static bool compare_all(struct comparison *c)
{
    for (size_t i = 0; i < c->count; i++) {
        struct candidate *candidate = &c->candidates[i];
        bool begins = i == 0 || candidate[-1].sizes != candidate->sizes;
        bool alone = begins && (i + 1 == c->count || candidate[1].sizes != candidate->sizes);
        if (begins)
            c->space_count = 0;
        if (fetching_must_stop(c->fetching->request))
            return false;
        if (candidate->sizes && !alone && may_compare(c, candidate->pid))
            place(c, candidate);
        fetching_watch(c->fetching, 0);
    }
    return true;
}

static bool find_candidates(struct comparison *c, const struct process_list *list)
{
    c->candidates = malloc(list->count * sizeof *c->candidates);
    c->spaces = malloc(list->count * sizeof *c->spaces);
    if (!c->candidates || !c->spaces)
        return false;
    for (; c->count < list->count; c->count++) {
        uint32_t pid = list->at[c->count].pid;
        c->candidates[c->count] = (struct candidate){
            .pid = pid, .first = pid, .sizes = sizes_of(c->fetching->request->folder, pid)};
        fetching_watch(c->fetching, 0);
    }
    qsort(c->candidates, c->count, sizeof *c->candidates, by_sizes);
    return true;
}

static void add_pair(struct text *lines, const char *words[2], uint64_t first, uint64_t second)
{
    text_add(lines, words[0]);
    text_decimal(lines, first);
    text_add(lines, words[1]);
    text_decimal(lines, second);
    text_add(lines, "\n");
}

static bool print(struct comparison *c, struct failure *why)
{
    static const char *shared[2] = {"shared pid ", " first "};
    static const char *compared[2] = {"compared processes ", " refused "};
    struct fetcher *fetcher = c->fetching->fetcher;
    if (fetcher->capacity < FETCH_BUFFER_BYTES)
        fetcher->renew(fetcher, fetcher->buffer, 0);
    struct text lines = {fetcher->buffer, 0, fetcher->capacity, false};
    qsort(c->candidates, c->count, sizeof *c->candidates, by_pid);
    for (size_t i = 0; i < c->count; i++) {
        if (c->candidates[i].first == c->candidates[i].pid)
            continue;
        if (lines.capacity - lines.length < 2 * LINE_MOST_BYTES) {
            if (!fetching_emit(c->fetching, lines.length, false, why))
                return false;
            fetcher->renew(fetcher, fetcher->buffer, 0);
            lines = (struct text){fetcher->buffer, 0, fetcher->capacity, false};
        }
        add_pair(&lines, shared, c->candidates[i].pid, c->candidates[i].first);
    }
    add_pair(&lines, compared, c->compared, c->refused);
    fetching_finish(c->fetching->result, OUTCOME_READ, 0);
    return fetching_emit(c->fetching, lines.length, true, why);
}

/* Nobody could be compared: for the same reason, which the kernel gave. */
static bool is_refused(const struct comparison *c)
{
    return c->compared && c->refused == c->compared;
}

bool fetch_shared_mm(struct fetching *p, struct failure *why)
{
    struct comparison c = {.fetching = p};
    struct process_list list;
    struct failure no_list = {0};
    bool fine = true;
    if (p->request->check_first || !is_own_namespace(p->request->folder)) {
        fetching_finish(p->result, OUTCOME_SKIPPED, 0);
        return true;
    }
    if (!process_list_read(&list, p->request->folder, &no_list) || !find_candidates(&c, &list))
        fetching_finish(p->result, OUTCOME_FAILED, ENOMEM);
    else if (!compare_all(&c))
        fetching_finish(p->result, OUTCOME_SKIPPED, 0);
    else if (is_refused(&c))
        fetching_finish(p->result, outcome_from_errno(c.error), c.error);
    else
        fine = print(&c, why);
    free(c.candidates);
    free(c.spaces);
    process_list_deinit(&list);
    return fine;
}
