#!/usr/bin/env python3
"""Trends over series of bundles that are made here, so that the truth is known.

    trends_test.py PROGRAM PROJECT            compares the output with tests/golden/trends/ as well
    UPDATE_GOLDEN=1 trends_test.py ...        writes that folder anew
    trends_test.py PROGRAM PROJECT --thousand a thousand bundles in bounded memory
"""
import json
import os
import subprocess
import sys
import tempfile

import bundle_series
import golden_test
from bundle_series import MINUTE, Process, write_bundle

KIB = 1024
COUNT = 16
LEAK_KIB = 1200  # each step
# A thousand bundles may take so much more memory than 450, with which the table is full.
MEMORY_FACTOR = 1.1


def run(program, scratch, arguments):
    return subprocess.run([program, *arguments], cwd=scratch, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"})


def make_series(scratch, count=COUNT, gaps=(5,)):
    """One leak, one figure that wanders, one step, a saw, a cache that leaks, jobs that come and go."""
    wander, cache = bundle_series.noise(1, 400), bundle_series.noise(2, 3000)
    names, minutes = [], 0
    for i in range(count):
        grown = LEAK_KIB * minutes // 5
        processes = [Process(1, "init", 2000),
                     Process(100, "leaker", 20000 + grown + wander(i) // 4 * 4),
                     Process(101, "wanderer", 50000 + wander(i + 50) * 4),
                     Process(102, "stepper", 10000 if i < count // 2 else 40000),
                     Process(103, "saw", 20000 + i % 4 * 8000),
                     Process(1000 + i, "job", 4000, start_time=5000 + i)]
        name = f"s{(i * 7) % count:04}.tar"  # the names are in another order than the times
        write_bundle(os.path.join(scratch, name), minutes * MINUTE, processes,
                     {"kmalloc-512": 300, "leaky_cache": 100 + 50 * i}, cached=100000 + cache(i),
                     label=f"step {i}")
        names.append(name)
        minutes += gaps[i % len(gaps)]
    return names


def by_name(figures, name, key="comm"):
    found = [figure for figure in figures if figure[key] == name]
    return found[0] if found else None


def problems_of_series(trends, hours):
    """What the program says of make_series() against what was done."""
    leaker = by_name(trends["processes"], "leaker")
    cache = by_name(trends["kernel"]["slab"], "leaky_cache", "name")
    slope = LEAK_KIB * KIB * 12
    checks = [
        ("leaker is found", leaker and leaker["verdict"] == "steady_growth"),
        ("the leak's slope is within its error", leaker and abs(
            leaker["slope_bytes_per_hour"] - slope) <= leaker["slope_error_bytes_per_hour"]),
        ("the error is smaller than the slope / 5",
         leaker and leaker["slope_error_bytes_per_hour"] * 5 < slope),
        ("the growth is as made", leaker and abs(
            leaker["change_bytes"] - slope * hours) < 1000 * KIB),
        ("the leaking cache is found, to the byte",
         cache and cache["verdict"] == "steady_growth"
         and cache["change_bytes"] == 50 * 4 * KIB * (len(trends["bundles"]) - 1)
         and cache["step_bytes"] == 50 * 4 * KIB),
        ("what does not move is not listed", not by_name(trends["processes"], "init")
         and not by_name(trends["kernel"]["slab"], "kmalloc-512", "name")),
        ("the first job is gone and the last is new",
         sorted(job["change_bytes"] for job in trends["processes"] if job["comm"] == "job")
         == [-4000 * KIB, 4000 * KIB]),
        ("jobs as a program do not change", not by_name(trends["programs"], "job")),
        ("bundles are in the order of time",
         [bundle["label"] for bundle in trends["bundles"]]
         == [f"step {i}" for i in range(len(trends["bundles"]))]),
    ]
    for name in ("wanderer", "stepper", "saw"):
        found = by_name(trends["processes"], name)
        checks.append((f"{name} is no leak", found and found["verdict"] != "steady_growth"))
    stepper = by_name(trends["processes"], "stepper")
    checks.append(("the step is seen", stepper and stepper["change_bytes"] == 30000 * KIB
                   and stepper["step_bytes"] == 0))
    steady = [figure["label"] for figure in trends["ledger"] if figure["verdict"] == "steady_growth"]
    checks.append(("free memory and caches are no leak",
                   not {"Free", "MemAvailable", "Page cache of files"} & set(steady)))
    return [what for what, holds in checks if not holds]


def series_problems(program):
    problems = []
    for gaps, hours in (((5,), 5 * (COUNT - 1) / 60), ((1, 1, 13), 5 * (COUNT - 1) / 60)):
        with tempfile.TemporaryDirectory() as scratch:
            names = make_series(scratch, gaps=gaps)
            finished = run(program, scratch, ["diff", "--json", *sorted(names)])
            trends = json.loads(finished.stdout)
            problems += [f"gaps {gaps}: {what}" for what in problems_of_series(trends, hours)]
            if finished.returncode != 1 or finished.stderr:
                problems.append(f"status {finished.returncode}, {finished.stderr.decode()}")
    return problems


def other_problems(program):
    """Mixed hosts, restarts, no change, unreadable bundles, no times, the collector, long labels."""
    problems = []

    def expect(what, holds):
        if not holds:
            problems.append(what)

    with tempfile.TemporaryDirectory() as scratch:
        def path(name):
            return os.path.join(scratch, name)
        idle = [Process(1, "init", 2000)]
        for i in range(4):
            write_bundle(path(f"idle{i}.tar"), i * 60, idle)
            write_bundle(path(f"other{i}.tar"), i * 60, [Process(5 + i, "init", 2000 + 800 * i)],
                         host=f"host{i % 2}", boot=f"boot-{i % 2}")
            write_bundle(path(f"collected{i}.tar"), i * 60, label="the same long label of all bundles " + str(i),
                         processes=idle + [Process(900, "collect", 2000 + 800 * i),
                                           Process(901, "collect", 3000 + 800 * i, ppid=900)])
            write_bundle(path(f"boots{i}.tar"), i * 60, [Process(5, "init", 2000 + 800 * i)],
                         boot=f"boot-{i}")
        same = run(program, scratch, ["diff", *(f"idle{i}.tar" for i in range(4))])
        expect("no change ends with status 0",
               same.returncode == 0 and b"no change beyond noise" in same.stdout)
        for count in (2, 4):
            level = run(program, scratch, ["diff", "--by", "object", *(f"idle{i}.tar" for i in range(count))])
            expect(f"a level of {count} bundles without a row says so",
                   level.stdout.count(b"nothing here beyond noise") == 1)
        collected = [f"collected{i}.tar" for i in range(4)]
        trends = json.loads(run(program, scratch, ["diff", "--json", *collected]).stdout)
        expect("the collector and its readers have no trend",
               not trends["processes"] + trends["programs"] + trends["objects"])
        expect("labels that look alike when they are cut name no columns",
               b"12:01:00 12:02:00" in run(program, scratch, ["diff", *collected]).stdout)
        mixed = run(program, scratch, ["diff", *(f"other{i}.tar" for i in range(4))])
        first = mixed.stdout.decode().split("\n")[0]
        expect("different hosts are the first line, with their names",
               "DIFFERENT HOSTS" in first and "host0, host1" in first)
        expect("a program is followed over hosts", b"PROGRAM" in mixed.stdout)
        boots = run(program, scratch, ["diff", *(f"boots{i}.tar" for i in range(4))])
        expect("restarts are told first",
               boots.stdout.decode().split("\n")[0].startswith("NOTE: the machine was restarted"))
        with open(path("broken.tar"), "wb") as file:
            file.write(b"no archive at all")
        rest = run(program, scratch, ["diff", "idle0.tar", "broken.tar", "idle1.tar", "idle2.tar"])
        expect("a bundle that cannot be read is told, left out, and the status",
               rest.returncode == 3 and b"broken.tar" in rest.stderr
               and b"3 snapshots" in rest.stdout)
        copies = run(program, scratch, ["diff", "collected0.tar", "other0.tar", "other2.tar", "other0.tar"])
        expect("a snapshot that is given twice is told, and counts once",
               b"other0.tar: the same snapshot as other0.tar" in copies.stderr
               and b"3 snapshots" in copies.stdout and copies.returncode == 1)
        twice = run(program, scratch, ["diff", "idle0.tar", "-", "idle1.tar"])
        expect("standard input cannot be read twice", twice.returncode == 2)
    return problems


def level_problems(program):
    """Groups, classes and mappings: asked for alone. The area without a name grows downwards, in two parts."""
    problems = []
    step = 4 * 400 * KIB

    def expect(what, holds):
        if not holds:
            problems.append(what)

    def figures(scratch, level, key, names):
        finished = run(program, scratch, ["diff", "--json", *level, *names])
        trends = json.loads(finished.stdout)
        others = {"groups", "classes", "mappings"} - {key}
        expect(f"{key}: the others are not there", all(trends[other] is None for other in others))
        expect(f"{key}: {finished.stderr.decode()}", finished.returncode == 1)
        return trends[key] or []

    def series(scratch, boots):
        names = []
        for i in range(6):
            grown = 1600 * (i + 1)
            top = 1 << 30
            areas = [(top - grown * KIB, "", grown // 2), (top, "", grown // 2),
                     (2 << 30, "[anon:kept]", 800)]
            processes = [Process(1, "init", 2000),
                         Process(100 + i * boots, "old" if i < 3 and not boots else "mapper", 4000,
                                 others=areas),
                         Process(200, "worker", 3000 + 800 * i)]
            name = f"level{boots}{i}.tar"
            write_bundle(os.path.join(scratch, name), i * MINUTE, processes,
                         boot=f"boot-{i * boots}")
            names.append(name)
        return names

    with tempfile.TemporaryDirectory() as scratch:
        names = series(scratch, 0)
        groups = figures(scratch, ["--group", "wor=workers,map|old=mappers"], "groups", names)
        expect("groups have the change of their processes",
               {(group["name"], group["step_bytes"]) for group in groups}
               == {("workers", 800 * KIB), ("mappers", step)})
        classes = figures(scratch, ["--by", "class"], "classes", names)
        expect("classes that change, to the byte, and no others",
               {(entry["class"], entry["change_bytes"], entry["verdict"]) for entry in classes}
               == {("anon", 5 * step, "steady_growth"), ("heap", 5 * 800 * KIB, "steady_growth")})
        mappings = figures(scratch, ["--by", "mapping"], "mappings", names)
        expect("a mapping is followed wherever it lies, under the last name of its process",
               [(entry["pid"], entry["comm"], entry["name"], entry["permissions"],
                 entry["first_bytes"], entry["step_bytes"], entry["verdict"]) for entry in mappings]
               == [(100, "mapper", "", "rw-p", step, step, "steady_growth"),
                   (200, "worker", "[heap]", "rw-p", 3000 * KIB, 800 * KIB, "steady_growth")])
        text = run(program, scratch, ["diff", "--by", "mapping", *names]).stdout.decode()
        expect("the table names program, mode and mapping", "100 mapper  rw-p [anon]" in text)
        alone = figures(scratch, ["--by", "mapping", "--pid", "200"], "mappings", names)
        expect("only of these processes", [entry["pid"] for entry in alone] == [200])
        restarted = figures(scratch, ["--by", "mapping"], "mappings", series(scratch, 1))
        expect("of different boots a program's mappings are followed, and are no leak",
               [(entry["pid"], entry["comm"], entry["change_bytes"], entry["verdict"])
                for entry in restarted]
               == [(None, "mapper", 5 * step, "grew"), (None, "worker", 4000 * KIB, "grew")])
        nobody = run(program, scratch, ["diff", "--pid", "200,999", *names])
        expect("a process of no bundle is wrong usage",
               nobody.returncode == 2 and not nobody.stdout and b"no process 999 in any" in nobody.stderr)
        bad = run(program, scratch, ["diff", "--group", "nothing", *names])
        expect("a group that is none is wrong usage", bad.returncode == 2 and not bad.stdout)
    return problems


SWAPPED = """40000000-40800000 rw-p 00000000 00:00 0
Size: 8192 kB
Rss: {anon_rss} kB
Pss: {anon_pss} kB
Swap: {anon_swap} kB
SwapPss: {anon_swap_pss} kB
50000000-50400000 rw-s 00000000 00:01 77 /dev/zero (deleted)
Size: 4096 kB
Rss: {shmem_rss} kB
Pss: {shmem_pss} kB
Swap: {shmem_swap} kB
SwapPss: 0 kB
"""


def swap_problems(program):
    """Two processes share memory that is swapped out piece by piece: their objects hold as much as before."""
    with tempfile.TemporaryDirectory() as scratch:
        names = []
        for i, (anon, shmem) in enumerate(((0, 0), (4096, 0), (8192, 1024), (8192, 4096))):
            smaps = SWAPPED.format(anon_rss=8192 - anon, anon_pss=(8192 - anon) // 2, anon_swap=anon,
                                   anon_swap_pss=anon // 2, shmem_rss=4096 - shmem,
                                   shmem_pss=(4096 - shmem) // 2, shmem_swap=shmem)
            names.append(f"swap{i}.tar")
            # Not the very same addresses: these two would pass for one address space.
            other = smaps.replace("50000000-50400000", "60000000-60400000")
            write_bundle(os.path.join(scratch, names[i]), i * MINUTE,
                         [Process(100, "parent", 0), Process(101, "child", 0)],
                         files_besides=[("proc/100/smaps", smaps), ("proc/101/smaps", other)])
        finished = run(program, scratch, ["diff", "--json", "--all", *names])
        objects = json.loads(finished.stdout)["objects"]
    found = {entry["name"]: entry["curve_bytes"] for entry in objects}
    wanted = {"": [8192 * KIB] * 4, "/dev/zero (deleted)": [4096 * KIB] * 4}
    return [] if found == wanted else [f"objects that were swapped out: {found}, not {wanted}"]


def thousand_problems(program):
    """Memory must not grow with the number of bundles, though each has processes of its own."""
    peaks = []
    # What a sanitizer holds back of freed memory is not the program's.
    no_quarantine = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=1"]))
    with tempfile.TemporaryDirectory() as scratch:
        names = []
        for i in range(1000):
            processes = [Process(1, "init", 2000), Process(100, "leaker", 20000 + 40 * i)]
            processes += [Process(1000 + i * 60 + k, f"job{i * 60 + k}", 400 + k)
                          for k in range(60)]
            names.append(write_bundle(os.path.join(scratch, f"{i:04}.tar"), i * MINUTE, processes))
        for count in (450, 1000):
            output = os.path.join(scratch, "output")
            with open(output, "wb") as file:
                child = subprocess.Popen([program, "diff", "--json", *names[:count]], stdout=file,
                                         env={**os.environ, "ASAN_OPTIONS": no_quarantine})
                _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            peaks.append(usage.ru_maxrss)
        with open(output, encoding="utf-8") as file:
            trends = json.load(file)
    leaker = by_name(trends["processes"], "leaker")
    problems = []
    print(f"peak memory: {peaks[0]} KiB for 450 bundles, {peaks[1]} KiB for 1,000")
    if peaks[1] > peaks[0] * MEMORY_FACTOR:
        problems.append(f"memory grows with the number of bundles: {peaks}")
    if not leaker or leaker["verdict"] != "steady_growth" or leaker["points"] != 1000:
        problems.append(f"the leak was lost among the others: {leaker}")
    if not trends["forgotten"]["processes"]:
        problems.append("nothing was forgotten, so this shows no bound")
    return problems


def golden_outputs(program):
    outputs, statuses = {}, []
    with tempfile.TemporaryDirectory() as scratch:
        names = sorted(make_series(scratch))
        few = names[:3]
        for name, arguments in (("trends.txt", names), ("trends.few.txt", ["-h", *few]),
                                ("trends.slab.txt", ["--by", "kernel", "-a", *names]),
                                ("trends.group.txt", ["--group", "job=jobs,a=others", *names]),
                                ("trends.class.txt", ["--by", "class", *names]),
                                ("trends.mapping.txt", ["--by", "mapping", *names]),
                                ("trends.json", ["--json", *few])):
            finished = run(program, scratch, ["diff", *arguments])
            outputs[name] = finished.stdout
            statuses.append(f"{name}: status {finished.returncode}\n{finished.stderr.decode()}")
    outputs["status.txt"] = "".join(statuses).encode()
    return outputs


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program, project = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    if sys.argv[3:] == ["--thousand"]:
        problems = thousand_problems(program)
    else:
        problems = (series_problems(program) + other_problems(program) + level_problems(program) +
                    swap_problems(program))
        folder = os.path.join(project, "tests", "golden", "trends")
        if os.environ.get("UPDATE_GOLDEN") == "1":
            golden_test.update(folder, golden_outputs(program))
        else:
            problems += golden_test.differences(folder, golden_outputs(program))
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
