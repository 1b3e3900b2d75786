#!/usr/bin/env python3
"""Random memory of a few processes, whose sets are counted here page by page, against what share says.

    page_truth_test.py PROGRAM [FIRST_SEED LAST_SEED]

Each process maps an area that fork left, a file, and shared memory: frames that all of them may have, frames of its
own, swap slots, holes; strangers map some frames, too. With members proc/PID/pages the figures must be the
truth, without them their bounds must hold it.
"""
import collections
import io
import itertools
import json
import os
import random
import subprocess
import sys
import tarfile
import tempfile

import bundle_series
import pages_member

PAGE = 4096
ANON, FILE, SHARED = "anon", "file", "shmem"
AREAS = {ANON: (0x7f0000000000, "rw-p", "00:00 0", "", "anon swapbacked"),
         FILE: (0x7f1000000000, "r--p", "08:01 77", "/srv/data", "file"),
         SHARED: (0x7f2000000000, "rw-s", "00:01 99", "/dev/zero (deleted)", "file swapbacked")}
HOLES = {"dense": 0.02, "mixed": 0.3, "sparse": 0.8}
SETS_EACH = 8
KTHREADD = "2 (kthreadd) S 0 0 0 0 -1 2129984 " + "0 " * 10 + "20 0 1 0 5" + " 0" * 30 + "\n"  # so nobody is hidden
STAT = "{pid} (worker) S 1 " + "0 " * 17 + "{pid} 0 0" + " 0" * 28 + "\n"


class Machine:
    """What each process has behind each page: None, ("frame", number), ("slot", number) or ("special", 0)."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.pids = range(100, 100 + self.random.randint(2, 6))
        self.pages = self.random.choice([3, 17, 40, 200])
        self.last = {"frame": 1000, "slot": 10}
        self.common = {area: [self.new("frame") for _ in range(self.pages)] for area in AREAS}
        self.common_slots = [self.new("slot") for _ in range(self.pages)]
        self.content = {(pid, area): self.row(area) for pid in self.pids for area in AREAS}
        self.mappers, self.area_of = collections.defaultdict(set), {}
        for (pid, area), row in self.content.items():
            for page in filter(None, row):
                self.mappers[page].add(pid)
                self.area_of[page] = area
        frames = sorted(page for page in self.mappers if page[0] == "frame")
        some = self.random.choice([0, 0.1])
        # Nobody is hidden, so that only KSM joins pages with those of others: of private mappings.
        self.strangers = {page for page in frames if self.random.random() < some
                          and self.area_of[page] != SHARED}

    def new(self, what):
        self.last[what] += self.random.choice([1, 1, 1, 7, 600])
        return (what, self.last[what])

    def row(self, area):
        holes = HOLES[self.random.choice(sorted(HOLES))]
        return [None if self.random.random() < holes else self.page(area, i) for i in range(self.pages)]

    def page(self, area, i):
        chance = self.random.random() if area == ANON else 1
        if chance < 0.25:
            return self.new("frame")
        if chance < 0.35:
            return self.new("slot")
        if chance < 0.5:
            return self.common_slots[i]
        return ("special", 0) if chance < 0.53 else self.common[area][i]

    def mapcount(self, page):
        return len(self.mappers[page]) + (page in self.strangers)

    def is_in(self, pids, page):
        """Nobody but these has it."""
        return self.mappers[page] <= pids and page not in self.strangers

    def pages_text(self, pid):
        frames = (self.last["frame"] // 512 + 1) * 512
        lines = [f"page_bytes {PAGE} frames {frames} features 1"]
        for area, (start, _, _, _, flags) in AREAS.items():
            lines.append(f"mapping {start:x}-{start + self.pages * PAGE:x}")
            for page in self.content[pid, area]:
                kind, number = page or ("hole", 0)
                lone = kind == "frame" and self.mapcount(page) == 1
                words = flags if not lone else "exclusive " + flags
                if kind == "frame":
                    unnumbered = lone and area == ANON and number % 2
                    lines.append(f"alone 1 {words}" if unnumbered
                                 else f"frames {number}+1 mapcount {self.mapcount(page)} {words}")
                else:
                    lines.append(f"swap 1:{number}+1" if kind == "slot" else f"{kind} 1")
        return "\n".join(lines)

    def smaps(self, pid):
        text = ""
        for area, (start, mode, device, name, _) in AREAS.items():
            row = [page for page in self.content[pid, area] if page]
            frames = [self.mapcount(page) for page in row if page[0] == "frame"]
            slots = [len(self.mappers[page]) for page in row if page[0] == "slot"]
            own = frames.count(1)
            written = "Clean" if area == FILE else "Dirty"
            kib = {"Size": 4 * self.pages, "Rss": 4 * len(frames),
                   "Pss": sum((PAGE << 12) // count for count in frames) >> 22,
                   "Shared_Clean": 0, "Shared_Dirty": 0, "Private_Clean": 0, "Private_Dirty": 0,
                   "Anonymous": 4 * len(frames) if area == ANON else 0, "Swap": 4 * len(slots),
                   "SwapPss": sum((PAGE << 12) // count for count in slots) >> 22}
            kib["Shared_" + written], kib["Private_" + written] = 4 * (len(frames) - own), 4 * own
            text += f"{start:08x}-{start + self.pages * PAGE:08x} {mode} 00000000 {device} {name}\n"
            text += "".join(f"{field}: {value} kB\n" for field, value in kib.items())
        return text

    def write(self, target, with_pages):
        manifest = bundle_series.MANIFEST.format(host="machine", boot="boot", time=bundle_series.START * 10**9)
        files = {"manifest": manifest.replace("format 1.1", "format 1.2"),
                 "proc/meminfo": bundle_series.MEMINFO.format(total=bundle_series.TOTAL, free=10**6, anon=1,
                                                              cached=1, slab=1),
                 "proc/2/stat": KTHREADD,
                 # With so few pages, some look alike.
                 "derived/shared_mm": f"compared processes {len(self.pids)} refused 0\n"}
        for pid in self.pids:
            files[f"proc/{pid}/stat"] = STAT.format(pid=pid)
            files[f"proc/{pid}/comm"] = "worker\n"
            files[f"proc/{pid}/smaps"] = self.smaps(pid)
            if with_pages:
                files[f"proc/{pid}/pages"] = pages_member.encode(self.pages_text(pid))
        files["journal"] = "end members 0 processes 0 mappings 0 bytes 0 duration_ns 1\n"
        with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
            for path, text in files.items():
                entry = tarfile.TarInfo("top/" + path)
                data = text if isinstance(text, bytes) else text.encode()
                entry.size, entry.mtime = len(data), bundle_series.START
                archive.addfile(entry, io.BytesIO(data))


def truth_of_set(machine, pids):
    """{what share calls it: bytes}"""
    mapped = [page for page, owners in machine.mappers.items() if page[0] == "frame" and owners & pids]
    last = [page for page in mapped if machine.is_in(pids, page)]
    slots = [page for page, owners in machine.mappers.items() if page[0] == "slot" and owners <= pids]
    cache = [page for page in last if machine.area_of[page] == FILE]
    counts = {"footprint": len(mapped), "last_mapped": len(last), "shared_with_others": len(mapped) - len(last),
              "swap": len(slots), "left_as_page_cache": len(cache), "other than cache": len(last) - len(cache)}
    return {what: PAGE * count for what, count in counts.items()}


def said_of_set(told):
    last = told["last_mapped"]
    parts = [last["free_at_once"], last["stays_as_shared_memory"]]
    said = {key: told[key] for key in ("footprint", "last_mapped", "shared_with_others", "swap")}
    said["left_as_page_cache"] = last["left_as_page_cache"]
    said["other than cache"] = {key: sum(part[key] for part in parts) for key in ("low_bytes", "high_bytes")}
    return {what: (amount["low_bytes"], amount["high_bytes"]) for what, amount in said.items()}


def truth_of_rows(machine):
    """{(PIDs, kind): bytes} of frames that exactly these map."""
    rows = collections.Counter()
    for page, owners in machine.mappers.items():
        if page[0] == "frame" and len(owners) > 1 and page not in machine.strangers:
            rows[tuple(sorted(owners)), machine.area_of[page]] += PAGE
    return rows


def share(program, *arguments):
    finished = subprocess.run([program, "share", "--json", *arguments], capture_output=True, check=True)
    return json.loads(finished.stdout)


def problems_of(program, machine, bundle, exact):
    problems = []

    def compare(what, low, high, truth):
        if not low <= truth <= high or (exact and low != high):
            problems.append(f"{what}: {low} to {high}, it is {truth}")

    sets = [chosen for size in range(1, len(machine.pids) + 1)
            for chosen in itertools.combinations(machine.pids, size)]
    for chosen in machine.random.sample(sets, min(len(sets), SETS_EACH)):
        pids = ",".join(map(str, chosen))
        said = said_of_set(share(program, "--pid", pids, bundle))
        for what, truth in truth_of_set(machine, set(chosen)).items():
            compare(f"{pids}: {what}", *said[what], truth)
    truths = truth_of_rows(machine)
    rows = {(tuple(row["pids"]), row["kind"]): row for row in share(program, bundle)["sets"]}
    for key, row in rows.items():
        compare(f"row {key}", row["low_bytes"], row["high_bytes"], truths[key])
    if exact and set(rows) != {key for key, size in truths.items() if size}:
        problems.append(f"{len(rows)} rows, there are {len(truths)} sets")
    return problems


def main():
    if len(sys.argv) not in (2, 4):
        sys.exit(__doc__)
    program, seeds = os.path.abspath(sys.argv[1]), range(*map(int, sys.argv[2:] or (0, 16)))
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        bundle = os.path.join(scratch, "bundle.tar")
        for seed, with_pages in itertools.product(seeds, (True, False)):
            machine = Machine(seed)
            machine.write(bundle, with_pages)
            for problem in problems_of(program, machine, bundle, with_pages):
                print(f"seed {seed}, {'with' if with_pages else 'without'} pages: {problem}")
                failed = True
    sys.exit(failed)


if __name__ == "__main__":
    main()
