#!/usr/bin/env python3
"""What `share` says of sets of processes, held against pages that were counted one by one.

    MEMTALLY_CAPTURES=FOLDER sets_test.py PROGRAM

A truth file names each group of pages with the PIDs that map it ("group anon 16384 KiB pids 127
128"), as the machine's pagemap had it a moment after the snapshot. For every process, pairs,
random larger sets and the groups themselves, both intervals of `share --pid` must hold what these
groups say. Status 77 (skipped): the variable is not set.
"""
import itertools
import json
import os
import random
import re
import subprocess
import sys

SKIPPED = 77
PAIRS, LARGER = 60, 6
# Between snapshot and count a process touches its stack, and vdso pages are in no group.
MOVED_PAGES = 4
GROUP = re.compile(r"group (\S+) (\d+) KiB pids ([\d ]+)(?:\.\.\. \((\d+) pids\))?")
TOTAL = re.compile(r"mapped_distinct total_excluding_zero_and_reserved (\d+)")


def groups_of(text, side):
    """[(kind, bytes, PIDs, is that all of them)], and the bytes of groups too small to be listed."""
    section = text.partition(f"[pagemap {side}]")[2].partition("\n[")[0]
    groups = [(kind, int(kib) * 1024, {int(pid) for pid in pids.split()}, not more)
              for kind, kib, pids, more in GROUP.findall(section)]
    total = TOTAL.search(section)
    unlisted = int(total[1]) * 1024 - sum(group[1] for group in groups) if total else 0
    return groups, max(unlisted, 0)


def sets_of(groups):
    pids = sorted(set().union(*(group[2] for group in groups)))
    chance = random.Random(len(pids))
    pairs = list(itertools.combinations(pids, 2))
    yield from ({pid} for pid in pids)
    yield from (set(pair) for pair in chance.sample(pairs, min(PAIRS, len(pairs))))
    for size in (3, 5, 8, 12, 20, 30):
        if size <= len(pids):
            yield from (set(chance.sample(pids, size)) for _ in range(LARGER))
    yield from (group[2] for group in groups if group[3])


def truth_of(groups, chosen):
    """(least, most) bytes that the set maps, and that only the set maps. Of a group with more PIDs
    than are listed it is not known; and whoever counted mapped files himself."""
    maps, last = [0, 0], [0, 0]
    for kind, amount, pids, is_all in groups:
        maps[1] += amount if pids & chosen or not is_all else 0
        maps[0] += amount if pids & chosen else 0
        last[1] += amount if pids <= chosen else 0
        last[0] += amount if pids <= chosen and is_all and kind != "file" else 0
    return maps, last


def share(program, bundle, pids):
    chosen = ",".join(str(pid) for pid in sorted(pids))
    finished = subprocess.run([program, "share", "--json", "--pid", chosen, bundle], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    if finished.returncode:
        raise ValueError(f"share --pid {chosen}: {finished.stderr.decode()}")
    return json.loads(finished.stdout)


def disagreements(program, bundle, text, side):
    """(sets that were tried, what was wrong)"""
    groups, unlisted = groups_of(text, side)
    tried, problems = 0, []
    for chosen in sets_of(groups) if groups else ():
        report = share(program, bundle, chosen)
        slack = unlisted + MOVED_PAGES * report["snapshot"]["page_size_bytes"] * len(chosen)
        tried += 1
        for key, (least, most) in zip(("footprint", "last_mapped"), truth_of(groups, chosen)):
            low, high = report[key]["low_bytes"], report[key]["high_bytes"]
            if low > high or low > most + slack or high < least - slack:
                problems.append(f"{os.path.basename(bundle)}: {key} of {sorted(chosen)}: "
                                f"{low} to {high}, by pages {least} to {most}")
    return tried, problems


def main(program, folder):
    tried, problems = 0, []
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".truth.txt"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            text = file.read()
        for side in ("before", "after"):
            stem = os.path.join(folder, f"{name[:-len('.truth.txt')]}.{side}")
            bundle = next(path for path in (stem + ".tar.zst", stem + ".tar.gz", stem + ".tar", stem)
                          if os.path.exists(path))
            count, found = disagreements(program, bundle, text, side)
            tried += count
            problems += found
    print(*problems, f"{tried} sets, {len(problems)} problems", sep="\n")
    return 1 if problems or not tried else 0


if __name__ == "__main__":
    if not os.environ.get("MEMTALLY_CAPTURES"):
        print("skipped: MEMTALLY_CAPTURES does not name a folder of snapshots")
        sys.exit(SKIPPED)
    sys.exit(main(sys.argv[1], os.environ["MEMTALLY_CAPTURES"]))
