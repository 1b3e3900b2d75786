#!/usr/bin/env python3
"""Properties of every diff, on real machines and on made ones.

    diff_properties_test.py PROGRAM PROJECT

diff(A, A) is empty and ends with 0; diff(A, B) is the negative of diff(B, A); the changes of parts
add up to the change of the whole; the ledger's add up to zero with free memory. Pairs are all
trees of fixtures/, each with itself and with the next one, and pairs of machines that
made_machines.py makes; with MEMTALLY_CAPTURES=FOLDER the snapshots of that folder too.
"""
import json
import os
import subprocess
import sys
import tempfile

import diff_properties
import made_machines
import packed_tree

MADE_PAIRS = 12
LEVELS = (["--by", "program"], *(["--by", "group", "--group", key] for key in ("exe", "cgroup", "tree")))


class Program:
    def __init__(self, path):
        self.path, self.known = path, {}

    def run(self, *arguments):
        finished = subprocess.run([self.path, *arguments, "--json"], stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=300, check=False)
        if finished.returncode not in (0, 1):
            raise ValueError(f"{arguments}: status {finished.returncode}: {finished.stderr!r}")
        return finished.returncode, json.loads(finished.stdout)

    def processes(self, bundle):
        if bundle not in self.known:
            self.known[bundle] = {row["pid"]: row for row in self.run("ps", bundle)[1]["processes"]}
        return self.known[bundle]


def alone(program, bundle):
    status, report = program.run("diff", bundle, bundle)
    broken = diff_properties.empty(report)
    return broken + ([f"diff with itself ends with {status}"] if status else [])


def pair(program, before, after):
    status, there = program.run("diff", before, after)
    other_status, back = program.run("diff", after, before)
    sides = (program.processes(before), program.processes(after))

    broken = []
    for level in LEVELS:
        report = program.run("diff", *level, before, after)[1]
        broken += diff_properties.groups_add_up(report)
        if "--group" in level:
            shared = (program.run("share", *level[2:], bundle)[1] for bundle in (before, after))
            broken += diff_properties.held_as_share_says(report, *shared)

    def from_smaps(*pids):
        return all(pid is None or side[pid]["source"] == "smaps" for side, pid in zip(sides, pids))

    broken += diff_properties.turned_around(there, back)
    broken += diff_properties.ledger_adds_up(there)
    broken += diff_properties.free_memory_adds_up(there)
    broken += diff_properties.noise_decides(there)
    broken += diff_properties.mappings_add_up(there, from_smaps)
    broken += diff_properties.unknown_is_null(there)
    if status != other_status or status != int(there["changed"]):
        broken.append(f"ends with {status}, turned around {other_status}; "
                      f"changed is {there['changed']}")
    return broken


def packed_fixtures(project, scratch):
    trees = os.path.join(project, "fixtures", "trees")
    for name in sorted(os.listdir(trees)):
        target = os.path.join(scratch, name + ".tar")
        packed_tree.pack(os.path.join(trees, name), target)
        yield target


def captured():
    folder = os.environ.get("MEMTALLY_CAPTURES")
    names = sorted(os.listdir(folder)) if folder else []
    return [os.path.join(folder, name) for name in names if not name.endswith((".txt", ".md"))]


def main(path, project):
    program, tried, problems = Program(path), 0, []
    with tempfile.TemporaryDirectory() as scratch:
        row = [*packed_fixtures(project, scratch), *captured()]
        pairs = list(zip(row, row[1:] + row[:1]))
        for seed in range(MADE_PAIRS):
            pairs.append(made_machines.write_pair(seed, os.path.join(scratch, f"made-{seed}")))
            row.append(pairs[-1][0])
        for bundle in row:
            tried += 1
            problems += [f"{bundle}: {broken}" for broken in alone(program, bundle)]
        for before, after in pairs:
            tried += 1
            problems += [f"{before} {after}: {broken}" for broken in pair(program, before, after)]
    print("\n".join(problems))
    print(f"{tried} diffs, {len(problems)} problems")
    return 1 if problems or not tried else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
