#!/usr/bin/env python3
"""memtally pmap beside procps' pmap, on processes that stand still: the whole output.

    pmap_test.py BIN_FOLDER MAPPER

A program with one mapping of each kind, a shell, and Python with libraries are stopped, a bundle is
taken, and pmap and memtally show them in every mode. Compared is every line, with blanks run
together. Status 77 (skipped): no pmap here, or one that prints another format.

pmap itself maps the C library, and so does the collector: while one of them runs, the shared pages of
a process are divided among one more. For the dynamic programs the columns that such neighbours move
are therefore left out of -X and -XX, on both sides and in the sums; the static program has no
neighbour and is compared whole, once also with its blanks.
"""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
MODES = [[], ["-x"], ["-d"], ["-X"], ["-XX"], ["-p"], ["-x", "-p"], ["-d", "-p"], ["-X", "-p"],
         ["-XX", "-p"], ["-q"], ["-x", "-q"], ["-d", "-q"], ["-X", "-q"], ["-XX", "-q"]]
# What moves without the process: shares of pages that others map, and what the kernel has looked at.
MOVING = ("Pss", "Pss_Dirty", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty",
          "Referenced")
HEAD_COLUMNS = 5  # Address Perm Offset Device Inode: sums and their rule have none of these
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8"}


class Skip(Exception):
    pass


class Failed(Exception):
    pass


def state_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()[0]


@contextlib.contextmanager
def stopped(command):
    """A program that has said "ready" and is stopped: its PID."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          env=ENVIRONMENT) as process:
        try:
            if process.stdout.readline() != b"ready\n":
                raise Failed(f"{command} did not start")
            # The shell may write after its word; what stands still twice is at rest.
            process.send_signal(signal.SIGSTOP)
            for _ in range(100):
                if state_of(process.pid) == "T":
                    break
                time.sleep(0.02)
            yield process.pid
        finally:
            process.send_signal(signal.SIGCONT)
            process.stdin.close()
            process.wait(timeout=30)


def run(command):
    return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=120,
                          check=False, env=ENVIRONMENT)


def peer(mode, pids):
    finished = run(["pmap", *mode, *pids])
    if finished.returncode != 0:
        raise Skip(f"pmap {' '.join(mode)} does not work here: {finished.stderr.decode()}")
    return finished.stdout.decode(errors="surrogateescape")


def lines_of(text):
    return [" ".join(line.split()) for line in text.splitlines()]


def without_moving(lines):
    """Rows of -X and -XX without the columns that move; a heading tells where they stand."""
    kept, places = [], None
    for line in lines:
        words = line.split(" ")
        if words[:2] == ["Address", "Perm"]:
            places = [i for i, word in enumerate(words) if word in MOVING]
        elif re.match(r"^\d+: ", line):
            places = None
        elif places and re.match(r"^[0-9a-f]{8,} [r-]", line):
            words = [word for i, word in enumerate(words) if i not in places]
        elif places and (words[-1] == "KB" or line.startswith("=")):
            words = [word for i, word in enumerate(words) if i + HEAD_COLUMNS not in places]
        kept.append(" ".join(words))
    return kept


def compare(memtally, bundle, mode, pids, exact):
    if "-q" in mode and "-X" in "".join(mode) and not exact:
        return 0  # without a heading nothing says which figure moves
    first = lines_of(peer(mode, pids))
    finished = run([memtally, "pmap", *mode, bundle, *pids])
    ours = lines_of(finished.stdout.decode(errors="surrogateescape"))
    second = lines_of(peer(mode, pids))
    if finished.returncode != 0:
        raise Failed(f"memtally pmap {' '.join(mode)}: {finished.stderr.decode()}")
    if not exact:
        first, ours, second = (without_moving(lines) for lines in (first, ours, second))
    if first != second:
        moved = [f"  {a}\n  {b}" for a, b in zip(first, second) if a != b]
        raise Failed(f"pmap {' '.join(mode)} {pids}: the processes did not stand still\n"
                     + "\n".join(moved[:8]))
    if ours != first:
        wrong = [f"  pmap     {a}\n  memtally {b}" for a, b in zip(first, ours) if a != b]
        raise Failed(f"pmap {' '.join(mode)} {pids}: {len(first)} lines, ours {len(ours)}\n"
                     + "\n".join(wrong[:8]))
    return len(first)


def check_bytes(memtally, bundle, pid):
    """On the static program also every blank."""
    for mode in MODES:
        theirs = peer(mode, [pid])
        ours = run([memtally, "pmap", *mode, bundle, pid]).stdout
        if ours.decode(errors="surrogateescape") != theirs:
            raise Failed(f"pmap {' '.join(mode)}: the same words, but other blanks")


def check_missing(memtally, bundle, pid):
    """A PID that is not there is told, and the other is shown all the same."""
    finished = run([memtally, "pmap", bundle, "4194305", pid])
    if finished.returncode != 3 or b"4194305" not in finished.stderr:
        raise Failed(f"a missing process: status {finished.returncode}, {finished.stderr}")
    if finished.stdout.decode(errors="surrogateescape") != peer([], [pid]):
        raise Failed("a missing process hides the one that is there")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, mapper = sys.argv[1:]
    memtally = os.path.join(folder, "memtally")
    if shutil.which("pmap") is None:
        raise Skip("no pmap here")
    python = [sys.executable, "-c", "import ctypes, json, ssl, zlib, sys; print('ready', flush=True);"
              "sys.stdin.read()"]
    shell = ["sh", "-c", "echo ready; read line; exit 0"]
    with tempfile.TemporaryDirectory() as scratch, stopped([mapper, scratch]) as static, \
            stopped(shell) as sh, stopped(python) as py:
        pids = [str(static), str(sh), str(py), "2"]
        bundle = os.path.join(scratch, "snapshot.tar.zst")
        subprocess.run([os.path.join(folder, "memtally-collect"), "-q", "-o", bundle],
                       stdin=subprocess.DEVNULL, timeout=120, check=True)
        lines = 0
        for mode in MODES:
            # Sums of -X over several processes differ among releases of procps: some add them up.
            for pid in pids:
                lines += compare(memtally, bundle, mode, [pid], pid == pids[0])
            if "X" not in "".join(mode):
                lines += compare(memtally, bundle, mode, pids, False)
        check_bytes(memtally, bundle, pids[0])
        check_missing(memtally, bundle, pids[0])
    if lines < 1000:
        raise Failed(f"only {lines} lines were compared")
    print(f"{lines} lines equal in {len(MODES)} modes")


if __name__ == "__main__":
    try:
        main()
    except Skip as reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    except Failed as reason:
        print(f"FAILED: {reason}")
        sys.exit(1)
