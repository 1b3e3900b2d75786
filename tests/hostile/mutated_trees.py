#!/usr/bin/env python3
"""Fixture trees with random damage, through every command.

    mutated_trees.py MEMTALLY TREES ROUNDS [SEED]

Whatever the bytes say, a command ends by itself with status 0, 1 or 3, says nothing of a
sanitizer, prints whole JSON, and its ledger sums to MemTotal. The seed is fixed, so that a
failure comes back; the tar that caused it is kept and named.
"""
import io
import json
import os
import random
import re
import subprocess
import sys
import tarfile
import tempfile

COMMANDS = [
    [], ["ledger", "--json"], ["ledger", "-v", "-a"], ["ps", "--json"], ["maps", "--json"],
    ["maps", "--sharers"], ["pmap", "-t"], ["pmap", "--json"], ["kernel", "--json"], ["check", "--json"], ["info", "--json", "-a"],
]
NUMBERS = [b"18446744073709551615", b"9223372036854775807", b"17592186044415", b"0", b"1"]
WORDS = [b"\n", b" ", b"kB", b"\0", b"(deleted)", b":", b"-"]
ABSURD = 1 << 60  # sums of larger figures saturate and need not add up


def change_number(rng, data):
    found = list(re.finditer(rb"\d+", bytes(data)))
    if found:
        spot = rng.choice(found)
        data[spot.start():spot.end()] = rng.choice(NUMBERS)


def damage(rng, data):
    for _ in range(rng.randrange(1, 6)):
        if not data:
            return
        at = rng.randrange(len(data))
        kind = rng.randrange(6)
        if kind == 0:
            data[at] = rng.randrange(256)
        elif kind == 1:
            del data[at:at + rng.randrange(1, 200)]
        elif kind == 2:
            data[at:at] = data[at:at + rng.randrange(1, 300)]
        elif kind == 3:
            change_number(rng, data)
        elif kind == 4:
            del data[at:]
        else:
            data[at:at] = rng.choice(WORDS)


def packed(rng, tree, to):
    with tarfile.open(to, "w") as tar:
        for folder, folders, files in os.walk(tree):
            folders.sort()
            for name in sorted(files):
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    data = bytearray(file.read())
                if rng.random() < 0.3:
                    damage(rng, data)
                entry = tarfile.TarInfo(os.path.relpath(path, tree))
                entry.size = len(data)
                entry.mtime = rng.choice([0, 1_000_000_000, -5])
                tar.addfile(entry, io.BytesIO(bytes(data)))


def ledger_sums(ledger):
    total = ledger["mem_total_bytes"]
    top = sum(line["bytes"] for line in ledger["lines"] if line["parent"] is None)
    return total > ABSURD or top > ABSURD or top + ledger["residual"]["bytes"] == total


def problem_of(program, command, bundles):
    run = subprocess.run([program, *command, *bundles], capture_output=True, timeout=120,
                         check=False)
    if run.returncode not in (0, 1, 3):
        return f"exit status {run.returncode}: {run.stderr[-2000:]!r}"
    if b"Sanitizer" in run.stderr or b"runtime error" in run.stderr:
        return run.stderr[-2000:].decode(errors="replace")
    if "--json" not in command or run.returncode == 3:
        return None
    try:
        answer = json.loads(run.stdout)
    except ValueError as error:
        return f"not JSON: {error}"
    if command[0] == "ledger" and not ledger_sums(answer):
        return "the lines do not sum to MemTotal"
    return None


def main():
    program, trees, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    names = sorted(os.listdir(trees))
    scratch = tempfile.mkdtemp(prefix="memtally-mutated-")
    earlier, now = os.path.join(scratch, "earlier.tar"), os.path.join(scratch, "now.tar")
    packed(rng, os.path.join(trees, names[0]), earlier)
    for _ in range(rounds):
        name = rng.choice(names)
        packed(rng, os.path.join(trees, name), now)
        cases = [(command, [now]) for command in COMMANDS]
        pids = [pid for pid in sorted(os.listdir(os.path.join(trees, name, "proc"))) if pid.isdigit()]
        cases += [(["pmap", mode], [now, *pids[-3:], "1"]) for mode in ("-x", "-d", "-X", "-XX", "-l")]
        cases += [(["diff"], [earlier, now]), (["diff", "--json", "-a"], [earlier, now])]
        for command, bundles in cases:
            problem = problem_of(program, command, bundles)
            if problem:
                print(f"{name}: memtally {' '.join(command + bundles)}: {problem}")
                return 1
        os.replace(now, earlier)
    os.remove(earlier)
    os.rmdir(scratch)
    print(f"{rounds} damaged trees, {len(COMMANDS) + 2} commands each: fine")
    return 0


if __name__ == "__main__":
    sys.exit(main())
