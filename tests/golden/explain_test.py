#!/usr/bin/env python3
"""Every figure that `ledger` prints for the trees of fixtures/, and every field of their meminfo, is
explained, and the explanation has the same value.

    explain_test.py PROGRAM PROJECT
"""
import json
import os
import subprocess
import sys

import facts_test


def printed(ledger):
    """(name, bytes) of all that the ledger prints by name but suspects."""
    for part in ledger["lines"] + ledger["beside"]:
        yield part["id"], part["bytes"]
    for part in ledger["physical"]["parts"]:
        yield "physical." + part["id"], part["bytes"]
        yield part["id"], None
    if ledger["physical"]["present_bytes"] is not None:
        yield "present", ledger["physical"]["present_bytes"]
    yield "mem_total", ledger["mem_total_bytes"]
    yield "residual", ledger["residual"]["bytes"]


def explain(facts, tree, name):
    return subprocess.run([facts.program, "ledger", "--explain", name, "--json", facts.bundle(tree)],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)


def look_at(facts, tree, name, value):
    finished = explain(facts, tree, name)
    facts.expect_true(f"{tree} {name}: status {finished.returncode}: {finished.stderr!r}",
                      finished.returncode == 0)
    if finished.returncode == 0 and value is not None:
        facts.expect(f"{tree} {name}", json.loads(finished.stdout)["value"], value)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    facts, seen = facts_test.Facts(*sys.argv[1:]), set()
    for tree in sorted(os.listdir(facts.trees)):
        ledger = facts.json("ledger", tree)
        fields = [(name, None) for name in facts.meminfo_keys(tree)]
        for name, value in [*printed(ledger), *fields]:
            if (name, value is None) not in seen:
                look_at(facts, tree, name, value)
                seen.add((name, value is None))
        if ledger["residual"]["bytes"] > 0 and ledger["suspects"] and "suspects" not in seen:
            seen.add("suspects")
            residual = json.loads(explain(facts, tree, "residual").stdout)
            facts.expect_true(f"{tree}: the residual's suspects are not those of the ledger",
                              residual["suspects"] == ledger["suspects"])
            facts.expect(f"{tree} unexplained", residual["unexplained_bytes"],
                         ledger["residual"]["unexplained_bytes"])
    print("\n".join(facts.problems))
    print(f"{facts.checked} explanations looked at, {len(facts.problems)} problems")
    sys.exit(1 if facts.problems or "suspects" not in seen else 0)


if __name__ == "__main__":
    main()
