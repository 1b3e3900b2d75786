#!/usr/bin/env python3
"""What the project's own files may not contain.

    house_style.py PROJECT

Breaches end with status 1; files that have grown long are listed as a warning.
"""
import os
import re
import subprocess
import sys

LONG_FILE_LINES = 400
C_FOLDERS = ("schema/", "collector/", "analyzer/", "tests/")
PROGRAM_FOLDERS = ("schema/", "collector/", "analyzer/")
NOT_OURS = ("fixtures/", "tests/golden/", "tests/fuzz/corpus/", "tests/rules/")

# Calls that cut, guess, overflow or start something: never in C of this project.
BANNED = ["sscanf", "vsscanf", "atoi", "atol", "atoll", "atof", "strtok", "strtok_r", "strcpy",
          "stpcpy", "strcat", "sprintf", "vsprintf", "gets", "popen", "system", "alloca"]
# The collector runs nothing else, and the analyzer has no need to.
STARTERS = ["execl", "execlp", "execle", "execv", "execvp", "execvpe", "execve", "fexecve",
            "execveat", "posix_spawn", "posix_spawnp"]
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|home/\w+|Users/\w+)/")
COMMENT_OR_TEXT = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def listed_files(project):
    """Files that git knows or would know; every file where there is no git."""
    try:
        listing = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"], cwd=project, check=True, capture_output=True).stdout
        names = [os.fsdecode(name) for name in listing.split(b"\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [os.path.relpath(os.path.join(folder, name), project)
                 for folder, _, files in os.walk(project) for name in files]
        names = [name for name in names if not name.startswith(("build/", ".git/"))]
    return sorted(name for name in set(names) if os.path.isfile(os.path.join(project, name)))


def without_comments_and_text(code):
    """The code with comments, strings and characters blanked; line numbers stay."""
    return COMMENT_OR_TEXT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), code)


def calls(code, names):
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(names) + r")\s*\(")
    for number, line in enumerate(code.split("\n"), 1):
        for match in pattern.finditer(line):
            yield number, match.group(1)


def breaches_of(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if UNFINISHED.search(line):
            yield f"{path}:{number}: unfinished work is an issue, not a comment"
        if MACHINE_PATH.search(line):
            yield f"{path}:{number}: a path of somebody's machine"
    if path.endswith((".c", ".h")) and path.startswith(C_FOLDERS):
        code = without_comments_and_text(text)
        for number, name in calls(code, BANNED):
            yield f"{path}:{number}: {name}() is banned here"
        if path.startswith(PROGRAM_FOLDERS):
            for number, name in calls(code, STARTERS):
                yield f"{path}:{number}: {name}(): memtally starts no other program"
        if path.endswith(".h") and "#pragma once" not in text:
            yield f"{path}:1: a header without #pragma once"
    if os.path.basename(path) == "CMakeLists.txt" or path.endswith(".cmake"):
        for number, line in enumerate(text.split("\n"), 1):
            if re.search(r"file\s*\(\s*GLOB", line, re.IGNORECASE):
                yield f"{path}:{number}: sources are listed, not globbed"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    project = sys.argv[1]
    problems, long_files = [], []
    for path in listed_files(project):
        if path.startswith(NOT_OURS):
            continue
        try:
            with open(os.path.join(project, path), encoding="utf-8") as file:
                text = file.read()
        except UnicodeDecodeError:
            problems.append(f"{path}: not UTF-8")
            continue
        problems.extend(breaches_of(path, text))
        lines = text.count("\n")
        if path.endswith((".c", ".h")) and lines > LONG_FILE_LINES:
            long_files.append(f"{path}: {lines} lines")
    for problem in problems:
        print(problem)
    if long_files:
        print(f"warning: files of more than {LONG_FILE_LINES} lines, split them by subject:")
        print("  " + "\n  ".join(long_files))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
