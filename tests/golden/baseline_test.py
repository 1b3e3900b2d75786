#!/usr/bin/env python3
"""--baseline of ledger, ps and check: what was made unusual is marked, and nothing else.

    baseline_test.py PROGRAM PROJECT         compares the output with tests/golden/baseline/ as well
    UPDATE_GOLDEN=1 baseline_test.py ...     writes that folder anew
"""
import json
import os
import subprocess
import sys
import tempfile

import golden_test
from bundle_series import MINUTE, Process, write_bundle

COMMANDS = ("ledger", "ps", "check")


def make_pair(scratch):
    usual = [Process(1, "init", 2000), Process(10, "database", 400000), Process(11, "web", 40000),
             Process(12, "web", 90000), Process(13, "batch", 100000)]
    now = [Process(1, "init", 2000), Process(10, "database", 900000), Process(11, "web", 41000),
           Process(40, "web", 89000, start_time=900), Process(41, "batch", 20000, start_time=901),
           Process(50, "stranger", 3000, start_time=950)]
    write_bundle(os.path.join(scratch, "usual.tar"), 0, usual, label="a good day")
    write_bundle(os.path.join(scratch, "now.tar"), 60 * MINUTE, now, {"kmalloc-512": 300000})
    write_bundle(os.path.join(scratch, "other.tar"), 0, usual, host="another")


def run(program, scratch, *arguments):
    return subprocess.run([program, *arguments], cwd=scratch, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"})


def marks(program, scratch, command, baseline="usual.tar"):
    finished = run(program, scratch, command, "--json", "--baseline", baseline, "now.tar")
    report = json.loads(finished.stdout)
    return {row["id"] or row["pid"]: row["mark"] for row in report["against_baseline"]
            if row["unusual"]}


def problems_of(program, scratch):
    found = {command: marks(program, scratch, command) for command in COMMANDS}
    wanted = {
        "ps": {10: "MORE", 41: "LESS", 50: "NEW"},
        "ledger": {"user.anon": "MORE", "user": "MORE", "slab": "MORE",
                   "slab.unreclaimable": "MORE", "free": "LESS"},
    }
    problems = [f"{command}: {found[command]}, not {wanted[command]}" for command in wanted
                if found[command] != wanted[command]]
    if found["check"].get("slab_unreclaimable") != "WORSE":
        problems.append(f"check: the slab that grew is no worse rule: {found['check']}")
    for command in COMMANDS:
        same = marks(program, scratch, command, "now.tar")
        if same:
            problems.append(f"{command}: a bundle is unusual against itself: {same}")
        other = run(program, scratch, command, "--baseline", "other.tar", "now.tar")
        if b"THE BASELINE IS OF ANOTHER HOST" not in other.stdout:
            problems.append(f"{command}: another host is not told")
        missing = run(program, scratch, command, "--baseline", "none.tar", "now.tar")
        if missing.returncode != 3 or b"none.tar" not in missing.stderr or missing.stdout:
            problems.append(f"{command}: a baseline that is not there: {missing}")
        plain = run(program, scratch, command, "--json", "now.tar")
        if b"baseline" in plain.stdout:
            problems.append(f"{command}: a baseline that nobody asked for")
    return problems


def golden_outputs(program, scratch):
    outputs, statuses = {}, []
    for command in COMMANDS:
        for suffix, options in ((".txt", []), (".json", ["--json"])):
            finished = run(program, scratch, command, *options, "--baseline", "usual.tar", "now.tar")
            outputs[command + suffix] = finished.stdout
            statuses.append(f"{command}{suffix}: status {finished.returncode}\n"
                            + finished.stderr.decode())
    outputs["status.txt"] = "".join(statuses).encode()
    return outputs


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, project = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    folder = os.path.join(project, "tests", "golden", "baseline")
    with tempfile.TemporaryDirectory() as scratch:
        make_pair(scratch)
        problems = problems_of(program, scratch)
        outputs = golden_outputs(program, scratch)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden_test.update(folder, outputs)
    else:
        problems += golden_test.differences(folder, outputs)
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
