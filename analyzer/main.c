/* memtally: opens memory snapshots. Finds the command and runs it; nothing else. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/commands/commands.h"

static int run(const struct command *command, int argc, char **argv)
{
    struct request request;
    int status = STATUS_FINE;
    if (request_parse(command, argc, argv, &request, &status))
        status = command->run(&request);
    request_deinit(&request);
    return status;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, ""); /* names in UTF-8 are printed as such where the terminal can */
    if (argc < 2) {
        fputs(
            "memtally: a bundle is missing: memtally [COMMAND] BUNDLE...; try 'memtally --help'\n",
            stderr);
        return STATUS_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0) {
        print_general_help();
        return finish_output(true, NULL, NULL, STATUS_FINE);
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("memtally " MEMTALLY_VERSION);
        return finish_output(true, NULL, NULL, STATUS_FINE);
    }
    const struct command *command = argv[1][0] ? command_find(argv[1]) : NULL;
    if (command)
        return run(command, argc - 1, argv + 1);
    return run(command_find(""), argc, argv); /* memtally BUNDLE */
}
