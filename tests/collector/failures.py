#!/usr/bin/env python3
"""Where the bundle cannot be written: words, status 3, and nothing left behind."""
import os
import resource
import subprocess
import unittest

from support import COLLECTOR, HAS_SANITIZERS, InFolder, collect, main, make_tree, smaps_text, write


class Failures(InFolder):
    def setUp(self):
        super().setUp()
        make_tree("tree", processes=40, mappings=300)
        os.mkdir("target")

    def fails(self, words, *arguments, **options):
        finished = collect("--proc-root", "tree", *arguments, **options)
        self.assertEqual(finished.returncode, 3, finished.stderr)
        self.assertIn(words, finished.stderr)
        self.assertEqual(finished.stderr.count(b"\n"), 1, finished.stderr)
        self.assertEqual(os.listdir("target"), [])

    def test_file_size_limit(self):
        for most in (0, 1, 1000, 20000):
            def limit(most=most):
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            self.fails(b"File too large", "-o", "target/x.tar.zst", preexec_fn=limit)

    def test_an_existing_file_survives_a_failure(self):
        os.mkdir("other")
        with open("other/x.tar.zst", "w", encoding="ascii") as file:
            file.write("old")

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        finished = collect("--proc-root", "tree", "-o", "other/x.tar.zst", preexec_fn=limit)
        self.assertEqual(finished.returncode, 3)
        self.assertEqual(os.listdir("other"), ["x.tar.zst"])
        with open("other/x.tar.zst", encoding="ascii") as file:
            self.assertEqual(file.read(), "old")

    @unittest.skipUnless(os.geteuid() == 0, "only root mounts a small tmpfs")
    def test_full_disk(self):
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "target"],
                                 stderr=subprocess.PIPE, check=False)
        if mounted.returncode:
            self.skipTest("mounting is refused here")
        try:
            self.fails(b"No space left on device", "-o", "target/x.tar.zst")
        finally:
            subprocess.run(["umount", "target"], check=True)

    @unittest.skipIf(os.geteuid() == 0, "root writes everywhere")
    def test_unwritable_folder(self):
        os.chmod("target", 0o555)
        self.fails(b"Permission denied", "-o", "target/x.tar.zst")

    def test_a_pipe_that_is_closed(self):
        write("tree", "proc/slabinfo", os.urandom(1 << 18))
        with subprocess.Popen([COLLECTOR, "--proc-root", "tree", "-o", "-"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            child.stdout.close()
            words = child.stderr.read()
            self.assertEqual(child.wait(), 3)
            self.assertIn(b"standard output: Broken pipe", words)

    def test_full_device(self):
        with open("/dev/full", "wb") as full:
            finished = collect("--proc-root", "tree", "-o", "-", stdout=full)
        self.assertEqual(finished.returncode, 3)
        self.assertIn(b"No space left on device", finished.stderr)

    def test_closed_standard_streams(self):
        for closed in (">&-", "2>&-", ">&- 2>&-", "<&-"):
            status = subprocess.run(["sh", "-c", f'"$1" -q --proc-root tree -o x.tar.zst {closed}',
                                     "sh", COLLECTOR], check=False).returncode
            self.assertEqual(status, 0, closed)
            with open("x.tar.zst", "rb") as file:
                self.assertEqual(file.read(4), b"\x28\xb5\x2f\xfd", closed)
        status = subprocess.run(["sh", "-c", '"$1" -q --proc-root tree -o - >&-', "sh", COLLECTOR],
                                stderr=subprocess.DEVNULL, check=False).returncode
        self.assertEqual(status, 3)

    @unittest.skipIf(HAS_SANITIZERS, "sanitizers need address space")
    def test_short_of_memory(self):
        """Whatever the limit, it works or it says so, and leaves nothing half done."""
        write("tree", "proc/5/smaps", smaps_text(2000))
        for most in range(1 << 20, 8 << 20, 1 << 18):
            def limit(most=most):
                resource.setrlimit(resource.RLIMIT_DATA, (most, most))
            finished = collect("--proc-root", "tree", "-q", "-o", "target/x.tar.zst",
                               preexec_fn=limit)
            if finished.returncode == 0:
                os.remove("target/x.tar.zst")
            else:
                self.assertEqual(finished.returncode, 3, finished.stderr)
                self.assertIn(b"emory", finished.stderr)
            self.assertEqual(os.listdir("target"), [])


main()
