#!/usr/bin/env python3
"""A very large machine in little memory: a made-up snapshot, piped into commands whose peak is held.

    scale_test.py [--processes N] [--mappings N] BIN_FOLDER TOOLS_FOLDER

50,000 processes of 300 mappings are to fit into 2 GiB; fewer are allowed their part of it. By
default a tenth is made. Nothing is stored.
"""
import argparse
import os
import subprocess
import sys
import tempfile

FULL_MAPPINGS, FULL_MIB = 15_000_000, 2048
FIXED_MIB = 16  # the program itself, its buffers
COMMANDS = ("ps", "ps --json", "maps", "maps --json", "share", "share --json",
            "share --group program", "share --group tree --json")


def run(arguments, command, scratch):
    """(peak MiB, seconds of CPU, last bytes of the output, rows)"""
    report, output = os.path.join(scratch, "report"), os.path.join(scratch, "output")
    tools = arguments.tools
    make = [os.path.join(tools, "large_snapshot"), str(arguments.processes), str(arguments.mappings)]
    with open(output, "wb") as out, subprocess.Popen(make, stdout=subprocess.PIPE) as maker:
        status = subprocess.run(
            [os.path.join(tools, "measure"), report, os.path.join(arguments.programs, "memtally"),
             *command.split(), "-"], stdin=maker.stdout, stdout=out, timeout=3000,
            check=False).returncode
        maker.stdout.close()
    if status or maker.returncode:
        raise SystemExit(f"{command} ended with {status}, the generator with {maker.returncode}")
    with open(output, "rb") as file:
        rows = sum(1 for _ in file)
        file.seek(max(0, file.tell() - 2))
        end = file.read()
    with open(report, encoding="ascii") as file:
        cpu, _, peak = file.read().split()
    return int(peak) / 1024, float(cpu), end, rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs")
    parser.add_argument("tools")
    parser.add_argument("--processes", type=int, default=5000)
    parser.add_argument("--mappings", type=int, default=300)
    arguments = parser.parse_args()
    share = arguments.processes * arguments.mappings / FULL_MAPPINGS
    limit = min(FULL_MIB, FULL_MIB * share + FIXED_MIB)
    problems = 0
    with tempfile.TemporaryDirectory(prefix="memtally-scale-") as scratch:
        for command in COMMANDS:
            peak, cpu, end, rows = run(arguments, command, scratch)
            print(f"{command:<28} peak {peak:7.0f} MiB of {limit:.0f}, {cpu:6.1f} s of CPU, "
                  f"{rows} lines", flush=True)
            problems += peak > limit or not end.endswith(b"}\n" if "json" in command else b"\n")
            problems += command == "ps" and rows < arguments.processes
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
