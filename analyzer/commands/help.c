#include <stdio.h>

#include "analyzer/commands/commands.h"
#include "analyzer/commands/options.h"

static void print_options(const char *title, const struct command *command)
{
    size_t count;
    const struct option_spec *specs = option_list(&count);
    printf("\n%s:\n", title);
    for (size_t i = 0; i < count; i++) {
        if (!option_taken(&specs[i], command))
            continue;
        char words[48], letter[8] = "    ";
        if (specs[i].letter)
            snprintf(letter, sizeof letter, "-%c, ", specs[i].letter);
        snprintf(words, sizeof words, "%s--%s%s%s", letter, specs[i].name,
                 specs[i].argument ? " " : "", specs[i].argument ? specs[i].argument : "");
        printf("  %-24s  %s\n", words, specs[i].help);
    }
    printf("  %-24s  %s\n", "    --help", "this text");
}

void print_general_help(void)
{
    size_t count;
    const struct command *commands = command_list(&count);
    fputs("usage: memtally [COMMAND] [OPTIONS] BUNDLE...\n\n"
          "Opens memory snapshots taken by memtally-collect, or copies of /proc and /sys, and\n"
          "tells where the memory went. A bundle is a file, a directory, or '-' for standard\n"
          "input.\n\nCommands:\n",
          stdout);
    for (size_t i = 0; i < count; i++)
        printf("  %-8s %-14s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
    print_options("Options of every command (memtally COMMAND --help names the rest)",
                  command_find(""));
    printf("  %-24s  %s\n\n", "-V, --version", "version of the program, without a command");
    fputs("Exit status: 0 fine; 1 something found or different (check, diff); 2 wrong usage;\n"
          "3 the bundle, or what the answer needs of it, cannot be read.\n",
          stdout);
}

static void print_columns(const struct command *command)
{
    size_t count;
    const struct column *columns = command->columns(&count);
    fputs("\nColumns for -c and -s:\n", stdout);
    for (size_t i = 0; i < count; i++)
        printf("  %-12s %s\n", columns[i].name, columns[i].help);
}

void print_command_help(const struct command *command)
{
    if (!command->name[0]) {
        print_general_help();
        return;
    }
    printf("usage: memtally %s [OPTIONS] %s\n\n%s\n", command->name, command->arguments,
           command->summary);
    print_options("Options", command);
    if (command->columns)
        print_columns(command);
}
