#!/usr/bin/env python3
"""What one of several bundles could not read is unknown there: no change, and no figure of 0.

    unread_test.py PROGRAM
"""
import json
import os
import subprocess
import sys
import tempfile

from bundle_series import MINUTE, Process, process_files, write_bundle

KIB = 1024
VMALLOCINFO = """0xffffc90000000000-0xffffc90000801000 8392704 alloc_large+0x10/0x20 pages=1024 vmalloc
0xffffc90000900000-0xffffc90000a01000 1052672 bpf_prog_alloc+0x10/0x20 pages=256 vmalloc
"""
LIGHT = [("proc/100/smaps", None),
         ("proc/100/status", "Name:\tserver\nPid:\t100\nVmRSS:\t 90000 kB\n")]
JOURNAL = ("member outcome {outcome} pass 3 start_ns 1 duration_ns 1 bytes 99 parts 1 errno 0 "
           "path proc/100/smaps\nend members 0 processes 0 mappings 0 bytes 0 duration_ns 1\n")


def run(program, scratch, arguments):
    return subprocess.run([program, *arguments], cwd=scratch, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"})


def by_comm(figures, comm):
    found = [figure for figure in figures if figure["comm"] == comm]
    return found[0] if found else None


def refused_problems(program):
    """What one bundle could not read is unknown there: no change, and no figure of 0."""
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        names = []
        for i in range(4):
            names.append(f"refused{i}.tar")
            write_bundle(os.path.join(scratch, names[i]), i * MINUTE, [Process(1, "init", 2000)],
                         {"kept": 300, "grown": 100 + 100 * (i > 1)},
                         files_besides=[("proc/slabinfo", None)] if i % 3 == 0 else
                         [("proc/vmallocinfo", VMALLOCINFO)])
        for order in (names, names[:3], names[1:]):
            finished = run(program, scratch, ["diff", "--json", *order])
            trends = json.loads(finished.stdout)
            slab, parts = trends["kernel"]["slab"], [line["id"] for line in trends["ledger"]]
            found = [(entry["name"], entry["change_bytes"], entry["step_bytes"]) for entry in slab]
            step = 400 * KIB if order == names[:3] else None
            if found != [("grown", None, step)]:
                problems.append(f"{order}: caches of a refused file: {found}")
            if any(line.startswith("vmalloc.") for line in parts):
                problems.append(f"{order}: parts of vmalloc of a refused file: {parts}")
    return problems


def measure_problems(program):
    """RSS of a bundle that was refused smaps is no point between PSS of others, and does not make it a change."""
    problems = []
    light = [("proc/100/smaps", None), ("proc/100/status", "Name:\tserver\nPid:\t100\nVmRSS:\t 90000 kB\n")]
    with tempfile.TemporaryDirectory() as scratch:
        names = []
        for i, refused in enumerate([True, False, False, False, True]):
            names.append(f"measure{i}.tar")
            write_bundle(os.path.join(scratch, names[i]), i * MINUTE,
                         [Process(1, "init", 2000), Process(100, "server", 5000 + 800 * max(i - 1, 0)),
                          Process(101, "server", 1000)], files_besides=light if refused else [])
        for order, expected in (
                (names[:4], (3, None, 800 * KIB, (5800 + 800) * KIB)),
                (names[1:], (3, None, None, None)),
                (names[1:4], (3, 1600 * KIB, 800 * KIB, 6600 * KIB)),
                ([names[0], names[1], names[4]], None)):
            finished = run(program, scratch, ["diff", "--json", *order])
            trends = json.loads(finished.stdout)
            for level, more in (("processes", 0), ("programs", 1000 * KIB)):
                found = by_comm(trends[level], "server")
                found = found and (found["points"], found["change_bytes"], found["step_bytes"],
                                   found["last_bytes"])
                wanted = expected and (*expected[:3], expected[3] and expected[3] + more)
                if found != wanted:
                    problems.append(f"{order}: {level} of another measure: {found}, not {wanted}")
    return problems


def cover_problems(program):
    """Objects, classes and mappings of a process whose smaps some bundles could not read."""
    problems = []
    step = 800 * KIB

    def found(scratch, names, key, label, level):
        finished = run(program, scratch, ["diff", "--json", "--by", level, *names])
        return {(entry[label], entry["points"], entry["change_bytes"], entry["step_bytes"])
                for entry in json.loads(finished.stdout)[key]}

    with tempfile.TemporaryDirectory() as scratch:
        names = []
        for i, refused in enumerate([True, False, False, False, True]):
            names.append(f"cover{i}.tar")
            server = Process(100, "server", 5000 + 800 * i, others=[(4 << 30, "[anon:kept]", 4000)])
            write_bundle(os.path.join(scratch, names[i]), i * MINUTE,
                         [Process(1, "init", 2000), server], files_besides=LIGHT if refused else [])
        for order, figures in ((names[1:4], (3, 2 * step, step)), (names[:4], (3, None, step)),
                               (names[1:], (3, None, None)), ([names[0], names[1], names[4]], None)):
            wanted = {("[heap]", *figures)} if figures else set()
            classes = {("heap", *figures)} if figures else set()
            for result, expected in (
                    (found(scratch, order, "objects", "name", "object"), wanted),
                    (found(scratch, order, "mappings", "name", "mapping"), wanted),
                    (found(scratch, order, "classes", "class", "class"), classes)):
                if result != expected:
                    problems.append(f"{order}: {result}, not {expected}")
    return problems


def baseline_problems(program):
    """A server that shares most of its RSS is as usual, whichever side knows its PSS."""
    problems = []
    smaps = process_files(Process(100, "server", 90000))["smaps"].replace("Pss: 90000", "Pss: 30000")
    with tempfile.TemporaryDirectory() as scratch:
        for name, files in (("whole.tar", [("proc/100/smaps", smaps)]), ("light.tar", LIGHT)):
            write_bundle(os.path.join(scratch, name), 0, [Process(100, "server", 90000)],
                         files_besides=files)
        for usual, now, size in (("whole.tar", "light.tar", 90000), ("light.tar", "whole.tar", 90000),
                                 ("light.tar", "light.tar", 90000), ("whole.tar", "whole.tar", 30000)):
            finished = run(program, scratch, ["ps", "--json", "--baseline", usual, now])
            rows = json.loads(finished.stdout)["against_baseline"]
            found = [(row["pid"], row["mark"], row["usual_bytes"], row["change_bytes"]) for row in rows]
            if found != [(100, "usual", size * KIB, 0)]:
                problems.append(f"ps of {now} against {usual}: {found}")
    return problems


def pair_problems(program):
    """A smaps that was cut, or refused: what it would have told is not gone, nor new the other way round."""
    problems = []
    areas = [((4 << 30) + (i << 20), f"[anon:area {i}]", 400) for i in range(6)]
    whole = [Process(1, "init", 2000), Process(100, "server", 5000, others=areas)]
    begun = process_files(Process(100, "server", 5000, others=areas[:2]))["smaps"]
    sides = {how: (begun, JOURNAL.format(outcome=how), None)
             for how in ("cut", "timed_out", "abandoned", "failed")}
    sides["refused"] = (None, JOURNAL.format(outcome="refused"), (90000 - 7400) * KIB)
    with tempfile.TemporaryDirectory() as scratch:
        write_bundle(os.path.join(scratch, "whole.tar"), 0, whole)
        for how, (smaps, journal, change) in sides.items():
            write_bundle(os.path.join(scratch, how + ".tar"), MINUTE, whole, files_besides=[
                LIGHT[1] if change else ("proc/100/cmdline", ""), ("proc/100/smaps", smaps),
                ("journal", journal)])
            for pair, sign in ((["whole.tar", how + ".tar"], 1), ([how + ".tar", "whole.tar"], -1)):
                finished = run(program, scratch, ["diff", "--json", *pair])
                diff = json.loads(finished.stdout)
                server = by_comm([side["after"] | side for side in diff["processes"]], "server")
                took = {cause["used_change_bytes"] for cause in diff["waterfall"]["causes"]}
                found = (finished.returncode, server["change_bytes"], server["mappings"],
                         diff["objects"], took)
                wanted = (int(bool(change)), change and sign * change, [], [],
                          {0, sign * change, -sign * change} if change else {0})
                if found != wanted:
                    problems.append(f"{pair}: {found}, not {wanted}")
    return problems


def list_problems(program):
    """A bundle that ends before all processes were listed does not tell that one was not there."""
    problems = []
    processes = [Process(1, "init", 2000), Process(100, "server", 5000)]
    begun = [(f"proc/{path}", None) for path in ("1/smaps", "100/stat", "100/comm", "100/smaps")]
    nobody = begun + [("proc/1/stat", None), ("proc/1/comm", None)]
    with tempfile.TemporaryDirectory() as scratch:
        for name, minute, files in (("first.tar", 0, []), ("second.tar", 1, []), ("last.tar", 3, []),
                                    ("begun.tar", 2, [*begun, ("journal", None)]),
                                    ("nobody.tar", 2, nobody)):
            write_bundle(os.path.join(scratch, name), minute * MINUTE, processes, files_besides=files)
        for cut in ("begun.tar", "nobody.tar"):
            for order in (["first.tar", cut], [cut, "first.tar"], ["first.tar", "second.tar", cut],
                          [cut, "first.tar", "second.tar"], ["first.tar", cut, "last.tar"]):
                finished = run(program, scratch, ["diff", *order])
                if finished.returncode != 0 or b"no change beyond noise" not in finished.stdout:
                    problems.append(f"{order}: {finished.stdout.decode()}")
            mapped = run(program, scratch, ["diff", "--by", "mapping", "first.tar", cut, "last.tar"])
            marked = run(program, scratch, ["ps", "--json", "--baseline", cut, "first.tar"])
            marks = {row["mark"] for row in json.loads(marked.stdout)["against_baseline"]}
            if mapped.returncode != 0 or marks != {"incomparable"}:
                problems.append(f"{cut}: mappings end with {mapped.returncode}, processes are {marks}")
    return problems


def bound_problems(program):
    """Of a process of which not even RSS is known, no output tells an upper bound."""
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("a.tar", "b.tar"):
            write_bundle(os.path.join(scratch, name), 0, [Process(1, "init", 2000), Process(7, "hidden", 400)],
                         files_besides=[("proc/7/smaps", None)])
        one = run(program, scratch, ["share", "--pid", "1,7", "a.tar"]).stdout.decode()
        groups = run(program, scratch, ["share", "--group", "program", "-H", "a.tar"]).stdout.decode()
        held = run(program, scratch, ["diff", "--group", "program", "-a", "a.tar", "b.tar"]).stdout.decode()
        both = run(program, scratch, ["share", "--group", "program", "--pid", "1", "a.tar"])
        told = json.loads(run(program, scratch, ["share", "--json", "--pid", "1,7", "a.tar"]).stdout)
        if told["footprint"] != {"low_bytes": 2000 * KIB, "high_bytes": None, "grade": "bounded"}:
            problems.append(f"JSON of one set: {told['footprint']}")
        if "pages that they map, each once               2000 or more" not in one:
            problems.append(f"one set: {one}")
        for what, text, wanted in (("groups", groups, "1 0 - 0 - 0 - 0 - - - hidden"),
                                   ("diff", held, "0 - 0 - 0 - 0 - - - - hidden")):
            if wanted not in [" ".join(line.split()) for line in text.splitlines()]:
                problems.append(f"{what}: {text}")
        if both.returncode != 2 or both.stdout:
            problems.append(f"--pid with --group: status {both.returncode}, {both.stdout.decode()}")
    return problems


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    problems = (refused_problems(program) + measure_problems(program) + cover_problems(program) +
                baseline_problems(program) + pair_problems(program) + list_problems(program) +
                bound_problems(program))
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
