#!/usr/bin/env python3
"""A process maps four pages, reads them, writes them: each diff says exactly this.

    textbook_test.py textbook BIN_FOLDER STEPPER

Mapped: a new mapping without a page. Read: a minor fault a page, and still none resident, for all
four are the kernel's page of zeros. Written: four pages resident, private and dirty. Needs no root.
"""
import subprocess

import machine
from machine import expect

PAGES = 4


class Stepper:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.page_bytes = int(self.process.stdout.readline().split()[1])
        self.step()  # the first answer to a line needs pages of its own

    def step(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


def change_of(memtally, before, after, pid):
    changes = memtally.json("diff", before, after, "--pid", str(pid))["processes"]
    expect([change["status"] for change in changes] == ["same"],
           f"the process: {[change['status'] for change in changes]}")
    return changes[0]


def check(what, change, faults, mappings, size):
    """`mappings`: status, size, RSS and private dirty of each. Other processes may move the PSS of
    libraries, which is noise."""
    changed = [one for one in change["mappings"] if one["beyond_noise"]]
    seen = [(one["status"], one["size_change_bytes"], one["rss_change_bytes"],
             one["private_dirty_change_bytes"]) for one in changed]
    print(f"{what}: {change['minor_faults_change']} minor faults, RSS "
          f"{change['rss_change_bytes']:+d}, mappings {seen}")
    expect(change["minor_faults_change"] == faults,
           f"{what}: {change['minor_faults_change']} minor faults instead of {faults}")
    expect(change["major_faults_change"] == 0, f"{what}: major faults")
    expect(change["rss_change_bytes"] == sum(one[2] for one in mappings),
           f"{what}: RSS changed by {change['rss_change_bytes']}")
    expect(seen == mappings, f"{what}: mappings {seen} instead of {mappings}")
    expect(change["beyond_noise"] == bool(mappings), f"{what}: beyond noise is wrong")
    for one in changed:
        expect(one["after"]["size_bytes"] == size, f"{what}: {one['after']['size_bytes']} bytes")


def textbook(memtally, program, name):
    del name
    stepper = Stepper(program)
    pid, size = stepper.process.pid, PAGES * stepper.page_bytes
    try:
        bundles = [memtally.snapshot()]
        address = stepper.step()[1]
        bundles.append(memtally.snapshot())
        stepper.step()
        bundles.append(memtally.snapshot())
        stepper.step()
        bundles.append(memtally.snapshot())
    finally:
        stepper.end()
    mapped, read, written = (change_of(memtally, before, after, pid)
                             for before, after in zip(bundles, bundles[1:]))
    check("mapped", mapped, 0, [("new", size, 0, 0)], size)
    expect(address in [one["start"] for one in mapped["mappings"]], "another address")
    check("read", read, PAGES, [], size)
    check("written", written, PAGES, [("same", 0, size, size)], size)


if __name__ == "__main__":
    machine.main(textbook, __doc__, ["textbook"])
