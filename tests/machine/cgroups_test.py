#!/usr/bin/env python3
"""Charges of cgroups as the kernel's own files tell them, and who uses what is charged elsewhere.

    cgroups_test.py NAME BIN_FOLDER TAKES

agree: each cgroup whose files did not move around the snapshot is charged exactly what they say, the root with what
the collector itself took.
elsewhere: two cgroups are made; a process in the first touches anonymous memory and a file in
/dev/shm, one in the second maps this file. The bounds must hold what is known of both.
Status 77 (skipped): no root, no memory controller, or no cgroup can be made.
"""
import contextlib
import os
import subprocess
import sys
import time

import machine
from machine import MIB, Skip, expect

V1, V2 = "/sys/fs/cgroup/memory", "/sys/fs/cgroup"
ANON, SHARED = 64 * MIB, 32 * MIB
HALF = SHARED // 2  # the share of each of two processes
SLACK = 2 * MIB     # the holder's own memory: an interpreter
# Pages of the root are counted late, kernel memory at once: that of the collector while it runs.
COLLECTOR = 8 * MIB
HOLDER = """
import mmap, sys
anonymous, path, size = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
own = mmap.mmap(-1, anonymous or 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for at in range(0, len(own), 4096):
    own[at] = 1
with open(path, "r+b") as file:
    shared = mmap.mmap(file.fileno(), size)
for at in range(0, size, 4096):
    shared[at] = 1
print("ready", flush=True)
sys.stdin.readline()
"""


def root_and_file():
    """The root of the hierarchy that charges memory, and its file of what is charged."""
    for root, name in ((V1, "memory.usage_in_bytes"), (V2, "memory.current")):
        folders = [root, *(entry.path for entry in os.scandir(root) if entry.is_dir())
                   ] if os.path.isdir(root) else []
        if any(os.path.exists(os.path.join(folder, name)) for folder in folders):
            return root, name
    raise Skip("no memory controller is mounted")


def charges(root, name):
    """{path below the root: bytes}, as a top for cgroups would read them. The root of v1, the only one that has a
    release_agent, counts no kernel memory in this file, unlike all below it.
    """
    found = {}
    for folder, _, files in os.walk(root):
        with contextlib.suppress(OSError):
            names = [name] if name in files else []
            if names and root == V1 and "release_agent" in files:
                names.append("memory.kmem.usage_in_bytes")
            if names:
                path = folder[len(root):] or "/"
                found[path] = sum(int(machine.read(os.path.join(folder, each))) for each in names)
    return found


def agree(memtally):
    root, name = root_and_file()
    for _ in range(5):
        before = charges(root, name)
        report = memtally.json("cgroups", memtally.snapshot())
        after = charges(root, name)
        told = {row["path"]: row["total"]["charged_bytes"] for row in report["cgroups"]}
        still = [path for path, value in before.items() if after.get(path) == value]
        for path in still:
            off = told.get(path, 0) - before[path]
            expect(off == 0 or (path == "/" and 0 < off < COLLECTOR),
                   f"{path}: charged {told.get(path)}, its file says {before[path]}")
        for path in set(before) & set(after):
            expect(path in told, f"{path}: not in the report")
        if still:
            print(f"{len(still)} of {len(before)} cgroups stood still and agree")
            return
        time.sleep(1)
    raise Skip("no cgroup stood still")


@contextlib.contextmanager
def cgroup(root, name, file):
    folder = os.path.join(root, name)
    try:
        os.mkdir(folder)
    except OSError as error:
        raise Skip(f"no cgroup can be made: {error}") from error
    try:
        if not os.path.exists(os.path.join(folder, file)):
            raise Skip("new cgroups have no memory controller")
        yield folder
    finally:
        for _ in range(50):
            with contextlib.suppress(OSError):
                os.rmdir(folder)
                break
            time.sleep(0.1)


@contextlib.contextmanager
def holder(folder, anonymous, path):
    """A process that touches its memory after it was put into the cgroup."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(anonymous), path, str(SHARED)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            try:
                machine.write(os.path.join(folder, "cgroup.procs"), process.pid)
            except OSError as error:
                raise Skip(f"no process can be moved: {error}") from error
            process.stdin.write("\n")
            process.stdin.flush()
            expect(process.stdout.readline() == "ready\n", "the holder did not start")
            yield process.pid
        finally:
            process.stdin.close()
            process.wait(timeout=60)


def elsewhere(memtally):
    root, file = root_and_file()
    if machine.file_system_of("/dev/shm") != "tmpfs":
        raise Skip("/dev/shm is no tmpfs")
    names = [f"memtally-test-{os.getpid()}-{letter}" for letter in "ab"]
    path = f"/dev/shm/{names[0]}"
    with contextlib.ExitStack() as stack:
        first, second = (stack.enter_context(cgroup(root, name, file)) for name in names)
        stack.callback(lambda: os.path.exists(path) and os.unlink(path))
        with open(path, "wb") as shared:
            shared.truncate(SHARED)
        stack.enter_context(holder(first, ANON, path))
        stack.enter_context(holder(second, 0, path))
        report = memtally.json("cgroups", memtally.snapshot())
    rows = {row["path"]: row for row in report["cgroups"]}
    a, b = (rows["/" + name] for name in names)
    error = (report["counter_error_bytes"] or 0) + SLACK
    known = (("anon_bytes", ANON), ("shmem_bytes", SHARED), ("charged_bytes", ANON + SHARED))
    for key, size in known:
        have = a["total"][key]
        expect(size - error <= have <= size + 16 * MIB, f"a: {key} {have}, known is {size}")
    expect(b["total"]["shmem_bytes"] <= error,
           f"b: shmem {b['total']['shmem_bytes']}, touched first by a")
    expect(a["members"]["processes"] == b["members"]["processes"] == 1, "one process each")
    out, into = a["used_elsewhere"], b["charged_elsewhere"]
    expect(out["low_bytes"] <= HALF + SLACK and out["high_bytes"] >= HALF,
           f"a: used elsewhere {out}, known is {HALF}")
    expect(HALF - error <= into["low_bytes"] and into["high_bytes"] >= HALF,
           f"b: charged elsewhere {into}, at least {HALF} is known")
    expect(b["used_elsewhere"]["low_bytes"] <= SLACK, f"b: used elsewhere {b['used_elsewhere']}")
    print(f"a used elsewhere {out}, b charged elsewhere {into}, known is {HALF}")


TESTS = {"cgroups_agree": agree, "cgroups_elsewhere": elsewhere}


def run(memtally, _, name):
    machine.need_root()
    TESTS[name](memtally)


if __name__ == "__main__":
    machine.main(run, __doc__, TESTS)
