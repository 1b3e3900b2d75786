#!/usr/bin/env python3
"""Real snapshots with known truth: NAME.before, NAME.after and NAME.truth.txt in a folder.

    MEMTALLY_CAPTURES=FOLDER captures_test.py PROGRAM

Snapshots are anything that memtally opens (.tar.zst, .tar, a folder). Every command must open
each; ledgers sum to the byte, no line is negative, broken identities have a reason. The words of
the truth file say what the programs in that machine did: rows of FACTS find them again. Status 77
(skipped): the variable is not set.
"""
import json
import os
import subprocess
import sys

import capture_facts
import sets_test

SKIPPED = 77
FAMILY_BYTES = 1 << 20
COMMANDS = ("ledger", "ps", "maps", "share", "kernel", "check", "info")


class Pair:
    """The two snapshots of a scenario, and what is wrong with their reports."""

    def __init__(self, program, folder, name):
        self.program, self.name = program, name
        self.sides = {side: self.find(folder, f"{name}.{side}") for side in ("before", "after")}
        self.known, self.checked, self.problems = {}, 0, []
        # What several lines of the truth file add up to; bytes but for tables, a number.
        self.section, self.swaps, self.shmem = None, False, 0
        self.tables, self.payload, self.queued = {}, {}, {"before": 0, "after": 0}

    @staticmethod
    def find(folder, stem):
        for ending in (".tar.zst", ".tar.gz", ".tar", ""):
            if os.path.exists(os.path.join(folder, stem + ending)):
                return os.path.join(folder, stem + ending)
        raise FileNotFoundError(stem)

    def json(self, command, *sides):
        if (command, sides) not in self.known:
            finished = subprocess.run(
                [self.program, command, *(self.sides[side] for side in sides), "--json"],
                stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)
            if finished.returncode not in (0, 1):
                raise ValueError(f"{command}: status {finished.returncode}: {finished.stderr!r}")
            self.known[command, sides] = json.loads(finished.stdout)
        return self.known[command, sides]

    def line(self, side, name):
        """A line of the ledger, or a figure beside it; None when it has no such."""
        ledger = self.json("ledger", side)
        if name == "residual":
            return ledger["residual"]["bytes"]
        if name == "mem_total":
            return ledger["mem_total_bytes"]
        found = [line["bytes"] for line in ledger["lines"] + ledger["beside"] if line["id"] == name]
        return found[0] if found else None

    def change(self, name):
        before, after = self.line("before", name), self.line("after", name)
        return None if after is None and before is None else (after or 0) - (before or 0)

    def process(self, side, pid):
        return next((row for row in self.json("ps", side)["processes"] if row["pid"] == int(pid)),
                    None)

    def expect(self, what, condition):
        self.checked += 1
        if not condition:
            self.problems.append(f"{self.name}: {what}")

    def near(self, what, ours, known, tolerance):
        self.expect(f"{what}: memtally says {ours}, known is {known} +-{int(tolerance)}",
                    ours is not None and abs(ours - known) <= tolerance)

    def at_least(self, what, ours, known):
        self.expect(f"{what}: memtally says {ours}, at least {known} is known",
                    ours is not None and ours >= known)


def ledger_closes(pair, side):
    ledger = pair.json("ledger", side)
    lines = [line for line in ledger["lines"] if line["id"] != "residual"]
    ids = {line["id"]: line["bytes"] for line in lines}
    negative = [line["id"] for line in lines if line["bytes"] < 0]
    pair.expect(f"{side}: negative lines {negative}", not negative)
    pair.expect(f"{side}: the residual's interval is below 0",
                ledger["residual"]["high_bytes"] >= 0)
    top = sum(line["bytes"] for line in lines if line["parent"] is None)
    pair.expect(f"{side}: lines and residual do not sum to MemTotal",
                top + ledger["residual"]["bytes"] == ledger["mem_total_bytes"])
    for parent in {line["parent"] for line in lines} - {None}:
        parts = sum(line["bytes"] for line in lines if line["parent"] == parent)
        pair.expect(f"{side}: the parts of {parent} sum to {parts}, not to {ids[parent]}",
                    parts == ids[parent])


def owners_fit(pair, side):
    """No more than Shmem has; what statfs and descriptors count may be in swap."""
    rows = pair.json("kernel", side)["shared"]
    sure = sum(row["resident_bytes"] or 0 for row in rows
               if row["source"] not in ("statfs", "descriptors"))
    shmem = pair.line(side, "user.shmem")
    pair.expect(f"{side}: owners have {sure} bytes, more than Shmem: {shmem}",
                shmem is None or sure <= shmem)
    names = [row["name"] for row in rows if row["kind"] == "memfd" and row["mappers"] > 20]
    pair.expect(f"{side}: memfds that everybody maps: {names}", not names)


def families_fit(pair, side, truth):
    """What the machine's pagemap counted as shared by several is in families of these, and no family has
    more than was counted for its members."""
    groups = [group for group in sets_test.groups_of("\n".join(truth), side)[0]
              if group[0] == "anon"]
    families = [(frozenset(member["pid"] for member in family["sharers"]), family["resident"])
                for family in pair.json("maps", side)["families"]]
    for _, amount, pids, is_all in groups:
        if is_all and len(pids) > 1 and amount >= FAMILY_BYTES:
            held = sum(resident["high_bytes"] for members, resident in families if pids <= members)
            pair.at_least(f"{side}: families of {sorted(pids)}", held, amount)
    for members, resident in families:
        counted = sum(group[1] for group in groups if group[2] & members or not group[3])
        if counted >= FAMILY_BYTES:
            pair.at_least(f"{side}: pages of {sorted(members)}", counted, resident["low_bytes"])


def identities_hold(pair, side):
    for identity in pair.json("check", side)["identities"]:
        if identity["verdict"] == "broken":
            print(f"{pair.name}: {side}: {identity['id']} is broken by "
                  f"{identity['difference_bytes']} bytes: {identity['reason']}")
        pair.expect(f"{side}: {identity['id']} is {identity['verdict']} without a reason",
                    identity["verdict"] == "holds" or identity["reason"])


def check_pair(pair, truth):
    for side in pair.sides:
        for command in COMMANDS:
            pair.json(command, side)
        ledger_closes(pair, side)
        owners_fit(pair, side)
        families_fit(pair, side, truth)
        identities_hold(pair, side)
    pair.json("diff", "before", "after")
    untold = capture_facts.check(pair, truth)
    print(f"{pair.name}: {pair.checked} facts looked at; not at: {', '.join(untold)}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = os.environ.get("MEMTALLY_CAPTURES")
    if not folder:
        print("skipped: MEMTALLY_CAPTURES names no folder of captures")
        sys.exit(SKIPPED)
    ending = ".truth.txt"
    names = sorted(name[:-len(ending)] for name in os.listdir(folder) if name.endswith(ending))
    problems, checked = [], 0
    for name in names:
        pair = Pair(sys.argv[1], folder, name)
        with open(os.path.join(folder, name + ending), encoding="utf-8", errors="replace") as file:
            truth = file.read().splitlines()
        try:
            check_pair(pair, truth)
        except (KeyError, TypeError, ValueError) as error:
            pair.problems.append(f"{name}: {type(error).__name__}: {error}")
        checked += pair.checked
        problems += pair.problems
    print("\n".join(problems))
    print(f"{len(names)} captures, {checked} facts looked at, {len(problems)} problems")
    sys.exit(1 if problems or not names else 0)


if __name__ == "__main__":
    main()
