#!/usr/bin/env python3
"""Memory stays bounded whatever is read."""
import os
import subprocess
import unittest

from support import (COLLECTOR, HAS_SANITIZERS, InFolder, main, make_process, make_processes_like,
                     make_tree, smaps_text)

MOST_KIB = 5 * 1024
PEAK = os.environ["PEAK"]


def peak_kib(*arguments):
    """The largest resident size of one run, and its status. A helper measures: the kernel
    counts what a process held before exec, and Python holds more than the collector."""
    words = subprocess.run([PEAK, COLLECTOR, *arguments], stdout=subprocess.PIPE, text=True,
                           check=True).stdout.split()
    return int(words[0]), int(words[1])


@unittest.skipIf(HAS_SANITIZERS, "sanitizers keep shadow memory")
class Memory(InFolder):
    def bounded(self):
        peak, status = peak_kib("--proc-root", "tree", "-o", "x.tar.zst")
        self.assertEqual(status, 0)
        print(f"peak {peak} KiB")
        self.assertLessEqual(peak, MOST_KIB)

    def test_1000_processes(self):
        make_tree("tree", processes=0)
        make_process("tree", 1, smaps_text(300))
        make_processes_like("tree", 1, range(2, 1001))
        self.bounded()

    def test_65000_mappings(self):
        make_tree("tree", processes=0)
        make_process("tree", 1, smaps_text(65000))
        self.bounded()

    def test_10000_small_processes(self):
        make_tree("tree", processes=0)
        make_process("tree", 1, smaps_text(1))
        make_processes_like("tree", 1, range(2, 10001))
        self.bounded()


main()
