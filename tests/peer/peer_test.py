#!/usr/bin/env python3
"""memtally's figures beside those of the tools that people trust, on this machine, now.

    peer_test.py TEST BIN_FOLDER SHARER

TEST is a name from TESTS below. Status 77 (skipped): a peer is missing here. What moves by
itself is measured before and after the snapshot, and compared exactly where it stood still.
"""
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import smem_views

SKIPPED = 77


class Skip(Exception):
    pass


class Failed(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failed(message)


def peer(*command):
    """The output of another tool; the test is skipped where there is no such tool."""
    if shutil.which(command[0]) is None:
        raise Skip(f"no {command[0]} here")
    finished = subprocess.run(command, capture_output=True, text=True, errors="surrogateescape",
                              stdin=subprocess.DEVNULL, timeout=120, check=False)
    if finished.returncode != 0:
        raise Skip(f"{' '.join(command)} does not work here: {finished.stderr.strip()}")
    return finished.stdout


class Memtally:
    def __init__(self, folder, scratch):
        self.folder, self.scratch = folder, scratch

    def snapshot(self, name="snapshot"):
        path = os.path.join(self.scratch, name + ".tar.zst")
        subprocess.run([os.path.join(self.folder, "memtally-collect"), "-q", "-o", path],
                       stdin=subprocess.DEVNULL, timeout=120, check=True)
        return path

    def text(self, command, *arguments):
        finished = subprocess.run([os.path.join(self.folder, "memtally"), command, *arguments],
                                  stdin=subprocess.DEVNULL, timeout=120, check=False,
                                  capture_output=True)
        expect(finished.returncode in (0, 1),
               f"memtally {command}: status {finished.returncode}: {finished.stderr}")
        return finished.stdout

    def json(self, command, *arguments):
        return json.loads(self.text(command, *arguments, "--json"))


@contextlib.contextmanager
def sharer(program, scratch, *options):
    """Processes that share memory in known ways, stopped: {name: pid}."""
    with subprocess.Popen([program, scratch, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        pids = {}
        for line in process.stdout:
            if line == "ready\n":
                break
            name, pid = line.split()
            pids[name] = int(pid)
        else:
            raise Failed("the sharer did not start")
        try:
            yield pids
        finally:
            process.stdin.close()
            process.wait(timeout=30)


def smem_figures(pids):
    """{pid: (rss, pss, uss, swap, vss)} in kB. smem adds up what smaps prints, here of the sharer's
    processes only: a machine may have thousands of others."""
    figures = {}
    for line in peer("smem", "-H", "-P", "sharer", "-c", "pid rss pss uss swap vss").splitlines():
        numbers = [int(word) for word in line.split()]
        if numbers[0] in pids:
            figures[numbers[0]] = tuple(numbers[1:])
    return figures


def pmap_totals(pid):
    """{column: kB} of the last line of pmap -X. Names of files stay out of it."""
    lines = peer("pmap", "-X", str(pid)).splitlines()
    # A comm or a file name with a newline breaks lines: the header is the first with "Perm".
    header = next(line for line in lines if line.split()[:2] == ["Address", "Perm"]).split()
    columns = header[header.index("Size"):-1]
    return dict(zip(columns, map(int, lines[-1].split()[:len(columns)])))


def processes_equal_smem_and_pmap(memtally, program):
    with sharer(program, memtally.scratch) as pids:
        wanted = set(pids.values())
        before = smem_figures(wanted)
        totals = {pid: pmap_totals(pid) for pid in wanted}
        bundle = memtally.snapshot()
        after = smem_figures(wanted)
        rows = {row["pid"]: row for row in memtally.json("ps", bundle)["processes"]}
    # smem loses a process that maps a file with a name like a field; pmap does not.
    lost = wanted - set(before)
    expect(lost <= {pids["field-name"]}, f"smem does not list every process: {before}")
    names = {pid: name for name, pid in pids.items()}
    problems = []
    for pid in sorted(wanted):
        expect(before.get(pid) == after.get(pid), f"{names[pid]} did not stand still")
        expect(pid in rows, f"memtally ps does not list {names[pid]}")
        ours = tuple(rows[pid][key] for key in ("rss_bytes", "pss_bytes", "uss_bytes",
                                                "swap_bytes", "vss_bytes"))
        theirs = tuple(kb * 1024 for kb in before.get(pid, ()))
        if theirs and ours != theirs:
            problems.append(f"{names[pid]}: rss pss uss swap vss {ours}, smem {theirs}")
        pmap = tuple(totals[pid][column] * 1024 for column in ("Rss", "Pss", "Swap", "Size"))
        if (ours[0], ours[1], ours[3], ours[4]) != pmap:
            problems.append(f"{names[pid]}: rss pss uss swap vss {ours}, pmap {pmap}")
    expect(not problems, "\n".join(problems))
    print(f"{len(wanted)} processes equal to the kilobyte, smem lists {len(before)} of them")


def smem_views_agree(memtally, program):
    with sharer(program, memtally.scratch, "without-field-name") as pids:
        before = smem_views.figures_now(peer, memtally.scratch)
        bundle = memtally.snapshot()
        expect(before == smem_views.figures_now(peer, memtally.scratch), "not all stood still")
        problems, equal = smem_views.compare(peer, memtally, bundle, memtally.scratch)
    expect(len(pids) > 5, f"too few processes: {pids}")
    expect(not problems, "\n".join(problems))
    print(equal)


def awkward_names_survive(memtally, program):
    with sharer(program, memtally.scratch) as pids:
        bundle = memtally.snapshot()
        rows = {row["pid"]: row for row in memtally.json("ps", bundle)["processes"]}
        objects = memtally.json("maps", bundle)["objects"]
        text = {name: memtally.text(name, bundle) for name in ("ps", "maps")}
    expect(rows[pids["odd-name"]]["comm"] == "x) S 1\n",
           f"comm is {rows[pids['odd-name']]['comm']!r}")
    names = [item["name"] or "" for item in objects]
    expect(any(name.endswith("/Rss:       99 kB") for name in names), "a name like a field is lost")
    expect(any(re.search(r"/new(\n|\\012)line \(deleted\)\.bin$", name) for name in names),
           "a name with a newline is lost")
    expect(any(name.endswith("/plain file.bin") for name in names), "a name with a blank is lost")
    for name, output in text.items():
        control = re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", output)
        expect(control is None, f"memtally {name} prints control characters")


def growth_is_on_the_first_screen(memtally, program):
    del program
    size = 200 << 20
    first = memtally.snapshot("first")
    with subprocess.Popen([sys.executable, "-c",
                           f"import sys; b = bytearray(b'x') * {size}; print('ready', flush=True);"
                           "sys.stdin.read()"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as grower:
        grower.stdout.readline()
        second = memtally.snapshot("second")
        grower.stdin.close()
    diff = memtally.json("diff", first, second)
    mine = [p for p in diff["processes"]
            if p["status"] == "new" and (p["after"] or {}).get("pid") == grower.pid]
    expect(mine and mine[0]["change_bytes"] >= size, f"the new process is not in the diff: {mine}")
    change = {line["id"]: line["change_bytes"] for line in diff["ledger"]}
    expect(any(value is not None and value > size * 0.8 for value in change.values()),
           f"no line of the ledger grew by about {size}: {change}")
    screen = memtally.text("diff", first, second).decode(errors="replace").splitlines()[:50]
    expect(any(re.search(rf"\b{grower.pid}\b", line) for line in screen),
           "the process that grew is not on the first screen")


def free_agrees(memtally, program):
    del program

    def measure():
        words = peer("free", "-b").splitlines()
        memory, swap = (dict(zip(("total", "used", "free"), map(int, line.split()[1:4])))
                        for line in (words[1], words[2]))
        return memory, swap

    before, swap_before = measure()
    ledger = memtally.json("ledger", memtally.snapshot())
    after, _ = measure()
    expect(ledger["mem_total_bytes"] == before["total"],
           f"total {ledger['mem_total_bytes']}, free says {before['total']}")
    lines = {line["id"]: line["bytes"] for line in ledger["lines"]}
    drift = 128 << 20  # other programs run at the same time
    low = min(before["free"], after["free"]) - drift
    high = max(before["free"], after["free"]) + drift
    expect(low <= lines["free"] <= high, f"free {lines['free']}, free says {low}..{high}")
    top = sum(line["bytes"] for line in ledger["lines"]
              if line["parent"] is None and line["id"] != "residual")
    expect(top + ledger["residual"]["bytes"] == ledger["mem_total_bytes"],
           "the ledger does not sum to MemTotal")
    print(f"total equal; swap total {swap_before['total']}")


def vmstat_agrees(memtally, program):
    del program
    figures = {label: int(number) for number, label in
               re.findall(r"^\s*(\d+) K? ?(.*)$", peer("vmstat", "-s"), re.MULTILINE)}
    ledger = memtally.json("ledger", memtally.snapshot())
    expect(ledger["mem_total_bytes"] == figures["total memory"] * 1024,
           f"total {ledger['mem_total_bytes']}, vmstat -s {figures['total memory']} kB")


def lsmod_agrees(memtally, program):
    del program
    if not os.path.exists("/proc/modules"):
        raise Skip("this kernel has no modules")

    def measure():
        return {line.split()[0]: int(line.split()[1]) for line in peer("lsmod").splitlines()[1:]}

    before = measure()
    modules = memtally.json("kernel", memtally.snapshot())["modules"]
    after = measure()
    steady = {name: size for name, size in before.items() if after.get(name) == size}
    ours = {module["name"]: module["size_bytes"] for module in modules}
    wrong = {name: (ours.get(name), size) for name, size in steady.items() if ours.get(name) != size}
    expect(not wrong, f"memtally and lsmod differ: {wrong}")
    print(f"{len(steady)} modules equal")


def slabtop_agrees(memtally, program):
    del program
    if not os.access("/proc/slabinfo", os.R_OK):
        raise Skip("/proc/slabinfo cannot be read by this user")

    def measure():
        caches = {}
        for line in peer("slabtop", "-o").splitlines():
            words = line.split()
            if len(words) == 8 and words[0].isdigit():
                caches[words[7]] = (int(words[0]), int(words[6].rstrip("K")) * 1024)
        return caches

    before = measure()
    slab = memtally.json("kernel", memtally.snapshot())["slab"]
    after = measure()
    steady = {name: value for name, value in before.items() if after.get(name) == value}
    ours = {cache["cache"]: (cache["objects"], cache["bytes"]) for cache in slab}
    expect(len(steady) * 2 >= len(before), "too few caches stood still")
    wrong = {name: (ours.get(name), value) for name, value in steady.items()
             if ours.get(name) != value}
    # A cache may have moved and come back between the two looks of slabtop.
    expect(len(wrong) * 20 <= len(steady), f"memtally and slabtop differ: {wrong}")
    print(f"{len(steady) - len(wrong)} of {len(before)} caches equal, {len(wrong)} moved meanwhile")


TESTS = {test.__name__: test for test in (
    processes_equal_smem_and_pmap, smem_views_agree, awkward_names_survive, growth_is_on_the_first_screen,
    free_agrees, vmstat_agrees, lsmod_agrees, slabtop_agrees)}


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in TESTS:
        sys.exit(f"{__doc__}\nTESTS: {' '.join(TESTS)}")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            TESTS[sys.argv[1]](Memtally(sys.argv[2], scratch), sys.argv[3])
        except Skip as reason:
            print(f"skipped: {reason}")
            sys.exit(SKIPPED)
        except Failed as reason:
            print(f"FAILED: {reason}")
            sys.exit(1)


if __name__ == "__main__":
    main()
