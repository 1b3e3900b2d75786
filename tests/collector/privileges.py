#!/usr/bin/env python3
"""Without root: refused is told from absent, and the rest is there."""
import os
import unittest

from support import COLLECTOR, InFolder, collect, main, need

need("zstd")
NOBODY = 65534


@unittest.skipUnless(os.geteuid() == 0, "only root can become nobody")
class Nobody(InFolder):
    def test_refused_is_not_absent(self):
        os.chmod(self.folder, 0o777)
        # A program in a folder that nobody may enter cannot be started by nobody.
        with open(COLLECTOR, "rb") as program, open("collector", "wb") as copy:
            copy.write(program.read())
        os.chmod("collector", 0o755)

        def become_nobody():
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        import support
        before, support.COLLECTOR = support.COLLECTOR, os.path.abspath("collector")
        try:
            finished = collect("-o", "x.tar.zst", preexec_fn=become_nobody)
        finally:
            support.COLLECTOR = before
        self.assertEqual(finished.returncode, 0, finished.stderr)
        self.assertIn(b"refused", finished.stdout)
        bundle = self.bundle("x.tar.zst")
        self.assertEqual(int(bundle.manifest["uid"]), NOBODY)
        self.assertEqual(bundle.outcome("proc/1/smaps"), "refused")
        self.assertEqual(bundle.processes[1]["outcome"], "refused")
        self.assertEqual(bundle.outcome("proc/1/statm"), "read")
        self.assertEqual(bundle.outcome("proc/sys/vm/stat_refresh"), "skipped")
        self.assertEqual(bundle.outcome("proc/meminfo"), "read")


main()
