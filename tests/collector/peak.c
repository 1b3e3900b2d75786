/* peak PROGRAM [ARGUMENT]...: runs it with its output thrown away, and prints its largest
 * resident size in KiB and its exit status. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void run(char **arguments)
{
    int nothing = open("/dev/null", O_RDWR);
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        dup2(nothing, stream);
    execv(arguments[0], arguments);
    _exit(127);
}

int main(int count, char **arguments)
{
    struct rusage usage = {0};
    int status = 0;
    if (count < 2)
        return 2;
    pid_t child = fork();
    if (child == 0)
        run(arguments + 1);
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 1;
    printf("%ld %d\n", usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
}
