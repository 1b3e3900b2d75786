/* Processes whose memory is shared in known ways, stopped so that their figures stand still.
 *
 *     sharer FOLDER [without-field-name]
 *
 * FOLDER gets the files that are mapped; one of them, unless it is left out, has a name like a field
 * of smaps, over which smem falls. One line "NAME PID" a process goes to standard output
 * when every process is ready and stopped, then "ready". When standard input ends, all are
 * killed, the files are removed and the program ends. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB         ((size_t)1 << 20)
#define CHILD_LIMIT 16

static pid_t children[CHILD_LIMIT];
static size_t child_count;
static const char *folder;

static void stop(const char *what)
{
    fprintf(stderr, "sharer: %s: %s\n", what, strerror(errno));
    for (size_t i = 0; i < child_count; i++)
        kill(children[i], SIGKILL);
    exit(1);
}

/* Memory with every byte written (different in each page, so that nothing merges them). */
static char *touched(size_t bytes, int flags, int fd)
{
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (at == MAP_FAILED)
        stop("mmap");
    for (size_t i = 0; i < bytes; i += 512)
        at[i] = (char)(i * 31 + 7);
    return at;
}

static char *anonymous(size_t bytes)
{
    return touched(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

/* Starts a child that runs `body`, then stops itself. */
static void start(const char *name, void (*body)(void *), void *argument)
{
    if (child_count == CHILD_LIMIT) {
        errno = E2BIG;
        stop("too many children");
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        stop("fork");
    if (pid == 0) {
        child_count = 0;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        body(argument);
        raise(SIGSTOP);
        for (;;)
            pause();
    }
    children[child_count++] = pid;
    int status;
    if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
        stop(name);
    printf("%s %d\n", name, (int)pid);
}

static void nothing(void *unused)
{
    (void)unused;
}

static void own_memory(void *unused)
{
    (void)unused;
    anonymous(7 * MIB);
}

/* Writes a quarter of what the parent shares with us. */
static void break_copy_on_write(void *shared)
{
    memset(shared, 1, 2 * MIB);
}

static void map_file_shared(void *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        stop(path);
    touched(3 * MIB, MAP_SHARED, fd);
    close(fd);
}

/* Reads all of it, writes the first MiB: the rest stays the file's. */
static void map_file_private(void *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        stop(path);
    char *at = mmap(NULL, 3 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        stop("mmap");
    volatile char sum = 0;
    for (size_t i = 0; i < 3 * MIB; i += 512)
        sum = (char)(sum + at[i]);
    memset(at, (char)(sum | 1), MIB);
    close(fd);
}

static void attach_segment(void *id)
{
    char *at = shmat(*(int *)id, NULL, 0);
    if (at == (char *)-1)
        stop("shmat");
    memset(at, 3, 2 * MIB);
}

static void odd_name(void *unused)
{
    (void)unused;
    prctl(PR_SET_NAME, "x) S 1\n");
    anonymous(MIB);
}

static char *path_of(const char *name)
{
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        stop("asprintf");
    return path;
}

static char *make_file(const char *name)
{
    char *path = path_of(name);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, 3 * (off_t)MIB) < 0)
        stop(path);
    munmap(touched(3 * MIB, MAP_SHARED, fd), 3 * MIB);
    fsync(fd); /* clean pages: nothing is written back while figures are compared */
    close(fd);
    return path;
}

int main(int argc, char **argv)
{
    bool field_name = argc == 2;
    if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "without-field-name") != 0)) {
        fprintf(stderr, "usage: sharer FOLDER [without-field-name]\n");
        return 2;
    }
    folder = argv[1];
    setvbuf(stdout, NULL, _IOLBF, 0);

    char *plain = make_file("plain file.bin");
    char *newline = make_file("new\nline (deleted).bin");
    char *field = make_file("Rss:       99 kB");
    int segment = shmget(IPC_PRIVATE, 2 * MIB, 0600);
    if (segment < 0)
        stop("shmget");

    start("own", own_memory, NULL);
    char *common = anonymous(8 * MIB);
    start("fork-1", nothing, NULL);
    start("fork-2", break_copy_on_write, common);
    munmap(common, 8 * MIB);
    char *together = touched(5 * MIB, MAP_SHARED | MAP_ANONYMOUS, -1);
    start("shared-anonymous-1", nothing, NULL);
    start("shared-anonymous-2", nothing, NULL);
    munmap(together, 5 * MIB);
    start("file-1", map_file_shared, plain);
    start("file-2", map_file_shared, plain);
    start("private-file", map_file_private, newline);
    if (field_name)
        start("field-name", map_file_private, field);
    start("segment-1", attach_segment, &segment);
    start("segment-2", attach_segment, &segment);
    shmctl(segment, IPC_RMID, NULL); /* goes away with its last user */
    start("odd-name", odd_name, NULL);
    puts("ready");

    while (getchar() != EOF)
        ;
    for (size_t i = 0; i < child_count; i++)
        kill(children[i], SIGKILL);
    while (wait(NULL) > 0)
        ;
    char *paths[] = {plain, newline, field};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        unlink(paths[i]);
        free(paths[i]);
    }
    return 0;
}
