#!/usr/bin/env python3
"""What memtally costs, as ratios to what the same work costs without it, in one run.

    bench.py [--processes N] [--mappings N] [--runs N] BIN_FOLDER TOOLS_FOLDER

Builds N processes with N mappings each, then measures in turns. A time alone says nothing
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


class Bench:
    def __init__(self, tools, scratch):
        self.measure_program = os.path.join(tools, "measure")
        self.report = os.path.join(scratch, "report")

    def measure(self, *command):
        """(CPU seconds, wall seconds, peak KiB of its largest process)"""
        with open(os.devnull, "wb") as nowhere:
            subprocess.run([self.measure_program, self.report, *command], stdout=nowhere,
                           stdin=subprocess.DEVNULL, timeout=1800, check=True)
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


def run(arguments, pids, scratch):
    bench = Bench(arguments.tools, scratch)
    bundle = os.path.join(scratch, "bench.tar.zst")
    collect = [os.path.join(arguments.programs, "memtally-collect"), "-q", "-o", bundle]
    analyze = [os.path.join(arguments.programs, "memtally"), "ps", bundle]
    cat = ["cat", *(f"/proc/{pid}/smaps" for pid in pids)]
    names = ("statm", "stat", "status", "comm", "cgroup", "oom_score", "oom_score_adj",
             "smaps_rollup", "smaps", "cmdline")
    everything = ["cat", *(f"/proc/{pid}/{name}" for pid in pids for name in names)]
    smem = ["smem", "-H", "-c", "pid rss pss uss swap"] if shutil.which("smem") else None
    zstd = ["zstd", "-q", "-dc", bundle] if shutil.which("zstd") else None

    bench.measure(*cat)  # warm
    cats, alls, collects, analyses, smems, zstds = [], [], [], [], [], []
    for turn in range(arguments.runs):
        cats.append(bench.measure(*cat))
        alls.append(bench.measure(*everything))
        collects.append(bench.measure(*collect))
        analyses.append(bench.measure(*analyze))
        if zstd:
            zstds.append(bench.measure(*zstd))
        if smem and turn == 0:  # its time is long, and steady enough
            smems.append(bench.measure(*smem))
    together = peak_of_tree(collect)

    rows = [
        ("collector CPU / cat of the same files", f"{median_ratio(collects, alls, 0):.2f}", "1.15"),
        ("collector wall time / cat of the same files", f"{median_ratio(collects, alls, 1):.2f}",
         "1.00"),
        ("collector CPU / cat of smaps alone", f"{median_ratio(collects, cats, 0):.2f}", "-"),
        ("collector wall time / cat of smaps alone", f"{median_ratio(collects, cats, 1):.2f}", "-"),
        ("collector peak memory, largest process, MiB",
         f"{max(row[2] for row in collects) / 1024:.1f}", "8"),
        ("collector peak memory, all its processes (PSS), MiB", f"{together / 1024:.1f}", "8"),
        ("smem CPU / memtally ps CPU",
         f"{statistics.median(smems[0][0] / max(row[0], 1e-6) for row in analyses):.1f}"
         if smems else "no smem here", "at least 40"),
        ("memtally ps time / zstd -dc of the bundle",
         f"{median_ratio(analyses, zstds, 1):.2f}" if zstds else "no zstd here", "-"),
        ("memtally ps peak memory, MiB", f"{max(row[2] for row in analyses) / 1024:.1f}", "-"),
    ]
    print(f"{len(pids)} processes x {arguments.mappings} mappings, median of {arguments.runs} runs in "
          f"turns, {os.cpu_count()} processors; bundle {os.path.getsize(bundle) / 1048576:.1f} MiB")
    for what, value, target in rows:
        print(f"  {what:<54} {value:>12}   target {target}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=1000)
    parser.add_argument("--mappings", type=int, default=300)
    parser.add_argument("--runs", type=int, default=5)
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


if __name__ == "__main__":
    main()
