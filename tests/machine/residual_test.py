#!/usr/bin/env python3
"""The residual of this machine: small, and it stands still whatever others do.

    residual_test.py NAME BIN_FOLDER TAKES

`small`: it is at most 0.2 % of MemTotal. `steady`: it moves by less than 0.05 % of MemTotal
between snapshots, before, while and after another process takes and gives back 1 GiB again and
again. Both shares have a floor for small machines: what a kernel takes at boot and what CPUs keep
apart does not shrink with them. Status 77 (skipped): no root, or a driver is loaded whose pages
no counter knows.
"""
import machine
from machine import MIB, Skip, expect, taken

SMALL_SHARE, SMALL_FLOOR = 0.002, 16 * MIB
STEADY_SHARE, STEADY_FLOOR = 0.0005, 4 * MIB
DURING = 4  # snapshots while memory comes and goes
ATTEMPTS = 2  # a thousand new processes meanwhile take what no counter knows, too


def residual_of(memtally):
    ledger = memtally.json("ledger", memtally.snapshot())
    return ledger, ledger["residual"]["bytes"]


def small(memtally, program):
    del program
    machine.settle()
    ledger, residual = residual_of(memtally)
    total = ledger["mem_total_bytes"]
    most = max(SMALL_SHARE * total, SMALL_FLOOR)
    print(f"residual {residual / MIB:.2f} MiB, {residual / total:.4%} of MemTotal; "
          f"at most {most / MIB:.2f} MiB")
    if abs(residual) > most:
        modules = [item["id"] for item in ledger["suspects"] if item["id"].startswith("module.")]
        if modules:
            raise Skip(f"drivers here take pages that no counter knows: {modules}")
    expect(abs(residual) <= most, f"the residual is {residual} bytes")


def spread(memtally, program, size):
    machine.settle()
    ledger, first = residual_of(memtally)
    figures = [first]
    with taken(program, "churn", size, "/"):
        figures += [residual_of(memtally)[1] for _ in range(DURING)]
    machine.settle()
    figures.append(residual_of(memtally)[1])
    total = ledger["mem_total_bytes"]
    moved = max(figures) - min(figures)
    most = max(STEADY_SHARE * total, STEADY_FLOOR)
    print(f"residual {', '.join(f'{figure / MIB:.2f}' for figure in figures)} MiB; spread "
          f"{moved / MIB:.2f} MiB, {moved / total:.4%} of MemTotal; less than {most / MIB:.2f} MiB")
    return moved < most


def steady(memtally, program):
    size = min(1024 * MIB, machine.meminfo_bytes("MemAvailable") // 4 & -(4 * MIB))
    expect(any(spread(memtally, program, size) for _ in range(ATTEMPTS)),
           f"the residual moved while {size / MIB:.0f} MiB came and went")


TESTS = {"small": small, "steady": steady}


def run(memtally, program, name):
    machine.need_root()
    TESTS[name](memtally, program)


if __name__ == "__main__":
    machine.main(run, __doc__, TESTS)
