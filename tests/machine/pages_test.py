#!/usr/bin/env python3
"""Sharing counted page by page, on a program of known sharing, against pagemap read here.

    pages_test.py pages_to_the_page BIN_FOLDER WORKERS

`workers` forks, breaks copy-on-write in parts, shares a file and memory, asks for huge pages, for KSM and to
be swapped out. Its processes stand still. Every set of processes, what each set holds and gives back, swap
slots, and RSS, USS, PSS of each process must be equal, to the page and to the KiB.
Status 77 (skipped): no root, frame numbers are hidden, or the pages never stood still.
"""
import collections
import contextlib
import itertools
import json
import os
import shutil
import struct
import subprocess
import time

import machine
from machine import MIB, Failed, Skip, expect, read, write

PAGE = os.sysconf("SC_PAGESIZE")
PRESENT, SWAPPED, FILE = 1 << 63, 1 << 62, 1 << 61
FRAME = (1 << 55) - 1
ANON, KSM, ZERO = 1 << 12, 1 << 21, 1 << 24
SWAP_TYPES = 23  # from here on they are no swap areas
KERNEL_FIGURES = ("Rss", "Pss", "Private_Clean", "Private_Dirty")
KSM_RUN = "/sys/kernel/mm/ksm/run"


@contextlib.contextmanager
def ksm_runs():
    """Merges while the test runs, if the kernel can; then as before."""
    before = read(KSM_RUN).strip() if os.access(KSM_RUN, os.W_OK) else None
    if before is not None and before != "1":
        write(KSM_RUN, 1)
    try:
        yield before is not None
    finally:
        if before is not None and before != "1":
            write(KSM_RUN, before)


@contextlib.contextmanager
def swap_in(folder):
    """A swap file of its own, used first; where it cannot be had, the test goes without."""
    path = os.path.join(folder, "swap")
    with open(path, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        for _ in range(16):
            file.write(bytes(MIB))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
    tools = all(shutil.which(tool) for tool in ("mkswap", "swapon", "swapoff"))
    used = tools and all(subprocess.run(command, **quiet).returncode == 0
                         for command in (["mkswap", path], ["swapon", "-p", "32767", path]))
    try:
        yield used
    finally:
        if used:
            subprocess.run(["swapoff", path], check=True)
        os.unlink(path)


def wait_for_ksm():
    scans = "/sys/kernel/mm/ksm/full_scans"
    target, deadline = int(read(scans)) + 3, time.monotonic() + 20
    while int(read(scans)) < target and time.monotonic() < deadline:
        time.sleep(0.2)


@contextlib.contextmanager
def stopped_workers(program, folder):
    with subprocess.Popen([program, os.path.join(folder, "file")], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as parent:
        try:
            lines = [parent.stdout.readline().strip() for _ in range(6)]
            expect(lines[-1] == "ready", f"workers said {lines}")
            yield [int(line) for line in lines[:-1]]
        finally:
            parent.stdin.close()
            parent.wait(timeout=60)


def words(path, first, count):
    with open(path, "rb", buffering=0) as file:
        file.seek(first * 8)
        data = file.read(count * 8)
    return struct.unpack(f"={len(data) // 8}Q", data)


def pages_of(pid):
    """Words of pagemap that are not 0, of all mappings."""
    found = []
    for line in read(f"/proc/{pid}/maps").splitlines():
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        if start >= 1 << 63:
            continue  # vsyscall is no page of the process
        found += [word for word in words(f"/proc/{pid}/pagemap", start // PAGE,
                                         (end - start) // PAGE) if word]
    return found


class Truth:
    """Who maps what, from pagemap, kpageflags and kpagecount."""

    def __init__(self, pids):
        self.frames = collections.defaultdict(collections.Counter)
        self.slots = collections.defaultdict(set)
        self.merged = collections.Counter()
        self.counts, self.flags = {}, {}
        for pid in pids:
            for word in pages_of(pid):
                self.take(pid, word)
        if not any(self.frames):
            raise Skip("frame numbers are hidden")

    def take(self, pid, word):
        if word & SWAPPED:
            if word & 31 < SWAP_TYPES:
                self.slots[word & FRAME].add(pid)
            return
        if not word & PRESENT:
            return
        frame = word & FRAME
        if frame not in self.flags:
            flags = words("/proc/kpageflags", frame, 1)
            self.flags[frame] = flags[0] if flags else 0
            self.counts[frame] = (words("/proc/kpagecount", frame, 1) or (0,))[0]
        flags = self.flags[frame]
        if flags & ZERO or not (word & FILE or flags & ANON):
            return
        self.frames[frame][pid] += 1
        if flags & KSM:
            self.merged[pid] += PAGE

    def alone(self, frame):
        return self.counts[frame] <= sum(self.frames[frame].values())

    def sets(self):
        """Bytes by set of two or more, of pages that nobody else maps."""
        found = collections.Counter()
        for frame, pids in self.frames.items():
            if len(pids) > 1 and self.alone(frame):
                found[frozenset(pids)] += PAGE
        return found

    def of_set(self, chosen):
        """Footprint, last mapped, swap that is free afterwards."""
        touched = [frame for frame, pids in self.frames.items() if chosen & set(pids)]
        last = [frame for frame in touched
                if set(self.frames[frame]) <= chosen and self.alone(frame)]
        swap = [slot for slot, pids in self.slots.items() if pids <= chosen]
        return len(touched) * PAGE, len(last) * PAGE, len(swap) * PAGE

    def state(self):
        """All of it, but for how many strangers map a frame: of [vdso] everybody does."""
        return self.frames, self.slots, {frame: self.alone(frame) for frame in self.frames}


def rollup(pid):
    """What does not change by being looked at, as Referenced does."""
    found = {}
    for line in read(f"/proc/{pid}/smaps_rollup").splitlines()[1:]:
        name, number = line.split()[:2]
        if name[:-1] in KERNEL_FIGURES:
            found[name[:-1]] = int(number) * 1024
    return found


def ask(folder, *arguments):
    finished = subprocess.run([os.path.join(folder, "memtally"), *arguments, "--json"],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                              check=False)
    expect(finished.returncode == 0, f"{arguments}: {finished.stderr.decode()}")
    return json.loads(finished.stdout)


def collect(memtally, path):
    finished = subprocess.run([os.path.join(memtally.folder, "memtally-collect"), "-q", "--pages",
                               "-o", path], stdin=subprocess.DEVNULL, timeout=300, check=False)
    expect(finished.returncode == 0, f"the collector ended with {finished.returncode}")


def compare_sets(truth, pids, bundle, folder):
    family, told = set(pids), collections.Counter()
    for row in ask(folder, "share", bundle)["sets"]:
        if set(row["pids"]) <= family:
            expect(row["grade"] == "exact", f"not exact: {row}")
            told[frozenset(row["pids"])] += row["low_bytes"]
    wanted = truth.sets()
    for members in set(told) | set(wanted):
        expect(told[members] == wanted[members],
               f"set {sorted(members)}: {told[members]} in place of {wanted[members]}")
    return wanted


def known_amounts(sets, pids):
    """What the program did, whatever pagemap says: worker N wrote the first N MiB."""
    parent, *workers = pids
    for part in range(3):
        members = frozenset([parent, *workers[:part + 1]])
        expect(sets[members] >= MIB, f"MiB {part} of {sorted(members)}: {sets[members]}")
    expect(sets[frozenset(pids)] >= (5 + 4) * MIB, f"all of them: {sets[frozenset(pids)]}")
    expect(sets[frozenset(workers[1:3])] == 2 * MIB, "the shared memory of two")
    expect(sets[frozenset(workers[2:])] == 3 * MIB, "the file of two")


def compare_figures(truth, pids, bundle, folder):
    for count in (1, 2, len(pids) - 1, len(pids)):
        for chosen in itertools.combinations(pids, count):
            told = ask(folder, "share", bundle, "--pid", ",".join(map(str, chosen)))
            footprint, last, swap = truth.of_set(set(chosen))
            for key, wanted in (("footprint", footprint), ("last_mapped", last),
                                ("shared_with_others", footprint - last)):
                got = told[key]["low_bytes"], told[key]["high_bytes"]
                expect(got == (wanted, wanted), f"{key} of {chosen}: {got}, not {wanted}")
            expect(told["swap"]["high_bytes"] == swap, f"swap of {chosen}: {told['swap']}, {swap}")


def slack_of_pss(truth, pid):
    """Strangers begin and end to map [vdso], the collector is one of them: that moves the last KiB."""
    return 0 if all(truth.alone(frame) for frame in truth.frames if pid in truth.frames[frame]) \
        else 1024


def compare_processes(truth, pids, bundle, folder, kernel):
    rows = {row["pid"]: row for row in ask(folder, "pages", bundle)["processes"]}
    for pid in pids:
        row, smaps = rows[pid], kernel[pid]
        expect(row["all_pages_known"], f"not all pages of {pid} are known")
        wanted = (smaps["Rss"], smaps["Private_Clean"] + smaps["Private_Dirty"], smaps["Pss"])
        told = (row["rss_bytes"], row["uss_bytes"], row["pss_bytes"] // 1024 * 1024)
        expect(told[:2] == wanted[:2] and abs(told[2] - wanted[2]) <= slack_of_pss(truth, pid),
               f"{pid}: RSS, USS, PSS {told}, the kernel has {wanted}")
        expect(row["merged_bytes"] == truth.merged[pid], f"{pid}: merged {row['merged_bytes']}")
        mapped = sum(PAGE for owners in truth.slots.values() if pid in owners)
        expect(row["swap_bytes"] == mapped, f"{pid}: swap {row['swap_bytes']}, not {mapped}")


def attempt(memtally, pids, number):
    """False: something moved meanwhile."""
    bundle = os.path.join(memtally.scratch, f"{number}.tar.zst")
    truth, kernel = Truth(pids), {pid: rollup(pid) for pid in pids}
    collect(memtally, bundle)
    later = Truth(pids)
    if later.state() != truth.state() or kernel != {pid: rollup(pid) for pid in pids}:
        return False
    sets = compare_sets(truth, pids, bundle, memtally.folder)
    known_amounts(sets, pids)
    compare_figures(truth, pids, bundle, memtally.folder)
    compare_processes(truth, pids, bundle, memtally.folder, kernel)
    print(f"{len(sets)} sets, {len(truth.frames)} frames, {len(truth.slots)} swap slots, "
          f"{sum(truth.merged.values()) // PAGE} mappings of merged pages")
    return True


def pages_to_the_page(memtally, workers, _):
    machine.need_root()
    if not os.path.exists("/proc/kpagecount"):
        raise Skip("this kernel has no kpagecount")
    disk = machine.disk_folder(8 * MIB)
    path = os.path.join(disk, f"memtally-workers-{os.getpid()}")
    os.mkdir(path)
    try:
        with swap_in(path) as swapping, ksm_runs() as merging, \
                stopped_workers(workers, path) as pids:
            print("with" if swapping else "without", "swap,",
                  "with" if merging else "without", "KSM")
            if merging:
                wait_for_ksm()
            if merging and read(KSM_RUN).strip() == "1":
                write(KSM_RUN, 0)  # what is merged stays so, and nothing moves
            for number in range(4):
                if attempt(memtally, pids, number):
                    return
    finally:
        os.unlink(os.path.join(path, "file"))
        os.rmdir(path)
    raise Skip("the pages of stopped processes moved, four times")


if __name__ == "__main__":
    machine.main(pages_to_the_page, __doc__, ["pages_to_the_page"])
