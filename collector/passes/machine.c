#include "collector/passes/machine.h"

#include "collector/base/cleanup.h"
#include "collector/base/text.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define TELLING_BYTES ((size_t)64 * 1024)

static void copy(char *to, size_t capacity, const char *from, size_t length)
{
    if (length >= capacity)
        length = 0; /* unknown is better than half */
    memcpy(to, from, length);
    to[length] = '\0';
}

#define COPY_STRING(to, from) copy((to), sizeof(to), (from), strlen(from))

static void read_line(const struct tree *tree, const char *path, char *line, size_t capacity)
{
    if (small_line_read(tree->root, path, line, capacity) < 0 || strchr(line, '\n'))
        line[0] = '\0';
}

static void ask_kernel(struct machine *machine)
{
    struct utsname name;
    if (uname(&name) == 0) {
        COPY_STRING(machine->host, name.nodename);
        COPY_STRING(machine->kernel_release, name.release);
        COPY_STRING(machine->kernel_version, name.version);
        COPY_STRING(machine->architecture, name.machine);
    }
    long page_size = sysconf(_SC_PAGESIZE);
    long ticks = sysconf(_SC_CLK_TCK);
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    machine->page_size_bytes = page_size > 0 ? (uint64_t)page_size : 0;
    machine->clock_ticks_per_second = ticks > 0 ? (uint64_t)ticks : 0;
    machine->cpus_online = cpus > 0 ? (uint64_t)cpus : 0;
    ssize_t length =
        readlink("/proc/self/ns/pid", machine->pid_namespace, sizeof machine->pid_namespace - 1);
    machine->pid_namespace[length > 0 ? length : 0] = '\0';
}

/* "pid:[4026531836]": include/linux/proc_ns.h, PROC_PID_INIT_INO */
#define FIRST_PID_NAMESPACE "pid:[4026531836]"

/* Does the procfs count us by one number only? It is then that of our own namespace; one that
 * an outer namespace mounted and lent us lists a number for each namespace in between. */
static bool is_of_our_namespace(const struct tree *tree)
{
    static const char key[] = "\nNSpid:";
    char status[8192];
    if (small_file_read(tree->root, "proc/self/status", status, sizeof status) <= 0)
        return false;
    const char *line = strstr(status, key);
    if (!line)
        return true; /* before Linux 4.1 */
    line += sizeof key - 1;
    line += strspn(line, "\t ");
    return strcspn(line, "\t ") >= strcspn(line, "\n");
}

/* "Linux version RELEASE (who@where) (gcc ...) #1 SMP ...": the version starts at the '#'. */
static void read_version(struct machine *machine, const struct tree *tree)
{
    static const char before[] = "Linux version ";
    char line[1024];
    read_line(tree, "proc/version", line, sizeof line);
    if (strncmp(line, before, sizeof before - 1) != 0)
        return;
    const char *release = line + sizeof before - 1;
    const char *version = strchr(release, '#');
    if (!machine->kernel_release[0])
        copy(machine->kernel_release, sizeof machine->kernel_release, release,
             strcspn(release, " "));
    if (!machine->kernel_version[0] && version)
        COPY_STRING(machine->kernel_version, version);
}

/* /proc/stat has a line "cpuN ..." for each processor that is online. */
static void count_processors(struct machine *machine, const struct tree *tree, char *buffer)
{
    long length = small_file_read(tree->root, "proc/stat", buffer, TELLING_BYTES);
    for (const char *line = length > 0 ? buffer : NULL; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "cpu", 3) == 0 && isdigit((unsigned char)line[3]))
            machine->cpus_online++;
    }
}

/* No ordinary mapping has pages smaller than the base page, and some mapping has those. */
static uint64_t smallest_page(const char *smaps)
{
    static const char key[] = "KernelPageSize:";
    uint64_t smallest = 0;
    for (const char *at = smaps; (at = strstr(at, key));) {
        at += sizeof key - 1;
        at += strspn(at, " ");
        uint64_t kilobytes = 0;
        if (decimal_read(at, strlen(at), &kilobytes) && kilobytes &&
            (!smallest || kilobytes < smallest))
            smallest = kilobytes;
    }
    return smallest * 1024;
}

static void find_page_size(struct machine *machine, const struct tree *tree, char *buffer)
{
    static const char *const usual[] = {"proc/1/smaps", "proc/self/smaps"};
    for (size_t i = 0; i < sizeof usual / sizeof usual[0] && !machine->page_size_bytes; i++)
        if (small_file_read(tree->root, usual[i], buffer, TELLING_BYTES) > 0)
            machine->page_size_bytes = smallest_page(buffer);
}

static void ask_tree(struct machine *machine, const struct tree *tree)
{
    char *buffer = malloc(TELLING_BYTES);
    read_line(tree, "proc/sys/kernel/osrelease", machine->kernel_release,
              sizeof machine->kernel_release);
    read_line(tree, "proc/sys/kernel/version", machine->kernel_version,
              sizeof machine->kernel_version);
    read_line(tree, "proc/sys/kernel/arch", machine->architecture, sizeof machine->architecture);
    read_version(machine, tree);
    if (buffer) {
        count_processors(machine, tree, buffer);
        find_page_size(machine, tree, buffer);
    }
    free(buffer);
}

void machine_identify(struct machine *machine, const struct tree *tree)
{
    *machine = (struct machine){0};
    if (tree->live)
        ask_kernel(machine);
    else
        ask_tree(machine, tree);
    machine->in_namespace = tree->live && machine->pid_namespace[0] &&
                            strcmp(machine->pid_namespace, FIRST_PID_NAMESPACE) != 0 &&
                            is_of_our_namespace(tree);
    char host[sizeof machine->host];
    read_line(tree, "proc/sys/kernel/hostname", host, sizeof host);
    if (host[0])
        COPY_STRING(machine->host, host);
    read_line(tree, "proc/sys/kernel/random/boot_id", machine->boot_id, sizeof machine->boot_id);
}
