#!/usr/bin/env python3
"""What memtally costs, as ratios to what the same work costs without it, in one run.

    bench.py [OPTION]... BIN_FOLDER TOOLS_FOLDER

Builds many processes with many mappings, then measures in turns; then one busy process. A time alone says nothing
about another machine, so only ratios are printed, each the median of its runs; peaks of
memory do not depend on the machine and are printed as they are.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time

from diff_ratio import diff_rows
from latency import latency_rows
from same_files import cat_command


class Bench:
    def __init__(self, tools, scratch):
        self.measure_program = os.path.join(tools, "measure")
        self.report = os.path.join(scratch, "report")

    def measure(self, *command, statuses=(0,)):
        """(CPU seconds, wall seconds, peak KiB of its largest process)"""
        with open(os.devnull, "wb") as nowhere:
            status = subprocess.run(
                [self.measure_program, self.report, *command], stdout=nowhere, stdin=subprocess.DEVNULL,
                stderr=None if statuses == (0,) else nowhere, timeout=1800, check=False).returncode
        if status not in statuses:
            raise SystemExit(f"{command[0]} ended with status {status}")
        with open(self.report, encoding="ascii") as file:
            cpu, wall, peak = file.read().split()
        return float(cpu), float(wall), int(peak)


def pss_of_tree(root):
    """KiB of a process and its descendants, each shared page once."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parent = int(file.read().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
            except (OSError, IndexError):
                continue
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            continue
    return total


def peak_of_tree(command):
    """The largest sum that was seen while the command ran; it may have been more in between."""
    peak = 0
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        finished = threading.Event()
        threading.Thread(target=lambda: (process.wait(), finished.set()), daemon=True).start()
        while not finished.is_set():
            peak = max(peak, pss_of_tree(process.pid))
            time.sleep(0.02)
    return peak


def median_ratio(over, under, index):
    return statistics.median(a[index] / b[index] for a, b in zip(over, under) if b[index] > 0)


def ratio_or(over, under, index):
    return f"{median_ratio(over, under, index):.2f}" if under else "no zstd here"


def show(rows):
    for what, value, target in rows:
        print(f"  {what:<78} {value:>12}   target {target}")


def run(arguments, pids, scratch):
    bench = Bench(arguments.tools, scratch)
    bundle = os.path.join(scratch, "bench.tar.zst")
    collector = os.path.join(arguments.programs, "memtally-collect")
    collect = [collector, "-q", "-o", bundle]
    analyze = [os.path.join(arguments.programs, "memtally"), "ps", bundle]
    cat = ["cat", *(f"/proc/{pid}/smaps" for pid in pids)]
    smem = ["smem", "-H", "-c", "pid rss pss uss swap"] if shutil.which("smem") else None
    zstd = ["zstd", "-q", "-dc", bundle] if shutil.which("zstd") else None

    bench.measure(*cat)  # warm
    cats, alls, collects, analyses, smems, zstds = [], [], [], [], [], []
    for turn in range(arguments.runs):
        cats.append(bench.measure(*cat))
        collects.append(bench.measure(*collect))
        if zstd:
            same = cat_command(bundle, os.path.join(scratch, "files"))
            alls.append(bench.measure(*same, statuses=(0, 123)))  # 123: a file has vanished
        analyses.append(bench.measure(*analyze))
        if zstd:
            zstds.append(bench.measure(*zstd))
        if smem and turn == 0:  # its time is long, and steady enough
            smems.append(bench.measure(*smem))
    together = peak_of_tree(collect)

    rows = [
        ("collector CPU / cat of the same files", ratio_or(collects, alls, 0), "1.15"),
        ("collector wall time / cat of the same files", ratio_or(collects, alls, 1), "1.00"),
        ("collector CPU / cat of smaps alone", f"{median_ratio(collects, cats, 0):.2f}", "-"),
        ("collector wall time / cat of smaps alone", f"{median_ratio(collects, cats, 1):.2f}", "-"),
        ("collector peak memory, largest process, MiB",
         f"{max(row[2] for row in collects) / 1024:.1f}", "8"),
        ("collector peak memory, all its processes (PSS), MiB", f"{together / 1024:.1f}", "8"),
        ("smem CPU / memtally ps CPU",
         f"{statistics.median(smems[0][0] / max(row[0], 1e-6) for row in analyses):.1f}"
         if smems else "no smem here", "at least 40"),
        ("memtally ps time / zstd -dc of the bundle",
         ratio_or(analyses, zstds, 1), "-"),
        ("memtally ps peak memory, MiB", f"{max(row[2] for row in analyses) / 1024:.1f}", "-"),
        ("size of memtally-collect, KiB", f"{os.path.getsize(collector) / 1024:.0f}",
         "512 (preset small)"),
    ]
    rows += diff_rows(bench, arguments.programs, arguments.tools, scratch, arguments.runs,
                      median_ratio)
    print(f"{len(pids)} processes x {arguments.mappings} mappings, median of {arguments.runs} runs in "
          f"turns, {os.cpu_count()} processors; bundle {os.path.getsize(bundle) / 1048576:.1f} MiB")
    show(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=1000)
    parser.add_argument("--mappings", type=int, default=300)
    parser.add_argument("--busy-mappings", type=int, default=10000)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("programs", metavar="BIN_FOLDER")
    parser.add_argument("tools", metavar="TOOLS_FOLDER")
    arguments = parser.parse_args()
    many = [os.path.join(arguments.tools, "many_processes"), str(arguments.processes),
            str(arguments.mappings)]
    with tempfile.TemporaryDirectory() as scratch, \
            subprocess.Popen(many, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             text=True) as processes:
        pids = []
        for line in processes.stdout:
            if line == "ready\n":
                break
            pids.append(int(line))
        else:
            raise SystemExit("many_processes did not start")
        try:
            run(arguments, pids, scratch)
        finally:
            processes.stdin.close()
            processes.wait(timeout=120)
        print(f"one busy process of {arguments.busy_mappings} mappings, windows of {arguments.seconds} s")
        show(latency_rows(arguments.tools, os.path.join(arguments.programs, "memtally-collect"),
                          scratch, arguments.busy_mappings, arguments.seconds, arguments.runs))


if __name__ == "__main__":
    main()
