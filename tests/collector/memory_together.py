#!/usr/bin/env python3
"""Memory of all the collector's processes together, each shared page once: it stays bounded
whatever the machine holds."""
import ctypes
import os
import re
import subprocess
import sys
import time
import unittest

from support import (COLLECTOR, HAS_SANITIZERS, InFolder, family, main, make_tree, need, smaps_text,
                     write)

need("zstd")
MANY_PROCESSES = os.environ.get("MANY_PROCESSES")
MOST_KIB = 8 * 1024
MANY_MAPPINGS = 1000000
LARGE_BYTES = 64 * 1024 * 1024
PROCESS_KIB = 200  # what the kernel needs for a small one, rounded up
LONG_NAME_BYTES = 3900
LONG_NAME_MAPPINGS = 2000
IS_ROOT = os.geteuid() == 0

# Maps the file again and again, says so, and waits.
MAPPER = """
import mmap, sys
with open(sys.argv[1], "rb") as file:
    kept = [mmap.mmap(file.fileno(), 1, prot=mmap.PROT_READ) for _ in range(int(sys.argv[2]))]
print("ready", flush=True)
sys.stdin.read()
"""


def pss_kib(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except OSError:
        return 0


def readers_of(pid):
    """Children are there from the start: asked for anew only while there are none."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return family(pid)[1:]


def available_kib():
    with open("/proc/meminfo", encoding="ascii") as file:
        return next((int(line.split()[1]) for line in file if line.startswith("MemAvailable:")), 0)


@unittest.skipIf(HAS_SANITIZERS, "sanitizers keep shadow memory")
class Together(InFolder):
    def peak_of(self, *arguments):
        """Urgent, so that a busy machine does not make it last for minutes."""
        peak, readers = 0, []
        with subprocess.Popen([COLLECTOR, "--urgent", "-o", "x.tar.zst", *arguments],
                              stdout=subprocess.PIPE, text=True) as child:
            while child.poll() is None:
                readers = readers or readers_of(child.pid)
                peak = max(peak, sum(map(pss_kib, [child.pid, *readers])))
                time.sleep(0.005)
            self.assertEqual(child.returncode, 0)
            self.words = child.stdout.read()
        print(f"{self._testMethodName}: peak of all processes together {peak} KiB")
        self.assertGreater(peak, 0, "it was never seen running")
        return peak

    def test_all_readers_together(self):
        make_tree("tree", processes=60, mappings=0)
        for pid in range(1, 61):
            write("tree", f"proc/{pid}/smaps", smaps_text(4000))
        for count in ("1", "8"):
            self.assertLessEqual(self.peak_of("--proc-root", "tree", "--readers", count), MOST_KIB)

    @unittest.skipUnless(IS_ROOT, "only root raises vm.max_map_count")
    def test_a_million_mappings(self):
        setting = "/proc/sys/vm/max_map_count"
        with open(setting, encoding="ascii") as file:
            before = file.read()
        try:
            with open(setting, "w", encoding="ascii") as file:
                file.write(str(MANY_MAPPINGS + 70000))
        except OSError as error:
            self.skipTest(f"vm.max_map_count: {error.strerror}")
        ready, owner = os.pipe()
        child = os.fork()
        if child == 0:
            ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG
            os.write(owner, b"y" if self.map_many() else b"n")
            time.sleep(600)
            os._exit(0)
        try:
            if os.read(ready, 1) != b"y":
                self.skipTest("there is no memory for a million mappings")
            self.assertLessEqual(self.peak_of("--read-timeout", "10", "--pages"), MOST_KIB)
            mappings = re.search(r"([\d,]+) mappings", self.words).group(1).replace(",", "")
            self.assertGreater(int(mappings), MANY_MAPPINGS, self.words)
            self.assertNotIn("timed_out", self.words)
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)
            os.close(ready)
            os.close(owner)
            with open(setting, "w", encoding="ascii") as file:
                file.write(before)

    @staticmethod
    def map_many():
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int,
                              ctypes.c_int, ctypes.c_long]
        libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        page = os.sysconf("SC_PAGESIZE")
        start = libc.mmap(None, MANY_MAPPINGS * page, 0, 0x4022, -1, 0)  # private, no reserve
        if start in (None, ctypes.c_void_p(-1).value):
            return False
        return all(libc.mprotect(start + index * page, page, 1) == 0
                   for index in range(1, MANY_MAPPINGS, 2))

    def test_ten_thousand_processes(self):
        if not MANY_PROCESSES:
            self.skipTest("many_processes was not built")
        for count in (10000, 3000, 1000):
            if available_kib() < count * PROCESS_KIB:
                continue
            with subprocess.Popen([MANY_PROCESSES, str(count), "1"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  text=True) as processes:
                try:
                    if "ready\n" in iter(processes.stdout.readline, ""):
                        self.assertLessEqual(self.peak_of(), MOST_KIB)
                        seen = re.search(r"([\d,]+) processes", self.words).group(1)
                        self.assertGreaterEqual(int(seen.replace(",", "")), count, self.words)
                        return
                finally:
                    processes.stdin.close()
        self.skipTest("no memory, or a limit on processes, for a thousand of them")

    def test_long_names(self):
        path = os.path.join(self.folder, "")
        while len(path) < LONG_NAME_BYTES:
            path += "n" * min(200, LONG_NAME_BYTES - len(path)) + "/"
        os.makedirs(path)
        path += "file"
        write("/", path, "x")
        with subprocess.Popen([sys.executable, "-c", MAPPER, path, str(LONG_NAME_MAPPINGS)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as mapper:
            try:
                self.assertEqual(mapper.stdout.readline(), b"ready\n")
                for redact in ((), ("--redact=all",)):
                    self.assertLessEqual(self.peak_of(*redact), MOST_KIB)
                    smaps = self.bundle("x.tar.zst").bytes[f"proc/{mapper.pid}/smaps"]
                    self.assertEqual(smaps.count(path.encode()), 0 if redact else LONG_NAME_MAPPINGS)
                    self.assertGreaterEqual(smaps.count(b"Rss:"), LONG_NAME_MAPPINGS)
            finally:
                mapper.stdin.close()

    def test_large_system_files(self):
        make_tree("tree")
        lines = {"slabinfo": "kmalloc-{0}  {0} {0} 64 64 1 : tunables 0 0 0 : slabdata {0} {0} 0\n",
                 "vmallocinfo": "0xffffc900{0:08x}-0xffffc901{0:08x}    8192 load_module+0x{0:x}/0x9 "
                                "[module{0}] pages=1 vmalloc N0=1\n"}
        for name, line in lines.items():
            text = "".join(line.format(number) for number in range(20000))
            write("tree", f"proc/{name}", text * (LARGE_BYTES // len(text) + 1))
        for redact in ((), ("--redact=all",)):
            self.assertLessEqual(self.peak_of("--proc-root", "tree", *redact), MOST_KIB)
            bundle = self.bundle("x.tar.zst")
            for name in lines:
                self.assertEqual(bundle.outcome(f"proc/{name}"), "read")
                self.assertGreaterEqual(len(bundle.bytes[f"proc/{name}"]), LARGE_BYTES // 2)


main()
