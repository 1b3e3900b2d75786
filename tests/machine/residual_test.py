#!/usr/bin/env python3
"""The residual of this machine is small.

    residual_test.py NAME BIN_FOLDER TAKES

`small`: it is at most 0.2 % of MemTotal, with a floor for small machines: what a kernel takes at
boot does not shrink with them. Status 77 (skipped): no root, or a driver is loaded whose pages no
counter knows.
"""
import machine
from machine import MIB, Skip, expect

SMALL_SHARE, SMALL_FLOOR = 0.002, 16 * MIB


def small(memtally, program):
    del program
    machine.settle()
    ledger = memtally.json("ledger", memtally.snapshot())
    residual, total = ledger["residual"]["bytes"], ledger["mem_total_bytes"]
    most = max(SMALL_SHARE * total, SMALL_FLOOR)
    print(f"residual {residual / MIB:.2f} MiB, {residual / total:.4%} of MemTotal; "
          f"at most {most / MIB:.2f} MiB")
    if abs(residual) > most:
        modules = [item["id"] for item in ledger["suspects"] if item["id"].startswith("module.")]
        if modules:
            raise Skip(f"drivers here take pages that no counter knows: {modules}")
    expect(abs(residual) <= most, f"the residual is {residual} bytes")


TESTS = {"small": small}


def run(memtally, program, name):
    machine.need_root()
    TESTS[name](memtally, program)


if __name__ == "__main__":
    machine.main(run, __doc__, TESTS)
