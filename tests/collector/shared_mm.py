#!/usr/bin/env python3
"""derived/shared_mm: who shares an address space is found, and a fork is not taken for it."""
import ctypes
import mmap
import os
import signal
import subprocess

from support import InFolder, main, need, skip

need("zstd")
CLONE_VM = 0x100
STACK_BYTES = 64 * 1024
MEMTALLY = os.environ.get("MEMTALLY", "memtally")


class SharedAddressSpace(InFolder):
    def setUp(self):
        """Two children that wait: one in our own memory, one in a copy of it."""
        super().setUp()
        libc = ctypes.CDLL(None, use_errno=True)
        self.stack = mmap.mmap(-1, STACK_BYTES)
        top = ctypes.addressof(ctypes.c_char.from_buffer(self.stack)) + STACK_BYTES
        self.brother = libc.clone(libc.pause, ctypes.c_void_p(top), CLONE_VM | signal.SIGCHLD, None)
        if self.brother < 0:
            self.skipTest("clone(2) is refused here")
        self.addCleanup(self.end, self.brother)
        self.copy = os.fork()
        if self.copy == 0:
            libc.prctl(1, signal.SIGKILL)
            libc.pause()
            os._exit(0)
        self.addCleanup(self.end, self.copy)

    @staticmethod
    def end(pid):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def test_it_is_told(self):
        bundle = self.collected()
        if bundle.outcome("derived/shared_mm") != "read":
            skip(f"kcmp(2): {bundle.outcome('derived/shared_mm')}")
        lines = [line.split(" ") for line in bundle.lines("derived/shared_mm")]
        shared = {int(words[2]): int(words[4]) for words in lines if words[:2] == ["shared", "pid"]}
        self.assertEqual(shared.get(self.brother), os.getpid())
        self.assertNotIn(os.getpid(), shared)
        self.assertNotIn(self.copy, shared)
        self.assertEqual(lines[-1][:2], ["compared", "processes"])
        self.assertGreaterEqual(int(lines[-1][2]), 2)
        told = subprocess.run([MEMTALLY, "ps", "x.tar.zst"], stdout=subprocess.PIPE, text=True,
                              check=False).stdout
        self.assertIn(f"PID {self.brother} shares the address space of PID {os.getpid()}", told)
        self.assertNotIn(f"PID {self.copy} shares", told)

    def test_not_of_a_copy_of_proc(self):
        os.makedirs("tree/proc/1")
        with open("tree/proc/meminfo", "w", encoding="ascii") as file:
            file.write("MemTotal: 1 kB\n")
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.outcome("derived/shared_mm"), "skipped")


main()
