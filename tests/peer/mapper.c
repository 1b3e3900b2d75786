/* A process with one mapping of each kind that an ordinary user can make, for pmap to show.
 *
 *     mapper FOLDER
 *
 * Prints "ready" and stands still until its standard input ends. Static, so that nobody outside
 * shares its pages. What the kernel refuses (no huge pages, no SysV) is left out. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KIB           1024u
#define ONE_PART      (64 * KIB)
#define HUGE_PAGE     (2048 * KIB)
#define THREADS       3
#define LONG_NAME_MAX 200

static void *touched(void *memory, size_t bytes)
{
    if (memory == MAP_FAILED)
        return NULL;
    memset(memory, 1, bytes);
    return memory;
}

static void map_file(const char *folder, const char *name, int protection, int flags, int write)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, ONE_PART) != 0)
        exit(2);
    void *memory = mmap(NULL, ONE_PART, protection, flags, fd, 0);
    if (memory == MAP_FAILED)
        exit(2);
    if (write)
        touched(memory, ONE_PART / 2);
    close(fd);
}

static void map_files(const char *folder)
{
    char name[LONG_NAME_MAX + 1];
    map_file(folder, "plain", PROT_READ, MAP_PRIVATE, 0);
    map_file(folder, "copied", PROT_READ | PROT_WRITE, MAP_PRIVATE, 1);
    map_file(folder, "shared", PROT_READ | PROT_WRITE, MAP_SHARED, 1);
    map_file(folder, "no access", PROT_NONE, MAP_PRIVATE, 0);
    map_file(folder, "executable", PROT_READ | PROT_EXEC, MAP_SHARED, 0);
    map_file(folder, "SYSVy", PROT_READ, MAP_PRIVATE, 0);
    map_file(folder, " leading and trailing ", PROT_READ, MAP_PRIVATE, 0);
    map_file(folder, "caf\xc3\xa9 \xe2\x82\xac", PROT_READ, MAP_PRIVATE, 0);
    map_file(folder, "new\nline", PROT_READ, MAP_PRIVATE, 0);
    map_file(folder, "Rss:       99 kB", PROT_READ, MAP_PRIVATE, 0);
    memset(name, 'n', LONG_NAME_MAX);
    name[LONG_NAME_MAX] = '\0';
    map_file(folder, name, PROT_READ, MAP_PRIVATE, 0);
    map_file(folder, "gone", PROT_READ | PROT_WRITE, MAP_SHARED, 1);
    snprintf(name, sizeof name, "%s/gone", folder);
    unlink(name);
}

static void map_shared(void)
{
    touched(mmap(NULL, ONE_PART, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
            ONE_PART / 2);
    int fd = (int)syscall(SYS_memfd_create, "a name/SYSV", 1u);
    if (fd >= 0 && ftruncate(fd, ONE_PART) == 0)
        touched(mmap(NULL, ONE_PART, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), ONE_PART);
    int segment = shmget(IPC_PRIVATE, ONE_PART, IPC_CREAT | 0600);
    if (segment >= 0) {
        touched(shmat(segment, NULL, 0), ONE_PART / 2);
        shmctl(segment, IPC_RMID, NULL);
    }
    touched(mmap(NULL, HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB,
                 -1, 0),
            HUGE_PAGE);
}

static void map_private(void)
{
    int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
    (void)mmap(NULL, ONE_PART, PROT_READ | PROT_WRITE, anonymous, -1, 0);
    (void)mmap(NULL, 32 * HUGE_PAGE, PROT_NONE, anonymous | MAP_NORESERVE, -1, 0);
    touched(mmap(NULL, ONE_PART, PROT_READ | PROT_WRITE | PROT_EXEC, anonymous, -1, 0), ONE_PART);
    char *locked = touched(mmap(NULL, ONE_PART, PROT_READ | PROT_WRITE, anonymous, -1, 0), KIB);
    if (locked)
        (void)!mlock(locked, 4 * KIB);
    char *huge = mmap(NULL, 2 * HUGE_PAGE, PROT_READ | PROT_WRITE, anonymous, -1, 0);
    if (huge != MAP_FAILED) {
        madvise(huge, 2 * HUGE_PAGE, MADV_HUGEPAGE);
        touched(huge, 2 * HUGE_PAGE);
    }
}

static void *stand_still(void *unused)
{
    touched(malloc(ONE_PART), ONE_PART); /* an arena of its own, kept until the end */
    pause();
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    char byte;
    if (argc != 2)
        return 2;
    map_files(argv[1]);
    map_shared();
    map_private();
    touched(malloc(ONE_PART), ONE_PART);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&thread, NULL, stand_still, NULL) != 0)
            return 2;
    puts("ready");
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
    return 0;
}
