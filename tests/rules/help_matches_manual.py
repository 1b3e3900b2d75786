#!/usr/bin/env python3
"""The help of the programs, their manual pages and their completions name the same words.

    help_matches_manual.py PROJECT BIN_FOLDER
    help_matches_manual.py --self-test

An option is *defined* where it begins a line, in the help as in the rendered manual page;
options that a sentence mentions are not looked at. Commands are the first words of the
lines between "Commands:" and the next blank line of `memtally --help`.
"""
import glob
import os
import re
import subprocess
import sys

OPTION = re.compile(r"(?<![\w-])(--[a-z0-9][a-z0-9-]*|-[A-Za-z0-9?])(?![\w-])")
COMPLETIONS = ("*/completion/{}", "*/completion/{}.bash", "completions/*/{}")
BOLD_OR_UNDERLINE = re.compile(r".\x08")


def run(*arguments):
    finished = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors="replace", timeout=30, check=False)
    return finished.returncode, finished.stdout


def defined_options(text):
    """Options of the lines that begin with one: '  -o FILE, --output FILE   what it does'."""
    options = set()
    for line in text.split("\n"):
        stripped = line.strip()
        if not re.match(r"--?[A-Za-z0-9?]", stripped):
            continue
        head = re.split(r"\s{2,}|\t", stripped)[0]
        options.update(OPTION.findall(head))
    return options


def command_names(help_text):
    names, inside = [], False
    for line in help_text.split("\n"):
        if re.match(r"commands:?\s*$", line, re.IGNORECASE):
            inside = True
        elif inside and not line.strip():
            break
        elif inside:
            match = re.match(r"\s+([a-z][a-z-]*)\b", line)
            if match:
                names.append(match.group(1))
    return names


def rendered(page):
    """A manual page as text, in lines so wide that no sentence is broken before an option."""
    status, text = run("mandoc", "-T", "utf8", "-O", "width=1000", page)
    if status > 4 or not text:
        sys.exit(f"{page}: mandoc cannot render it")
    return BOLD_OR_UNDERLINE.sub("", text).replace("\u2010", "-").replace("\u2212", "-")


def differences(what, has, other, needs):
    return [f"{option}: in {what}, not in {other}" for option in sorted(has - needs)]


def compare(program, options, commands, manual_text, completion_text):
    problems = []
    if manual_text is None:
        problems.append(f"{program}: no manual page in docs/")
    else:
        in_manual = defined_options(manual_text)
        problems += differences(f"{program} --help", options, "the manual page", in_manual)
        problems += differences(f"{program}'s manual page", in_manual, "its --help", options)
        problems += [f"{command}: a command that {program}'s manual page does not name"
                     for command in commands
                     if not re.search(rf"(?<![\w-]){command}(?![\w-])", manual_text)]
    if completion_text is None:
        problems.append(f"{program}: no completion script")
    else:
        words = set(re.findall(r"(?<![\w-])-{0,2}[A-Za-z0-9][\w-]*", completion_text))
        problems += [f"{word}: {program}'s completion does not know it"
                     for word in sorted(options | set(commands)) if word not in words]
        long_options = {word for word in words if word.startswith("--")}
        problems += [f"{word}: {program}'s completion offers it, --help does not know it"
                     for word in sorted(long_options - options)]
    return problems


def read_all(paths, read):
    texts = [read(path) for path in sorted(paths)]
    return "\n".join(texts) if texts else None


def read_file(path):
    with open(path, encoding="utf-8") as file:
        return "".join(line for line in file if not line.lstrip().startswith("#"))


def check(project, folder):
    problems = []
    manuals = set(glob.glob(os.path.join(project, "docs", "*.1")))
    of_collector = {page for page in manuals if "memtally-collect" in os.path.basename(page)}
    for program, pages in (("memtally-collect", of_collector),
                           ("memtally", manuals - of_collector)):
        path = os.path.join(folder, program)
        status, help_text = run(path, "--help")
        if status != 0 or not help_text:
            problems.append(f"{program} --help: status {status}, {len(help_text)} characters")
            continue
        options = defined_options(help_text)
        commands = command_names(help_text) if program == "memtally" else []
        if program == "memtally" and not commands:
            problems.append("memtally --help: no list of commands under 'Commands:'")
        for command in commands:
            status, text = run(path, command, "--help")
            if status != 0 or not text:
                problems.append(f"memtally {command} --help: status {status}")
            options |= defined_options(text)
        completions = [path for pattern in COMPLETIONS
                       for path in glob.glob(os.path.join(project, pattern.format(program)))]
        problems += compare(program, options, commands, read_all(pages, rendered),
                            read_all(completions, read_file))
    return problems


def self_test():
    help_text = ("Usage: x [OPTION]\n\nCommands:\n  ledger  where it went\n  ps      who\n\n"
                 "  -o FILE, --output FILE   as tar --zstd does\n      --json    machine\n")
    good = "OPTIONS\n     -o FILE, --output FILE\n          like --zstd\n     --json   ledger ps\n"
    words = "-o --output --json ledger ps"
    options, commands = defined_options(help_text), command_names(help_text)
    failures = []

    def expect(count, name, manual, completion):
        found = compare("x", options, commands, manual, completion)
        if len(found) != count:
            failures.append(f"{name}: {found}")

    if options != {"-o", "--output", "--json"} or commands != ["ledger", "ps"]:
        failures.append(f"help is read as {options} and {commands}")
    expect(0, "equal", good, words)
    expect(1, "missing in the manual", good.replace("--json", "json"), words)
    expect(1, "only in the manual", good + "     --old   gone\n", words)
    expect(1, "command not in the manual", good.replace("ps", ""), words)
    expect(1, "missing in completion", good, words.replace("--json", ""))
    expect(1, "only in completion", good, words + " --old")
    expect(2, "no pages at all", None, None)
    return failures


def main():
    if sys.argv[1:] == ["--self-test"]:
        problems = self_test()
    elif len(sys.argv) == 3:
        problems = check(sys.argv[1], sys.argv[2])
    else:
        sys.exit(__doc__)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
