#!/usr/bin/env python3
"""memtally pmap -X beside what procps' pmap -X printed on the machine of a tree.

    pmap_capture_test.py PROGRAM PROJECT

Trees with meta/cmd/pmap-X.txt hold the output for some of their processes, taken while these were
stopped. Compared is every line, with blanks run together; bytes of names that could disturb a
terminal are octal in ours.
"""
import glob
import os
import re
import subprocess
import sys


def normal(line):
    text = "".join(
        f"\\{ord(char) - 0xdc00:03o}" if 0xdc80 <= ord(char) <= 0xdcff else
        f"\\{ord(char):03o}" if (ord(char) < 32 and char != "\n") or ord(char) == 127 else char
        for char in line)
    return " ".join(text.split())


def lines_of(data):
    return [normal(line) for line in data.decode(errors="surrogateescape").split("\n")]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, project = sys.argv[1:]
    compared, problems = 0, []
    for path in sorted(glob.glob(os.path.join(project, "fixtures/trees/*/meta/cmd/pmap-X.txt"))):
        tree = os.path.dirname(os.path.dirname(os.path.dirname(path)))
        with open(path, "rb") as file:
            theirs = file.read()
        for part in re.split(rb"(?m)^(?=\d+:   )", theirs)[1:]:
            pid = part.split(b":")[0].decode()
            ours = subprocess.run([program, "pmap", "-X", tree, pid], stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=120, check=False).stdout
            pairs = list(zip(lines_of(part), lines_of(ours)))
            compared += len(pairs)
            if lines_of(part) != lines_of(ours):
                wrong = [f"  pmap     {a}\n  memtally {b}" for a, b in pairs if a != b]
                problems.append(f"{os.path.basename(tree)} {pid}:\n" + "\n".join(wrong[:4]))
    if compared < 100:
        problems.append(f"only {compared} lines were compared")
    print(f"{compared} lines equal" if not problems else "\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
