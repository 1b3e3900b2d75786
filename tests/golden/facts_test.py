#!/usr/bin/env python3
"""Facts that are known about the trees of fixtures/ from elsewhere than memtally.

    facts_test.py PROGRAM PROJECT

Sources: fixtures/facts (what the programs in those machines did), fixtures/README.md (trees
made by hand), and the text of lsmod and free that the trees carry in meta/cmd.
"""
import json
import os
import subprocess
import sys
import tempfile

import packed_tree

KIB = 1024
# `free` read meminfo after the copy began and about when it ended: what it says lies between
# these two readings, but for what the copying programs themselves took meanwhile.
FREE_TOLERANCE = 4 << 20


class Facts:
    def __init__(self, program, project):
        self.program = program
        self.trees = os.path.join(project, "fixtures", "trees")
        self.scratch = tempfile.TemporaryDirectory()
        self.known = {}
        self.checked, self.problems = 0, []

    def bundle(self, tree):
        path = os.path.join(self.scratch.name, tree + ".tar")
        if not os.path.exists(path):
            packed_tree.pack(os.path.join(self.trees, tree), path)
        return path

    def json(self, command, *trees):
        key = (command, trees)
        if key not in self.known:
            finished = subprocess.run(
                [self.program, command, *map(self.bundle, trees), "--json"],
                stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
            self.known[key] = json.loads(finished.stdout)
        return self.known[key]

    def process(self, tree, pid):
        return next(row for row in self.json("ps", tree)["processes"] if row["pid"] == pid)

    def line(self, tree, name):
        return next((line["bytes"] for line in self.json("ledger", tree)["lines"]
                     if line["id"] == name), None)

    def meminfo(self, tree):
        with open(os.path.join(self.trees, tree, "proc", "meminfo"), encoding="utf-8") as file:
            rows = [line.replace(":", " ").split() for line in file]
        return {row[0]: int(row[1]) * KIB for row in rows if row[2:] == ["kB"]}

    def meminfo_keys(self, tree):
        with open(os.path.join(self.trees, tree, "proc", "meminfo"), encoding="utf-8") as file:
            return [line.split(":")[0] for line in file if ":" in line]

    def meta(self, tree, name):
        path = os.path.join(self.trees, tree, "meta", "cmd", name)
        if not os.path.exists(path):
            return None
        with open(path, encoding="utf-8") as file:
            return file.read()

    def expect(self, what, ours, known, tolerance=0):
        self.checked += 1
        if ours is None or abs(ours - known) > tolerance:
            self.problems.append(f"{what}: memtally says {ours}, known is {known}"
                                 + (f" (+-{tolerance})" if tolerance else ""))

    def expect_true(self, what, condition):
        self.checked += 1
        if not condition:
            self.problems.append(what)


def trees_made_by_hand(facts):
    for tree in ("x86_64-2.6.32", "x86_64-el6", "x86_64-el8"):
        ledger = facts.json("ledger", tree)
        facts.expect(f"{tree} MemTotal", ledger["mem_total_bytes"], 1048576 * KIB)
        facts.expect(f"{tree} residual", ledger["residual"]["bytes"], 3016 * KIB)
        facts.expect(f"{tree} per-CPU lists", facts.line(tree, "pcp"), 2400 * KIB)
        for pid, figures in {1: (864, 464, 264), 1200: (68528, 34176, 24),
                             1201: (129800, 95448, 61296)}.items():
            row = facts.process(tree, pid)
            for key, known in zip(("rss_bytes", "pss_bytes", "uss_bytes"), figures):
                facts.expect(f"{tree} pid {pid} {key}", row[key], known * KIB)


def trees_made_by_hand_agree_with_themselves(facts):
    for tree in sorted(os.listdir(facts.trees)):
        if not from_a_kernel(os.path.join(facts.trees, tree)):
            broken = [row["id"] for row in facts.json("check", tree)["identities"]
                      if row["verdict"] == "broken"]
            facts.expect_true(f"{tree}: broken {broken}", not broken)


def sums_are_exact(facts):
    for tree in sorted(os.listdir(facts.trees)):
        ledger = facts.json("ledger", tree)
        if ledger["mem_total_bytes"] is None:
            continue
        lines = [line for line in ledger["lines"] if line["id"] != "residual"]
        top = sum(line["bytes"] for line in lines if line["parent"] is None)
        facts.expect(f"{tree} top lines and residual", top + ledger["residual"]["bytes"],
                     ledger["mem_total_bytes"])
        for parent in {line["parent"] for line in lines} - {None}:
            children = sum(line["bytes"] for line in lines if line["parent"] == parent)
            facts.expect(f"{tree} children of {parent}", children,
                         next(line["bytes"] for line in lines if line["id"] == parent))
        for line in lines:
            facts.expect_true(f"{tree} {line['id']}: between its bounds",
                              0 <= line["low_bytes"] <= line["bytes"] <= line["high_bytes"])
        physical = ledger["physical"]
        if physical["present_bytes"] is not None:
            facts.expect(f"{tree} physical memory", sum(part["bytes"] for part in physical["parts"]),
                         physical["present_bytes"])
        for form in ledger["decompositions"]:
            if form["total_bytes"] is None:
                continue
            facts.expect(f"{tree} parts {form['id']}", sum(part["bytes"] for part in form["parts"]),
                         form["total_bytes"])
            explained = form["difference_bytes"] - form["unexplained_bytes"]
            facts.expect_true(f"{tree} {form['id']}: reasons enclose what they explain",
                              sum(reason["low_bytes"] for reason in form["reasons"]) <= explained
                              <= sum(reason["high_bytes"] for reason in form["reasons"]))


def owners_sum_to_lines(facts):
    """kernel and ledger show the same owners, and these have no more than Shmem and swap hold."""
    for tree in sorted(os.listdir(facts.trees)):
        lines = {line["id"]: line for line in facts.json("ledger", tree)["lines"]}
        if "user.shmem" not in lines:
            continue
        rows = facts.json("kernel", tree)["shared"]
        meminfo = facts.meminfo(tree)
        swapped = meminfo.get("SwapTotal", 0) - meminfo.get("SwapFree", 0)
        total = sum(row["resident_bytes"] or 0 for row in rows)
        counting_swap = sum(row["resident_bytes"] or 0 for row in rows
                            if row["source"] in ("statfs", "descriptors"))
        facts.expect_true(f"{tree}: owners have {total} bytes, more than Shmem",
                          total <= lines["user.shmem"]["bytes"] + min(swapped, counting_swap))
        for kind, line in (("sysv", "sysv"), ("memfd", "memfd"), ("anon", "shared_anon"),
                           ("gpu", "gpu")):
            parts = sum(row["resident_bytes"] or 0 for row in rows if row["kind"] == kind)
            line = lines.get(f"user.shmem.{line}", {"bytes": 0, "low_bytes": 0})
            facts.expect_true(f"{tree}: {kind} is {parts} in kernel, {line['bytes']} in ledger",
                              line["bytes"] == parts or line["bytes"] < parts and swapped)


def from_a_kernel(tree_path):
    """Trees that a program copied from a running kernel; the others were written by hand."""
    return os.path.exists(os.path.join(tree_path, "meta", "collector"))


def differences_are_explained(facts):
    """On kernels that nobody wrote by hand the three ways differ by known reasons only."""
    for tree in sorted(os.listdir(facts.trees)):
        if from_a_kernel(os.path.join(facts.trees, tree)):
            for form in facts.json("ledger", tree)["decompositions"]:
                facts.expect(f"{tree} {form['id']}, unexplained", form["unexplained_bytes"], 0)


def available_is_what_the_kernel_prints(facts):
    """To the byte: all figures are of one moment but zoneinfo, whose watermarks do not move."""
    seen = 0
    for tree in sorted(os.listdir(facts.trees)):
        if not from_a_kernel(os.path.join(facts.trees, tree)):
            continue
        available = facts.json("ledger", tree)["mem_available"]
        facts.expect(f"{tree} MemAvailable", available["computed_bytes"],
                     available["printed_bytes"], 16 * KIB)
        seen += 1
    facts.expect_true(f"MemAvailable was computed for {seen} kernels", seen >= 5)


def shared_memory_has_owners(facts):
    """facts/*-mix.txt: two segments of which one is orphaned, a mapped memfd, shared anonymous."""
    for tree in ("amd64-6.1-mix-before", "s390x-6.1-mix-before", "i386-6.1-mix-before"):
        facts.expect(f"{tree} segments", facts.line(tree, "user.shmem.sysv"), 7168 * KIB)
        facts.expect(f"{tree} memfd", facts.line(tree, "user.shmem.memfd"), 5120 * KIB)
        facts.expect(f"{tree} shared anonymous", facts.line(tree, "user.shmem.shared_anon"),
                     8192 * KIB)
        orphans = [owner["bytes"] for owner in facts.json("ledger", tree)["shmem_owners"]
                   if owner["line"] == "user.shmem.sysv" and "mapped by nobody" in owner["detail"]]
        facts.expect_true(f"{tree} orphaned segment: {orphans}", orphans == [3072 * KIB])


def lsmod_in_the_trees(facts):
    for tree in sorted(os.listdir(facts.trees)):
        text = facts.meta(tree, "lsmod.txt")
        if text is None:
            continue
        known = {line.split()[0]: int(line.split()[1]) for line in text.splitlines()[1:]}
        ours = {module["name"]: module["size_bytes"]
                for module in facts.json("kernel", tree)["modules"]}
        facts.expect_true(f"{tree}: modules {ours}, lsmod {known}", ours == known)


def free_in_the_trees(facts):
    for tree in sorted(os.listdir(facts.trees)):
        text = facts.meta(tree, "free.txt")
        if text is None:
            continue
        rows = [list(map(int, line.split()[1:])) for line in text.splitlines()[1:3]]
        total, _, free, shared = rows[0][:4]
        facts.expect(f"{tree} total", facts.json("ledger", tree)["mem_total_bytes"], total * KIB)
        with open(os.path.join(facts.trees, tree, "meta", "meminfo.end"), encoding="utf-8") as file:
            end = next(int(line.split()[1]) for line in file if line.startswith("MemFree:"))
        moved = abs(facts.line(tree, "free") - end * KIB)
        facts.expect(f"{tree} free", facts.line(tree, "free"), free * KIB, moved + FREE_TOLERANCE)
        facts.expect(f"{tree} shared", facts.line(tree, "user.shmem"), shared * KIB, FREE_TOLERANCE)


def sharing(facts):
    """facts/*-mix.txt: who shares what. PIDs differ from tree to tree."""
    groups = {  # tree: (copy-on-write group, mappers of the shared file, mappers of the memfd)
        "amd64-6.1-mix-before": (range(122, 127), (129, 130), (137, 138)),
        "s390x-6.1-mix-before": (range(115, 120), (122, 123), (130, 131)),
    }
    for tree, (group, sfile, memfd) in groups.items():
        for pid in group:
            row = facts.process(tree, pid)
            facts.expect_true(f"{tree} pid {pid}: a fifth of 16384 KiB and little else",
                              3276 * KIB <= row["pss_bytes"] <= 3500 * KIB
                              and row["rss_bytes"] >= 16384 * KIB
                              and row["uss_bytes"] <= 256 * KIB)
        objects = facts.json("maps", tree)["objects"]
        for pids, name, bytes_known in ((sfile, "/mnt/data/sfile.dat", 8192 * KIB),
                                        (memfd, "/memfd:lab memfd (deleted)", 5120 * KIB)):
            found = [item for item in objects if item["name"] == name]
            facts.expect_true(f"{tree}: one object {name}", len(found) == 1)
            if len(found) == 1:
                facts.expect(f"{tree} {name} PSS", found[0]["pss_bytes"], bytes_known)
                facts.expect(f"{tree} {name} RSS", found[0]["rss_bytes"], 2 * bytes_known)
                sharers = sorted(sharer["pid"] for sharer in found[0]["sharers"])
                facts.expect_true(f"{tree} {name}: sharers {sharers}", sharers == sorted(pids))


def names(facts):
    rows = {row["pid"]: row for row in facts.json("ps", "amd64-6.1-mix-before")["processes"]}
    facts.expect_true(f"comm of 151 is {rows[151]['comm']!r}", rows[151]["comm"] == "x) S 1\n\\(")
    facts.expect_true("the zombie 153 has no memory", not rows[153]["rss_bytes"])
    objects = [item["name"] for item in facts.json("maps", "amd64-6.1-mix-before")["objects"]]
    for name in ("/mnt/data/a b  c.bin", "/mnt/data/looks (deleted)", "/mnt/data/[heap]",
                 "/mnt/data/Size:               4 kB", "/mnt/data/really gone.bin (deleted)",
                 "/mnt/data/7f0000000000-7f0000001000 rw-p 00000000 00:00 0"):
        facts.expect_true(f"{name} is an object of its own",
                          sum(1 for other in objects if other == name) == 1)
    pids = {row["pid"] for row in facts.json("ps", "awkward-names")["processes"]}
    facts.expect_true(f"awkward-names: {sorted(pids)}", pids == set(range(10, 17)))


def swap(facts):
    """Slots shared by fork: Swap in full in each, SwapPss a half each, swapped shm in none."""
    for pid in (132, 163):
        row = facts.process("amd64-6.1-swap-after", pid)
        facts.expect(f"swap pid {pid}", row["swap_bytes"], 14336 * KIB)
        facts.expect(f"SwapPss pid {pid}", row["swap_pss_bytes"], 5120 * KIB)


def hugetlb(facts):
    """Four pages in use and two reserved of the pool; each of two processes maps four."""
    for pid in (139, 140):
        facts.expect(f"hugetlb pid {pid}",
                     facts.process("amd64-6.1-mix-before", pid)["hugetlb_bytes"], 8192 * KIB)


def growth(facts):
    """The heap that grew by 5120 KiB (and a page of slack), and what broke copy-on-write."""
    for tree, pid in (("amd64-6.1-mix", 149), ("s390x-6.1-mix", 141)):
        diff = facts.json("diff", tree + "-before", tree + "-after")
        row = next((item for item in diff["processes"]
                    if item["status"] == "same" and item["before"]["pid"] == pid), None)
        facts.expect_true(f"{tree} pid {pid} is in the diff", row is not None)
        if row:
            facts.expect(f"{tree} pid {pid} grew", row["change_bytes"], 5120 * KIB, 16 * KIB)


def unprivileged(facts):
    coverage = facts.json("info", "amd64-6.12-unprivileged")["coverage"]
    facts.expect_true(f"what could not be read is said: {coverage}",
                      coverage["read"] < coverage["processes"]
                      and coverage["unread_rss_bytes"] > 0)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    facts = Facts(*sys.argv[1:])
    for test in (trees_made_by_hand, trees_made_by_hand_agree_with_themselves, sums_are_exact,
                 owners_sum_to_lines, differences_are_explained,
                 available_is_what_the_kernel_prints, shared_memory_has_owners,
                 lsmod_in_the_trees, free_in_the_trees, sharing,
                 names, swap, hugetlb, growth, unprivileged):
        try:
            test(facts)
        except (KeyError, TypeError, ValueError, StopIteration) as error:
            facts.problems.append(f"{test.__name__}: {type(error).__name__}: {error}")
    print("\n".join(facts.problems))
    print(f"{facts.checked} facts looked at, {len(facts.problems)} problems")
    sys.exit(1 if facts.problems else 0)


if __name__ == "__main__":
    main()
