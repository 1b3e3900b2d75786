#!/usr/bin/env python3
"""File systems that never answer, fail to write, or must be left as they were found."""
import ctypes
import mmap
import os
import subprocess
import time
import unittest

from support import (COLLECTOR, InFolder, collect, main, make_tree, need, smaps_text,
                     write)

need("zstd")
FUSE_FAULTS = os.environ.get("FUSE_FAULTS", "")
DEADLINE = 0.5
PAGE = os.sysconf("SC_PAGESIZE")


class Faulty(InFolder):
    """The folder `behind`, shown as `shown` with a fault."""

    def show(self, fault, *detail):
        if not FUSE_FAULTS:
            self.skipTest("libfuse3 was not there when this was built")
        try:
            os.close(os.open("/dev/fuse", os.O_RDWR))
        except OSError as error:
            self.skipTest(f"/dev/fuse: {error.strerror}")
        os.makedirs("behind", exist_ok=True)
        os.mkdir("shown")
        server = subprocess.Popen([FUSE_FAULTS, fault, "behind", "shown", *detail],
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(subprocess.run, ["umount", "-l", os.path.abspath("shown")],
                        stderr=subprocess.DEVNULL, check=False)
        self.addCleanup(server.kill)  # the first: whoever waits for it is free then
        end = time.monotonic() + 5
        while not os.path.ismount("shown"):
            if server.poll() is not None or time.monotonic() > end:
                self.skipTest("a FUSE file system cannot be mounted here")
            time.sleep(0.02)


class NeverAnswers(Faulty):
    def test_a_folder_that_cannot_be_listed(self):
        """It costs one deadline, whatever rows of the table lie below it; all else is there."""
        make_tree("behind", processes=3, mappings=50)
        for name in ("alpha", "beta", "zswap"):
            write("behind", f"sys/module/{name}/coresize", "4096\n")
        write("behind", "sys/module/zswap/parameters/enabled", "Y\n")
        write("behind", "sys/kernel/mm/ksm/run", "0\n")
        self.show("list", "/sys/module")
        began = time.monotonic()
        bundle = self.collected("--proc-root", "shown", "--read-timeout", str(DEADLINE), "--urgent")
        self.assertLess(time.monotonic() - began, 2 * DEADLINE + 4)
        self.assertIn(bundle.outcome("sys/module/"), ("timed_out", "abandoned"))
        self.assertEqual(bundle.outcome("sys/module/*/coresize"), "timed_out")
        self.assertEqual(bundle.outcome("sys/module/zswap/parameters/*"), "timed_out")
        notes = [note for note in bundle.notes if note.startswith("sys/module/: no progress for 500 ms")]
        self.assertEqual(len(notes), 1, bundle.notes)
        self.assertRegex(notes[0], r"; its reader was in state [DS]")
        self.assertEqual(bundle.bytes["sys/kernel/mm/ksm/run"], b"0\n")
        for pid in (1, 2, 3):
            self.assertEqual(bundle.bytes[f"proc/{pid}/smaps"], smaps_text(50, pid).encode())

    def test_a_folder_that_can_be_listed(self):
        """The same through a file system without a fault: it is the fault that is seen above."""
        make_tree("behind")
        write("behind", "sys/module/alpha/coresize", "4096\n")
        self.show("list", "/none")
        bundle = self.collected("--proc-root", "shown")
        self.assertEqual(bundle.bytes["sys/module/alpha/coresize"], b"4096\n")
        self.assertEqual(bundle.notes, [])

    def test_a_file_that_cannot_be_found(self):
        make_tree("behind")
        write("behind", "sys/kernel/mm/ksm/run", "0\n")
        write("behind", "sys/kernel/mm/ksm/sleep", "1\n")
        self.show("lookup", "/sys/kernel/mm/ksm/run")
        write("behind", "hang", "")
        bundle = self.collected("--proc-root", "shown", "--read-timeout", str(DEADLINE))
        self.assertEqual(bundle.end["processes"], 3)
        self.assertEqual([note for note in bundle.notes if "no progress" not in note], [])
        self.assertIn("sys/kernel/mm/ksm", bundle.notes[0])

    def test_files_of_a_thousand_folders_that_do_not_answer(self):
        """Some are waited for, the others of that row are then left; all else is there."""
        make_tree("behind", processes=3, mappings=50)
        for number in range(40):
            write("behind", f"sys/module/m{number:02d}/coresize", "4096\n")
        write("behind", "sys/kernel/mm/ksm/run", "0\n")
        self.show("silent", "coresize")
        began = time.monotonic()
        bundle = self.collected("--proc-root", "shown", "--read-timeout", str(DEADLINE), "--urgent")
        self.assertLess(time.monotonic() - began, 4 * DEADLINE + 6)
        late = [path for path in bundle.members if path.endswith("/coresize")]
        self.assertEqual(len(late), 40)
        self.assertEqual({bundle.outcome(path) for path in late} - {"abandoned"}, {"timed_out"})
        self.assertEqual(len([note for note in bundle.notes if "no progress" in note]), 3)
        self.assertEqual(bundle.bytes["sys/kernel/mm/ksm/run"], b"0\n")
        self.assertEqual(bundle.outcome("proc/3/smaps"), "read")

    def test_what_was_read_before_is_kept(self):
        """As it is; or, redacted, as far as its last whole line."""
        make_tree("behind", processes=2, mappings=0)
        text = smaps_text(200, 1)
        write("behind", "proc/1/smaps", text)
        cut = text.index("/usr/lib/lib49.so", 60000) + 12  # within "lib49"
        self.show("read", str(cut))
        arguments = ("--proc-root", "shown", "--read-timeout", str(DEADLINE))
        bundle = self.collected(*arguments)
        self.assertIn(bundle.outcome("proc/1/smaps"), ("timed_out", "abandoned"))
        self.assertEqual(bundle.bytes["proc/1/smaps"].decode(), text[:cut])
        bundle = self.collected(*arguments, "--redact=paths")
        self.assertIn(bundle.outcome("proc/1/smaps"), ("timed_out", "abandoned"))
        kept = bundle.bytes["proc/1/smaps"].decode()
        self.assertEqual(kept, text[:text.rindex("\n", 0, cut) + 1])
        self.assertEqual(bundle.members["proc/1/smaps"]["bytes"], len(kept))
        self.assertEqual(bundle.outcome("proc/2/smaps_rollup"), "read")

    @unittest.skipUnless(os.geteuid() == 0, "only root mounts a tmpfs")
    def test_a_tmpfs_that_cannot_be_reached(self):
        """Its mount point lies in a folder that does not answer."""
        os.makedirs("behind/way/point")
        self.show("lookup", "/way")
        point = os.path.abspath("shown/way/point")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", point],
                          stderr=subprocess.DEVNULL, check=False).returncode:
            self.skipTest("mounting is refused here")
        try:
            write("behind", "hang", "")
            began = time.monotonic()
            bundle = self.collected("--read-timeout", str(DEADLINE), "--urgent")
            took = time.monotonic() - began
        finally:
            os.remove("behind/hang")
        self.assertLess(took, DEADLINE + 10)
        lines = bundle.bytes["derived/statfs"].decode().splitlines()
        self.assertEqual([line.split(" errno ")[1].split(" ")[0] for line in lines
                          if line.endswith("/shown/way/point")], ["110"])
        self.assertTrue([line for line in lines if " blocks " in line], lines)
        self.assertEqual(bundle.outcome("derived/statfs"), "read")


class FailsToWrite(Faulty):
    def fails(self, words):
        make_tree("tree", processes=20, mappings=300)
        for target in ("shown/x.tar.zst", "shown/old.tar.zst"):
            before = sorted(os.listdir("behind"))
            finished = collect("--proc-root", "tree", "-o", target)
            self.assertEqual(finished.returncode, 3, finished.stderr)
            self.assertIn(words, finished.stderr)
            self.assertEqual(finished.stderr.count(b"\n"), 1, finished.stderr)
            self.assertEqual(sorted(os.listdir("behind")), before)
        with open("behind/old.tar.zst", encoding="ascii") as file:
            self.assertEqual(file.read(), "old")

    def test_while_it_is_written(self):
        for number, most in enumerate(("0", "20000")):
            with self.subTest(most):
                os.makedirs(str(number))
                os.chdir(str(number))
                write(".", "behind/old.tar.zst", "old")
                self.show("write", most)
                self.fails(b"Input/output error")
                os.chdir("..")

    def test_at_the_end(self):
        write(".", "behind/old.tar.zst", "old")
        self.show("fsync")
        self.fails(b"to disk: Input/output error")


class PageCache(InFolder):
    def resident(self, path):
        libc = ctypes.CDLL(None, use_errno=True)
        with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapping:
            pages = (len(mapping) + PAGE - 1) // PAGE
            states = (ctypes.c_ubyte * pages)()
            start = ctypes.addressof(ctypes.c_char.from_buffer(mapping))
            failed = libc.mincore(ctypes.c_void_p(start), ctypes.c_size_t(len(mapping)), states)
        self.assertEqual(failed, 0)
        return sum(state & 1 for state in states), pages

    def test_the_bundle_does_not_stay_in_it(self):
        make_tree("tree", processes=2, mappings=10)
        write("tree", "proc/vmallocinfo", b"\n".join(os.urandom(48).hex().encode() for _ in range(1 << 19)))
        write(".", "plain", os.urandom(1 << 20))
        with open("plain", "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        if self.resident("plain")[0]:
            self.skipTest("this file system keeps its pages in memory")
        self.succeed("--proc-root", "tree", "-o", "x.tar.zst")  # reading it would bring it back
        resident, pages = self.resident("x.tar.zst")
        print(f"{resident} of {pages} pages are resident")
        self.assertGreater(pages, 2048)
        self.assertLess(resident, pages / 100)


main()
