#include "collector/read/process.h"

#include "collector/base/cleanup.h"
#include "collector/base/text.h"
#include "collector/read/fetch.h"
#include "collector/read/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Fields of /proc/PID/stat as proc(5) counts them; the first after the name is 3. */
enum { STAT_STATE = 3, STAT_FLAGS = 9, STAT_THREADS = 20, STAT_START_TIME = 22 };

/* Skips one field and the space behind it; false at the end. */
static bool skip_field(const char **at, const char *end)
{
    const char *space = memchr(*at, ' ', (size_t)(end - *at));
    if (!space)
        return false;
    *at = space + 1;
    return true;
}

static bool number_field(const char *at, const char *end, uint64_t *value)
{
    size_t digits = decimal_read(at, (size_t)(end - at), value);
    return digits > 0 && (at + digits == end || at[digits] == ' ' || at[digits] == '\n');
}

bool identity_parse(const char *stat, size_t length, struct identity *identity)
{
    const char *end = stat + length;
    const char *name_end = memrchr(stat, ')', length);
    if (!name_end || end - name_end < 3 || name_end[1] != ' ')
        return false;
    struct identity parsed = {.state = name_end[2]};
    const char *at = name_end + 2;
    for (int field = STAT_STATE;; field++) {
        bool fine = true;
        if (field == STAT_FLAGS)
            fine = number_field(at, end, &parsed.flags);
        else if (field == STAT_THREADS)
            fine = number_field(at, end, &parsed.threads);
        else if (field == STAT_START_TIME)
            fine = number_field(at, end, &parsed.start_time_ticks);
        if (!fine)
            return false;
        if (field == STAT_START_TIME)
            break;
        if (!skip_field(&at, end))
            return false;
    }
    *identity = parsed;
    return true;
}

static enum outcome outcome_of_stat(int error)
{
    enum outcome outcome = outcome_from_errno(error);
    return outcome == OUTCOME_ABSENT ? OUTCOME_VANISHED : outcome;
}

int identity_open(int process_folder, enum outcome *outcome, int *error)
{
    int stat_file = small_file_open(process_folder, "stat");
    *error = stat_file < 0 ? errno : 0;
    *outcome = stat_file < 0 ? outcome_of_stat(errno) : OUTCOME_READ;
    return stat_file;
}

enum outcome identity_read(int stat_file, struct identity *identity, int *error)
{
    char stat[2048];
    *error = 0;
    long length = small_file_bytes(stat_file, stat, sizeof stat);
    if (length > 0)
        return identity_parse(stat, (size_t)length, identity) ? OUTCOME_READ : OUTCOME_FAILED;
    if (length == 0)
        return OUTCOME_VANISHED;
    *error = errno;
    return outcome_of_stat(errno);
}

static bool is_dead(char state)
{
    return state == 'Z' || state == 'X' || state == 'x';
}

bool identity_is_bare(const struct identity *identity)
{
    return (identity->flags & KERNEL_THREAD_FLAG) ||
           (is_dead(identity->state) && identity->threads < 2);
}

bool identity_is_dead_leader(const struct identity *identity)
{
    return is_dead(identity->state) && identity->threads > 1;
}

/* Calls `take` for each numeric entry; false if it does, or errno on trouble. */
static int each_number(int folder, const char *path, bool (*take)(void *context, uint32_t number),
                       void *context)
{
    int descriptor = openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = descriptor < 0 ? NULL : fdopendir(descriptor);
    if (!stream) {
        int error = errno;
        if (descriptor >= 0)
            close(descriptor);
        return error;
    }
    int error = 0;
    for (const struct dirent *entry; (entry = readdir(stream));) {
        uint64_t number = 0;
        if (decimal_whole(entry->d_name, &number) && number > 0 && number <= UINT32_MAX &&
            !take(context, (uint32_t)number)) {
            error = ENOMEM;
            break;
        }
    }
    closedir(stream);
    return error;
}

static bool add_process(void *context, uint32_t pid)
{
    struct process_list *list = context;
    if ((list->count & (list->count - 1)) == 0) {
        size_t capacity = list->count ? list->count * 2 : 1;
        struct process *moved = realloc(list->at, capacity * sizeof *moved);
        if (!moved)
            return false;
        list->at = moved;
    }
    list->at[list->count++] = (struct process){.pid = pid, .outcome = OUTCOME_READ};
    return true;
}

static int by_pid(const void *left, const void *right)
{
    uint32_t a = ((const struct process *)left)->pid;
    uint32_t b = ((const struct process *)right)->pid;
    return (a > b) - (a < b);
}

bool process_list_read(struct process_list *list, int tree_root, struct failure *why)
{
    *list = (struct process_list){0};
    int error = each_number(tree_root, "proc", add_process, list);
    if (error)
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot list the processes: %s",
                           strerror(error));
    if (list->count > 1)
        qsort(list->at, list->count, sizeof *list->at, by_pid);
    return true;
}

void process_list_deinit(struct process_list *list)
{
    free(list->at);
    *list = (struct process_list){0};
}

struct thread_search {
    int task_folder;
    uint32_t leader;
    uint32_t found;
};

static bool consider_thread(void *context, uint32_t thread)
{
    struct thread_search *search = context;
    if (thread == search->leader || (search->found && thread > search->found))
        return true;
    char name[24];
    struct text text = TEXT_OVER(name);
    text_decimal(&text, thread);
    AUTO_CLOSE int folder =
        openat(search->task_folder, text_string(&text), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct identity identity = {0};
    enum outcome outcome = OUTCOME_VANISHED;
    int error = 0;
    AUTO_CLOSE int stat_file = folder < 0 ? -1 : identity_open(folder, &outcome, &error);
    if (stat_file >= 0 && identity_read(stat_file, &identity, &error) == OUTCOME_READ &&
        !is_dead(identity.state))
        search->found = thread;
    return true;
}

uint32_t living_thread(int process_folder, uint32_t pid)
{
    AUTO_CLOSE int task = openat(process_folder, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (task < 0)
        return 0;
    struct thread_search search = {.task_folder = task, .leader = pid};
    each_number(task, ".", consider_thread, &search);
    return search.found;
}

enum outcome outcome_worse(enum outcome left, enum outcome right)
{
    static const unsigned char rank[OUTCOME_COUNT] = {
        [OUTCOME_ABSENT] = 0,   [OUTCOME_READ] = 1,      [OUTCOME_EMPTY] = 2,
        [OUTCOME_SKIPPED] = 3,  [OUTCOME_CUT] = 4,       [OUTCOME_FAILED] = 5,
        [OUTCOME_REFUSED] = 6,  [OUTCOME_TIMED_OUT] = 7, [OUTCOME_ABANDONED] = 8,
        [OUTCOME_VANISHED] = 9, [OUTCOME_REUSED] = 10,
    };
    return rank[right] > rank[left] ? right : left;
}
