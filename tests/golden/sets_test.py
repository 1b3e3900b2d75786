#!/usr/bin/env python3
"""What `share` says of sets of processes: held against pages that were counted one by one, and
against each other.

    sets_test.py SET_FIGURES TREES                            each folder of TREES
    MEMTALLY_CAPTURES=FOLDER sets_test.py SET_FIGURES         each snapshot of FOLDER

Sets are every process, every pair, random larger ones and a chain that grows by one process. Where
a truth file names each group of pages with the PIDs that map it ("group anon 16384 KiB pids 127
128"), as the machine's pagemap had it a moment after the snapshot, the groups are sets as well, and
both intervals must hold what the groups say. Everywhere the figures must fit together: bounds in
order; a set holds no less than a part of it, and no more than its parts together; what each of two
gives back, both give back together. Status 77 (skipped): the variable is not set.
"""
import itertools
import os
import random
import re
import subprocess
import sys

SKIPPED = 77
LARGER = 40
# Between snapshot and count a process touches its stack, and vdso pages are in no group.
MOVED_PAGES = 4
FATES = 5
GROUP = re.compile(r"group (\S+) (\d+) KiB pids ([\d ]+)(?:\.\.\. \((\d+) pids\))?")
TOTAL = re.compile(r"mapped_distinct total_excluding_zero_and_reserved (\d+)")


def groups_of(text, side):
    """[(kind, bytes, PIDs, is that all of them)], and the bytes of groups too small to be listed."""
    section = text.partition(f"[pagemap {side}]")[2].partition("\n[")[0]
    groups = [(kind, int(kib) * 1024, frozenset(int(pid) for pid in pids.split()), not more)
              for kind, kib, pids, more in GROUP.findall(section)]
    total = TOTAL.search(section)
    unlisted = int(total[1]) * 1024 - sum(group[1] for group in groups) if total else 0
    return groups, max(unlisted, 0)


def sets_of(pids, groups):
    """Each set once, and the pairs of sets (a part, the whole) of a chain."""
    chance = random.Random(len(pids))
    sets = [frozenset([pid]) for pid in pids]
    sets += map(frozenset, itertools.combinations(pids, 2))
    for size in (3, 4, 5, 8, 12, 20, 30):
        if size < len(pids):
            sets += (frozenset(chance.sample(pids, size)) for _ in range(LARGER))
    sets += (group[2] for group in groups if group[3])
    order = chance.sample(pids, len(pids))
    chain = [frozenset(order[:count]) for count in range(1, len(order) + 1)]
    return list(dict.fromkeys(sets + chain)), list(zip(chain, chain[1:]))


def figures_of(program, bundle, sets):
    """{set: [(low, high) of footprint, last_mapped, each fate]}, and the bytes of a page"""
    text = "\n".join(",".join(str(pid) for pid in sorted(chosen)) for chosen in sets)
    finished = subprocess.run([program, bundle], input=text, check=True, text=True, timeout=600,
                              stdout=subprocess.PIPE)
    first, *lines = finished.stdout.splitlines()
    numbers = [list(map(int, line.split())) for line in lines]
    assert len(numbers) == len(sets) and all(len(line) == 4 + 2 * FATES for line in numbers)
    return ({chosen: list(zip(line[::2], line[1::2])) for chosen, line in zip(sets, numbers)},
            int(first.split()[0]))


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


def against_pages(figures, groups, unlisted, page_bytes):
    for chosen, ranges in figures.items():
        slack = unlisted + MOVED_PAGES * page_bytes * len(chosen)
        for key, (low, high), (least, most) in zip(("footprint", "last_mapped"), ranges,
                                                   truth_of(groups, chosen)):
            if low > most + slack or high < least - slack:
                yield f"{key} of {sorted(chosen)}: {low} to {high}, by pages {least} to {most}"


def out_of_order(figures):
    for chosen, ranges in figures.items():
        if any(low > high for low, high in ranges):
            yield f"bounds of {sorted(chosen)} are not in order: {ranges}"
        if ranges[1][1] > ranges[0][1] or ranges[1][0] > ranges[0][0]:
            yield f"{sorted(chosen)} gives back more than it holds: {ranges}"
        if any(high > ranges[1][1] for _, high in ranges[2:]):
            yield f"a fate of {sorted(chosen)} is more than all: {ranges}"
        if sum(low for low, _ in ranges[2:]) > ranges[1][1]:
            yield f"fates of {sorted(chosen)} are more than all: {ranges}"
        if sum(high for _, high in ranges[2:]) < ranges[1][0]:
            yield f"fates of {sorted(chosen)} are less than all: {ranges}"


def against_parts(figures, part, rest, whole):
    """`part` and `rest` make up `whole` and have no process in common."""
    (part_holds, part_last), (rest_holds, rest_last) = figures[part][:2], figures[rest][:2]
    holds, last = figures[whole][:2]
    name = f"{sorted(part)} and {sorted(rest)}"
    if holds[0] < part_holds[0] or holds[1] < part_holds[1]:
        yield f"footprint of {name}: {holds}, less than of the first, {part_holds}"
    if holds[1] > part_holds[1] + rest_holds[1]:
        yield f"footprint of {name}: {holds}, more than {part_holds} and {rest_holds}"
    if last[0] < part_last[0] + rest_last[0]:
        yield f"last mapped by {name}: {last}, less than {part_last} and {rest_last}"


def disagreements(program, bundle, pids, groups, unlisted):
    """(sets that were tried, what was wrong)"""
    sets, chain = sets_of(sorted(pids), groups)
    figures, page_bytes = figures_of(program, bundle, sets)
    problems = list(out_of_order(figures))
    if groups:
        problems += against_pages(figures, groups, unlisted, page_bytes)
    pairs = [(frozenset(list(pair)[:1]), pair) for pair in sets if len(pair) == 2]
    for part, whole in pairs + chain:
        problems += against_parts(figures, part, whole - part, whole)
        if len(whole) == 2:
            problems += against_parts(figures, whole - part, part, whole)
    return len(sets), [f"{os.path.basename(bundle)}: {problem}" for problem in problems]


def tree_cases(folder):
    for name in sorted(os.listdir(folder)):
        processes = os.path.join(folder, name, "proc")
        if os.path.isdir(processes):
            pids = [int(pid) for pid in os.listdir(processes) if pid.isdecimal()]
            yield os.path.join(folder, name), pids, [], 0


def capture_cases(folder):
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".truth.txt"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            text = file.read()
        for side in ("before", "after"):
            stem = os.path.join(folder, f"{name[:-len('.truth.txt')]}.{side}")
            bundle = next(path for path in (stem + ".tar.zst", stem + ".tar.gz", stem + ".tar", stem)
                          if os.path.exists(path))
            groups, unlisted = groups_of(text, side)
            if groups:
                yield bundle, set().union(*(group[2] for group in groups)), groups, unlisted


def main(program, cases):
    tried, problems = 0, []
    for bundle, pids, groups, unlisted in cases:
        if pids:
            count, found = disagreements(program, bundle, pids, groups, unlisted)
            tried += count
            problems += found
    print(*problems[:100], f"{tried} sets, {len(problems)} problems", sep="\n")
    return 1 if problems or not tried else 0


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(main(sys.argv[1], tree_cases(sys.argv[2])))
    if not os.environ.get("MEMTALLY_CAPTURES"):
        print("skipped: MEMTALLY_CAPTURES does not name a folder of snapshots")
        sys.exit(SKIPPED)
    sys.exit(main(sys.argv[1], capture_cases(os.environ["MEMTALLY_CAPTURES"])))
