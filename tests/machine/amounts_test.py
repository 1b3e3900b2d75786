#!/usr/bin/env python3
"""Takes a known amount of memory in one way; `memtally diff` must show it in the right line.

    amounts_test.py KIND BIN_FOLDER TAKES

KIND is a name from KINDS below. Three snapshots: before, with the amount, and after it was given
back. Where the first and the last differ in a line that is looked at, other programs moved it,
and all is done once more. Status 77 (skipped): no root, no such thing here, or never quiet.
"""
import contextlib
import os
import shutil
import subprocess
import time

import machine
from machine import MIB, Failed, Skip, expect, taken

WITHIN = 0.03  # of the amount
QUIET = 0.01   # of the amount: what others may move
ATTEMPTS = 4
SMALLEST = 32 * MIB
RESIDUAL = "residual"


class Kind:
    """lines: ids of which the first that the ledger has must show the amount.
    also: a line that must show it as well; beside: figures that must.
    less: a line that must show it as a loss.
    suspect: must be the first one named when the amount is in the residual."""

    def __init__(self, size, *lines, beside=(), also=None, less=None, suspect=None, around=None,
                 swapped=False):
        self.size, self.lines, self.beside, self.also, self.less = size, lines, beside, also, less
        self.suspect, self.around, self.swapped = suspect, around, swapped


@contextlib.contextmanager
def shared_memory(size):
    if machine.file_system_of("/dev/shm") != "tmpfs":
        raise Skip("/dev/shm is no tmpfs")
    room = os.statvfs("/dev/shm")
    if room.f_bavail * room.f_frsize < size:
        raise Skip("/dev/shm is too small")
    yield "/dev/shm"


@contextlib.contextmanager
def disk(size):
    yield machine.disk_folder(size)


@contextlib.contextmanager
def huge_pages(size):
    """A pool with room for the amount, put back afterwards."""
    setting = "/proc/sys/vm/nr_hugepages"
    if not os.path.exists(setting):
        raise Skip("this kernel has no huge pages")
    before, page = int(machine.read(setting)), machine.meminfo_bytes("Hugepagesize")
    wanted = before + size // page
    try:
        machine.write(setting, wanted)
        if int(machine.read(setting)) < wanted:
            raise Skip(f"the kernel does not find {wanted} huge pages")
        yield "/"
    finally:
        machine.write(setting, before)


@contextlib.contextmanager
def swap_on_zram(size):
    """A zram device of its own as the swap that is used first, taken away afterwards."""
    control = "/sys/class/zram-control"
    missing = [tool for tool in ("modprobe", "mkswap", "swapon", "swapoff")
               if shutil.which(tool) is None]
    if missing:
        raise Skip(f"no {', '.join(missing)} here")
    subprocess.run(["modprobe", "-q", "zram", "num_devices=0"], check=False,
                   stderr=subprocess.DEVNULL)  # may be part of the kernel
    if not os.path.exists(control + "/hot_add"):
        raise Skip("this kernel has no zram")
    number = int(machine.read(control + "/hot_add"))
    device = f"/dev/zram{number}"
    try:
        machine.write(f"/sys/block/zram{number}/disksize", 2 * size)
        for command in (["mkswap", device], ["swapon", "-p", "32767", device]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Skip(f"{' '.join(command)}: {done.stderr.strip()}")
        yield "/"
    finally:
        subprocess.run(["swapoff", device], check=False, stderr=subprocess.DEVNULL)
        machine.write(f"/sys/block/zram{number}/reset", 1)
        machine.write(control + "/hot_remove", number)


def dentry_slabs_bytes():
    """By slabinfo. New names fill the free places of old slabs first, so what is taken is known in
    pages only when it is done."""
    for line in machine.read("/proc/slabinfo").splitlines():
        words = line.split()
        if words[0] == "dentry":
            return int(words[14]) * int(words[5]) * os.sysconf("SC_PAGESIZE")
    raise Skip("slabinfo has no dentry cache")


KINDS = {
    "anonymous": Kind(512 * MIB, "user.anon"),
    "page_cache": Kind(512 * MIB, "user.file_cache", around=disk),
    "tmpfs": Kind(256 * MIB, "user.shmem.tmpfs", also="user.shmem", around=shared_memory),
    "sysv": Kind(256 * MIB, "user.shmem.sysv", also="user.shmem"),
    "memfd": Kind(256 * MIB, "user.shmem.memfd", also="user.shmem"),
    "hugetlb": Kind(256 * MIB, "hugetlb.{huge}.used", less="hugetlb.{huge}.free",
                    around=huge_pages),
    "mlock": Kind(256 * MIB, "user.anon", beside=("mlocked", "unevictable")),
    "page_tables": Kind(128 * MIB, "page_tables.process"),
    "threads": Kind(64 * MIB, "kernel_stacks", "vmalloc.stacks", beside=("kernel_stacks",)),
    "slab": Kind(128 * MIB, "slab.reclaimable", around=disk),
    "vmalloc": Kind(128 * MIB, "vmalloc.bpf"),
    "pipes": Kind(256 * MIB, RESIDUAL, suspect="pipe_buffers"),
    "sockets": Kind(256 * MIB, RESIDUAL, suspect="socket_buffers"),
    "packet_ring": Kind(128 * MIB, RESIDUAL, suspect="packet_sockets"),
    "swap": Kind(256 * MIB, "zspages", around=swap_on_zram, swapped=True),
}


class Disturbed(Exception):
    pass


def changes_of(memtally, before, after):
    diff = memtally.json("diff", before, after)
    lines = {line["id"]: line["change_bytes"] for line in diff["ledger"]}
    beside = {figure["id"]: figure["change_bytes"] for figure in diff["beside"]}
    return diff, lines, beside


def mib(size):
    return f"{size / MIB:+.2f} MiB"


def compare(kind, amount, lines, beside):
    """What is wrong with the changes, as sentences."""
    page = machine.meminfo_bytes("Hugepagesize") or 0
    names = [line.format(huge=f"{page // 1024}kB") for line in kind.lines]
    line = next((name for name in names if name in lines), None)
    if line is None:
        raise Failed(f"the ledger has no line {names}")
    wanted = [(line, lines[line], amount)]
    wanted += [("beside " + name, beside[name], amount) for name in kind.beside if name in beside]
    if kind.also:
        wanted.append((kind.also, lines[kind.also], amount))
    if kind.less:
        less = kind.less.format(huge=f"{page // 1024}kB")
        wanted.append((less, lines.get(less, 0), -amount))
    if line != RESIDUAL:
        wanted.append((RESIDUAL, lines[RESIDUAL], 0))
    for name, change, known in wanted:
        print(f"  {name}: {mib(change)}, known {mib(known)}, off by "
              f"{(change - known) / amount:+.2%} of the amount")
    return [f"{name} changed by {mib(change)}, not by {mib(known)}"
            for name, change, known in wanted if abs(change - known) > WITHIN * amount], line


def first_suspect(memtally, bundle, wanted):
    suspects = [suspect["id"] for suspect in memtally.json("ledger", bundle)["suspects"]]
    print(f"  suspects: {suspects}")
    expect(suspects[:1] == [wanted], f"the first suspect is not {wanted}: {suspects}")


def attempt(memtally, program, name, size, folder):
    kind = KINDS[name]
    machine.settle()
    before = memtally.snapshot()
    slabs = dentry_slabs_bytes() if name == "slab" else 0
    with taken(program, name, size, folder) as (pid, amount):
        if name == "slab":
            expect(dentry_slabs_bytes() - slabs > amount / 2, "the names made too few new slabs")
            amount = dentry_slabs_bytes() - slabs
        machine.settle()
        during = memtally.snapshot()
    machine.settle()
    after = memtally.snapshot()
    print(f"{name}: {amount} bytes")
    diff, lines, beside = changes_of(memtally, before, during)
    problems, line = compare(kind, amount, lines, beside)
    if kind.suspect:
        first_suspect(memtally, during, kind.suspect)
    if kind.swapped:
        row = next(item for item in diff["processes"] if (item["after"] or {}).get("pid") == pid)
        expect(abs(row["swap_change_bytes"] - amount) <= WITHIN * amount,
               f"the process has {row['swap_change_bytes']} bytes in swap")
    if problems:
        moved = changes_of(memtally, before, after)[1]
        moved = max(abs(moved.get(key, 0)) for key in (line, RESIDUAL))
        reason = "; ".join(problems)
        if moved > QUIET * amount:
            raise Disturbed(f"{reason} (others moved {mib(moved)} meanwhile)")
        raise Failed(reason)


def run(memtally, program, name):
    machine.need_root()
    kind = KINDS[name]
    size = min(kind.size, machine.meminfo_bytes("MemAvailable") // 8 & -(4 * MIB))
    if size < SMALLEST:
        raise Skip("too little memory to take some of it")
    around = kind.around or (lambda _: contextlib.nullcontext("/"))
    reasons, failures = [], 0
    for _ in range(ATTEMPTS):
        try:
            with around(size) as folder:
                attempt(memtally, program, name, size, folder)
            return
        except Disturbed as reason:
            reasons.append(str(reason))
            print(f"  again: {reason}")
            time.sleep(5)
        except Failed as reason:
            # What others did and undid meanwhile is not seen from both ends; an error comes back.
            failures += 1
            if failures == 2:
                raise
            reasons.append(str(reason))
            print(f"  once more: {reason}")
    raise Skip(f"this machine was not quiet in {ATTEMPTS} attempts: {reasons[-1]}")


if __name__ == "__main__":
    machine.main(run, __doc__, KINDS)
