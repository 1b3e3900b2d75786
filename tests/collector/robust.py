#!/usr/bin/env python3
"""Restraint, and what a rough machine does to a run."""
import ctypes
import os
import random
import re
import subprocess
import sys
import time
import unittest

from support import (COLLECTOR, HAS_SANITIZERS, InFolder, collect, main, make_tree, need,
                     smaps_text, write)

need("zstd")
MEMTALLY = os.path.join(os.path.dirname(COLLECTOR), "memtally")
MOST_KIB = 8 * 1024
AT_ONCE = 20
TAKEN_OVER = 2000
KILLED_AT = 200
SHORT_LIVES = 5000
MANY_MAPPINGS = 1000000
CGROUP_BYTES = 16 * 1024 * 1024
# linux/ioprio.h: class above the level, which --urgent sets to the highest.
IO_IDLE, IO_BEST_EFFORT = 3 << 13, 2 << 13
IOPRIO_GET = {"x86_64": 252, "aarch64": 31, "riscv64": 31, "i686": 290, "ppc64le": 274,
              "s390x": 283, "armv7l": 315}.get(os.uname().machine)
IS_ROOT = os.geteuid() == 0


# Lives that take over the PIDs of those before them, each with a mapping and a name of its number.
# None is over within a tick of the start time, by which the kernel tells two of one PID apart.
REUSE = f"""
import ctypes, mmap, os, subprocess, sys, time
def live(number):
    descriptor = os.memfd_create(f"life-{{number}}")
    os.ftruncate(descriptor, 4096)
    memory = mmap.mmap(descriptor, 4096)
    ctypes.CDLL(None).prctl(15, f"n{{number}}".encode())
    time.sleep(0.02 + number % 5 / 100 + (number % 20 == 0))
    os._exit(0)
def churn():
    for number in range({TAKEN_OVER}):
        if number % {AT_ONCE} == 0:
            with open("/proc/sys/kernel/ns_last_pid", "w") as file:
                file.write("1000")
        if os.fork() == 0:
            live(number)
        if number >= {AT_ONCE}:
            os.wait()
churner = os.fork()
if churner == 0:
    churn()
    os._exit(0)
run = 0
while os.waitpid(churner, os.WNOHANG)[0] == 0:
    subprocess.run([sys.argv[1], "-q", "-o", f"{{run}}.tar.zst"], check=True)
    run += 1
"""


def family(root):
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
            except OSError:
                continue
    return [root] + [pid for pid, parent in parents.items() if parent == root]


def pss_kib(pids):
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            continue
    return total


class Restraint(InFolder):
    def test_the_budget_gives_up_detail_for_the_survey(self):
        make_tree("tree", processes=30, mappings=100)
        bundle = self.collected("--proc-root", "tree", "--budget", "0.000001")
        for pid in range(1, 31):
            self.assertEqual(bundle.outcome(f"proc/{pid}/smaps_rollup"), "read")
            self.assertEqual(bundle.outcome(f"proc/{pid}/smaps"), "skipped")
            self.assertEqual(bundle.processes[pid]["outcome"], "skipped")
        self.assertTrue([note for note in bundle.notes if note.startswith("the budget of 0 ms")])
        self.assertEqual(self.collected("--proc-root", "tree", "--budget", "60").outcome("proc/1/smaps"),
                         "read")

    def test_gentle_says_what_it_cost(self):
        make_tree("tree", processes=3, mappings=2000)
        bundle = self.collected("--proc-root", "tree", "--gentle=10")
        self.assertEqual(bundle.end["mappings"], 6000)
        self.assertTrue([note for note in bundle.notes if note.startswith("gentle: readers paused ")])
        self.assertEqual(self.collected("--proc-root", "tree").notes, [])

    def test_priority(self):
        """Of the program and all of its readers: nice value, and class and level of the disk."""
        make_tree("tree", processes=40, mappings=3000)
        libc = ctypes.CDLL(None, use_errno=True)
        for options, nice, disk in (([], 19, IO_IDLE),
                                    (["--urgent"], -10 if IS_ROOT else 0, IO_BEST_EFFORT)):
            with subprocess.Popen([COLLECTOR, "-q", "--proc-root", "tree", "-o", "-", *options],
                                  stdout=subprocess.PIPE) as child:
                child.stdout.read(1)
                members = family(child.pid)
                self.assertGreater(len(members), 1)
                for pid in members:
                    self.assertEqual(os.getpriority(os.PRIO_PROCESS, pid), nice)
                    if IOPRIO_GET:
                        self.assertEqual(libc.syscall(IOPRIO_GET, 1, pid), disk)
                child.stdout.read()

    @unittest.skipUnless(IS_ROOT, "only root mounts a small tmpfs")
    def test_a_target_that_is_memory_or_too_small(self):
        make_tree("tree", processes=200, mappings=1)
        os.mkdir("target")
        for size, status, words in (("64k", 3, b"No space left on device: "), ("64m", 0, b"warning: ")):
            if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", "target"],
                              stderr=subprocess.PIPE, check=False).returncode:
                self.skipTest("mounting is refused here")
            try:
                finished = self.succeed("--proc-root", "tree", "-o", "target/x.tar.zst", status=status)
                self.assertIn(words, finished.stderr)
                self.assertEqual(os.listdir("target"), ["x.tar.zst"] if status == 0 else [])
            finally:
                subprocess.run(["umount", "target"], check=True)

    def test_a_link_in_place_of_the_target_is_not_followed(self):
        make_tree("tree")
        write(".", "precious", "precious")
        os.symlink("precious", "x.tar.zst")
        finished = collect("--proc-root", "tree", "-o", "x.tar.zst")
        self.assertEqual(finished.returncode, 2, finished.stderr)
        with open("precious", encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")


class Rough(InFolder):
    def test_killed_at_any_moment(self):
        """Nothing under the final name, or all of it; what is left is a bundle that was cut."""
        make_tree("tree", processes=20, mappings=400)
        began = time.monotonic()
        self.succeed("-q", "--proc-root", "tree", "-o", "whole.tar.zst")
        whole = time.monotonic() - began
        chance, cut = random.Random(1), 0
        for _ in range(KILLED_AT):
            with subprocess.Popen([COLLECTOR, "-q", "--proc-root", "tree", "-o", "x.tar.zst"]) as child:
                time.sleep(chance.uniform(0, 1.2 * whole))
                child.kill()
            if os.path.exists("x.tar.zst"):
                self.assertIsNotNone(self.bundle("x.tar.zst").end)
                os.remove("x.tar.zst")
            for name in [name for name in os.listdir(".") if name.endswith(".tmp")]:
                if os.path.getsize(name) and os.path.exists(MEMTALLY) and not HAS_SANITIZERS:
                    said = subprocess.run([MEMTALLY, "info", name], stdout=subprocess.PIPE,
                                          stderr=subprocess.STDOUT, check=False)
                    self.assertEqual(said.returncode, 0, said.stdout)
                    cut += 1
                os.remove(name)
        print(f"{cut} of {KILLED_AT} left a bundle that was cut")

    def test_short_lives(self):
        """Some of them at a time, so that each run meets some that end while they are read."""
        program = subprocess.Popen([sys.executable, "-c", (
            "import os, time\n"
            f"for number in range({SHORT_LIVES}):\n"
            " if os.fork() == 0:\n"
            "  time.sleep(number % 7 / 100)\n"
            "  os._exit(0)\n"
            f" if number >= {AT_ONCE}: os.wait()\n")])
        vanished, runs = 0, 0
        try:
            while program.poll() is None:
                bundle = self.collected()
                self.assertIsNotNone(bundle.end)
                outcomes = [record["outcome"] for record in bundle.processes.values()]
                self.assertFalse(set(outcomes) & {"timed_out", "abandoned", "cut", "skipped", "failed"},
                                 set(outcomes))
                self.assert_no_mixture(bundle)
                vanished += outcomes.count("vanished")
                runs += 1
        finally:
            program.wait()
        self.assertGreater(vanished, 0)
        print(f"{vanished} processes ended while they were read, in {runs} runs")

    def assert_no_mixture(self, bundle):
        """What the bundle holds under one PID is of the process that it names."""
        for pid, record in bundle.processes.items():
            stat = bundle.bytes.get(f"proc/{pid}/stat", b"").rpartition(b")")[2].split()
            if stat:
                self.assertEqual(stat[19].decode(), record["start_time_ticks"], pid)
            for name in ("smaps", "smaps_rollup"):
                member = bundle.members.get(f"proc/{pid}/{name}")
                if record["outcome"] == "read" and member:
                    self.assertIn(member["outcome"], ("read", "empty"), (pid, name))

    @unittest.skipUnless(IS_ROOT, "only root chooses the next PID")
    def test_two_lives_of_one_pid(self):
        if not os.path.exists("/proc/sys/kernel/ns_last_pid"):
            self.skipTest("this kernel does not let the next PID be chosen")
        command = ["unshare", "--pid", "--fork", "--mount", "--mount-proc"]
        if subprocess.run([*command, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
            self.skipTest("a PID namespace cannot be made here")
        subprocess.run([*command, sys.executable, "-c", REUSE, COLLECTOR], check=True, timeout=240)
        reused, compared = 0, 0
        for name in os.listdir("."):
            bundle = self.bundle(name)
            self.assert_no_mixture(bundle)
            for pid, record in bundle.processes.items():
                reused += record["outcome"] == "reused"
                named = re.fullmatch(rb"n(\d+)\n", bundle.bytes.get(f"proc/{pid}/comm", b""))
                lives = set(re.findall(rb"memfd:life-(\d+)", bundle.bytes.get(f"proc/{pid}/smaps", b"")))
                if named and lives:
                    self.assertEqual(lives, {named.group(1)}, (name, pid, record))
                    compared += 1
        print(f"{reused} PIDs were taken over while they were read, {compared} lives are whole")
        self.assertGreater(reused, 0)
        self.assertGreater(compared, 0)

    @unittest.skipUnless(IS_ROOT, "only root makes control groups")
    @unittest.skipIf(HAS_SANITIZERS, "sanitizers need more")
    def test_in_a_small_control_group(self):
        make_tree("tree", processes=300, mappings=300)
        for folder, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
                              ("/sys/fs/cgroup", "memory.max")):
            group = os.path.join(folder, f"memtally-test-{os.getpid()}")
            try:
                os.mkdir(group)
            except OSError:
                continue
            try:
                with open(os.path.join(group, limit), "w", encoding="ascii") as file:
                    file.write(str(CGROUP_BYTES))

                def enter(group=group):
                    with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as file:
                        file.write(str(os.getpid()))
                finished = collect("--proc-root", "tree", "-o", "x.tar.zst", preexec_fn=enter)
                self.assertEqual(finished.returncode, 0, finished.stderr)
                self.assertEqual(self.bundle("x.tar.zst").end["mappings"], 300 * 300)
                return
            except (FileNotFoundError, PermissionError, subprocess.SubprocessError) as error:
                reason = str(error)
            finally:
                os.rmdir(group)
            self.skipTest(f"no limit on memory can be set: {reason}")
        self.skipTest("no control group can be made")


@unittest.skipIf(HAS_SANITIZERS, "sanitizers keep shadow memory")
class Memory(InFolder):
    def peak_of(self, *arguments):
        peak = 0
        with subprocess.Popen([COLLECTOR, "-o", "x.tar.zst", *arguments],
                              stdout=subprocess.PIPE, text=True) as child:
            while child.poll() is None:
                peak = max(peak, pss_kib(family(child.pid)))
                time.sleep(0.01)
            self.assertEqual(child.returncode, 0)
            self.words = child.stdout.read()
        print(f"peak of all processes together {peak} KiB")
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
            self.assertLessEqual(self.peak_of("--read-timeout", "10"), MOST_KIB)
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


main()
