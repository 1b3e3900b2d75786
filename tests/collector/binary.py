#!/usr/bin/env python3
"""The program as a file: static, small, and without what it may not use."""
import os
import subprocess
import unittest

from support import COLLECTOR, IS_RELEASE, IS_STATIC, main, need

MOST_BYTES = 1536 * 1024

need("file")


class Binary(unittest.TestCase):
    @unittest.skipUnless(IS_STATIC, "not a static build")
    def test_it_is_static(self):
        words = subprocess.run(["file", "-L", COLLECTOR], stdout=subprocess.PIPE, text=True,
                               check=True).stdout
        self.assertIn("statically linked", words)

    @unittest.skipUnless(IS_STATIC and IS_RELEASE, "not a static release build")
    def test_it_is_small(self):
        self.assertLessEqual(os.path.getsize(COLLECTOR), MOST_BYTES)

    @unittest.skipUnless(IS_STATIC, "not a static build")
    def test_it_needs_nothing_at_run_time(self):
        """In an empty root there is no library, no locale and no /proc: words, not a crash."""
        finished = subprocess.run([COLLECTOR, "--version"], env={"LC_ALL": "de_DE.UTF-8"},
                                  stdout=subprocess.PIPE, text=True, check=True)
        self.assertRegex(finished.stdout, r"^memtally-collect \d+\.\d+\.\d+\n$")


main()
