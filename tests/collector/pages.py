#!/usr/bin/env python3
"""--pages: what the bundle says of frames is what pagemap says, under other numbers."""
import collections
import ctypes
import mmap
import os
import platform
import shutil
import signal
import struct
import subprocess
import sys
import unittest

from pages_member import (ALONE, ANON, ASCENDING, DEVICE, EXCLUSIVE, FILE, HAS_HUGE_MAPPED, HAS_MAPCOUNTS,
                          HOLE, NOT_READ, OTHER, STEP, ZERO_PAGE, Member)
from support import COLLECTOR, HAS_SANITIZERS, InFolder, main, need

need("zstd")
IS_ROOT = os.geteuid() == 0
PAGE = os.sysconf("SC_PAGESIZE")
PRESENT, FRAME = 1 << 63, (1 << 55) - 1
BLOCK_FRAMES = 512
WORKERS = 3
NOBODY = 65534
SPARSE_BYTES = 16 << 40
SPARSE_MOST_NS = 20 * 10**9  # on a busy machine; reading all of it takes minutes
HELD_BYTES = 512 << 20
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PAGEMAP_SCAN = 0xc0606610
IOCTL_NUMBERS = {"x86_64": 16, "aarch64": 29}


def refuse_scan():
    """In the child: a kernel without PAGEMAP_SCAN, made by a filter of system calls."""
    enotty, allow = 0x00050000 | 25, 0x7fff0000
    code = [(0x20, 0, 0, 0), (0x15, 0, 3, IOCTL_NUMBERS[platform.machine()]),
            (0x20, 0, 0, 24), (0x15, 0, 1, PAGEMAP_SCAN), (0x06, 0, 0, enotty), (0x06, 0, 0, allow)]
    filled = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
    program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(filled))
    if LIBC.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) != 0:
        os._exit(127)


class Paused:
    """A child that does what it is told, says so and waits."""

    def __init__(self, work):
        ready, said = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            LIBC.prctl(1, signal.SIGKILL)
            try:
                kept = work()  # noqa: it lives as long as the child
                os.write(said, b"y" if kept else b"n")
            finally:
                signal.pause()
        os.close(said)
        self.fine = os.read(ready, 1) == b"y"
        os.close(ready)

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def frames_of(pid, member):
    """{page: frame} by pagemap, of all mappings in the member."""
    frames = {}
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as file:
        for mapping in member.mappings:
            if mapping.start >> 51 or mapping.pages > 1 << 20:
                continue
            words = os.pread(file.fileno(), mapping.pages * 8, mapping.start * 8)
            for index, (word,) in enumerate(struct.iter_unpack("Q", words)):
                if word & PRESENT:
                    frames[mapping.start + index] = word & FRAME
    return frames


def alone_in(member):
    """Pages whose frames have no numbers."""
    return {page for page, run, _ in member.pages() if run.kind == OTHER and run.number == ALONE}


def numbers_of(member):
    return {page: number for page, run, number in member.pages() if run.kind in (*STEP, DEVICE)}


def shown_frames():
    with open("/proc/self/pagemap", "rb") as file:
        file.seek(id(file) // PAGE * 8)
        return struct.unpack("Q", file.read(8))[0] & FRAME != 0


def needs_frames(test):
    if not IS_ROOT or not os.path.exists("/proc/kpageflags") or not shown_frames():
        return unittest.skip("this user is not shown page frames")(test)
    return test


def map_anonymous(size, flags=0):
    LIBC.mmap.restype = ctypes.c_void_p
    LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int,
                          ctypes.c_int, ctypes.c_long]
    protection = 0 if flags else mmap.PROT_READ | mmap.PROT_WRITE
    start = LIBC.mmap(None, size, protection, 0x4022, -1, 0)  # private, no reserve
    return None if start in (None, ctypes.c_void_p(-1).value) else start


class WithPaused(InFolder):
    def setUp(self):
        super().setUp()
        self.paused = []

    def tearDown(self):
        for child in self.paused:
            child.end()
        super().tearDown()

    def pause(self, work):
        self.paused.append(Paused(work))
        return self.paused[-1]

    def members(self, *arguments, **options):
        self.succeed("--pages", "--urgent", "-o", "x.tar.zst", *arguments, **options)
        self.last = self.bundle("x.tar.zst")
        members = []
        for child in self.paused:
            path = f"proc/{child.pid}/pages"
            self.assertEqual(self.last.outcome(path), "read")
            members.append(Member(self.last.bytes[path]))
            self.assertTrue(members[-1].whole)
        return members


@needs_frames
class Frames(WithPaused):
    """Workers that share a file, shared memory and what was written before the fork, of which they
    write a part each."""

    def setUp(self):
        super().setUp()
        with open("file", "wb") as file:
            file.write(os.urandom(64 * PAGE))
        with open("file", "rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        shared = mmap.mmap(-1, 64 * PAGE)
        private = mmap.mmap(-1, 64 * PAGE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        zeros = mmap.mmap(-1, 64 * PAGE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        for memory in (shared, private):
            memory.write(b"x" * (64 * PAGE))
        for worker in range(WORKERS):
            def work(first=worker * 16):
                total = sum(mapped[at] + zeros[at] for at in range(0, 64 * PAGE, PAGE))
                for page in range(first, first + 16):
                    private[page * PAGE] = 1
                return total
            self.pause(work)

    def compare(self, members):
        """The same number if and only if it is the same frame, and blocks turned as a whole."""
        numbers, frames, blocks, compared, moved = {}, {}, {}, 0, 0
        owners = collections.Counter()
        for child, member in zip(self.paused, members):
            owners.update(frames_of(child.pid, member).values())
        for child, member in zip(self.paused, members):
            told, true = numbers_of(member), frames_of(child.pid, member)
            alone = alone_in(member)
            self.assertFalse(alone & told.keys())
            moved += len((told.keys() | alone) ^ true.keys())
            moved += sum(owners[true[page]] != 1 for page in alone & true.keys())
            for page in told.keys() & true.keys():
                number, frame = told[page], true[page]
                compared += 1
                self.assertLess(number, member.frames)
                moved += numbers.setdefault(frame, number) != number
                moved += frames.setdefault(number, frame) != frame
                block = (number // BLOCK_FRAMES, (number - frame) % BLOCK_FRAMES)
                moved += blocks.setdefault(frame // BLOCK_FRAMES, block) != block
        self.assertGreater(compared, WORKERS * 100)
        self.assertLessEqual(moved, compared // 100, "more than the kernel moves meanwhile")
        self.assertLess(sum(frame == number for frame, number in numbers.items()), compared // 50)

    def check_amounts(self, members):
        """What has an owner is what the kernel counts as resident, and mapcounts are of more than one."""
        for child, member in zip(self.paused, members):
            resident = sum(1 for _, run, _ in member.pages() if run.flags & (FILE | ANON))
            rollup = self.last.bytes[f"proc/{child.pid}/smaps_rollup"].decode()
            kib = next(int(line.split()[1]) for line in rollup.split("\n") if line.startswith("Rss:"))
            self.assertAlmostEqual(resident * PAGE // 1024, kib, delta=kib // 100)
            self.assertTrue(any(run.flags & ZERO_PAGE for _, run, _ in member.pages()))
            self.assertTrue(member.features & HAS_MAPCOUNTS)
            shared = [run for _, run, _ in member.pages() if run.flags & ANON and run.mapcount > 1]
            alone = [run for _, run, _ in member.pages() if run.flags & ANON and run.mapcount == 1]
            self.assertGreaterEqual(len(alone), 16)
            self.assertGreaterEqual(len(shared), 64 - 16 * WORKERS)
            self.assertFalse(any(run.flags & EXCLUSIVE for run in shared))

    def test_numbers_are_equal_where_frames_are(self):
        members = self.members()
        self.compare(members)
        self.check_amounts(members)
        self.assertEqual(self.last.outcome("derived/census"), "read")

    @unittest.skipUnless(platform.machine() in IOCTL_NUMBERS, "no filter for this machine")
    def test_a_kernel_that_does_not_tell_where_something_is(self):
        members = self.members(preexec_fn=refuse_scan)
        self.assertFalse(any(member.features & HAS_HUGE_MAPPED for member in members))
        self.compare(members)
        self.check_amounts(members)

    def test_twice_it_is_the_same_sharing(self):
        told = [[numbers_of(member) for member in self.members()] for _ in range(2)]
        numbers, equal, moved, count = {}, 0, 0, 0
        for first, second in zip(*told):
            for page in first.keys() & second.keys():
                count += 1
                moved += numbers.setdefault(first[page], second[page]) != second[page]
                equal += first[page] == second[page]
        self.assertGreater(count, WORKERS * 100)
        self.assertLessEqual(moved, count // 100)
        self.assertLess(equal, count // 50, "the same numbers in two bundles")


@needs_frames
class Costs(WithPaused):
    def touch_sparsely(self):
        start = map_anonymous(SPARSE_BYTES)
        empty = map_anonymous(SPARSE_BYTES, flags=1)
        if start is None or empty is None:
            return False
        for index in range(8):
            ctypes.c_char.from_address(start + index * (SPARSE_BYTES // 8)).value = b"x"
        return True

    def sparse(self, **options):
        if not self.pause(self.touch_sparsely).fine:
            self.skipTest("no address space for a sparse mapping of this size")
        member = self.members(**options)[0]
        record = self.last.members[f"proc/{self.paused[0].pid}/pages"]
        print(f"sparse: {record['duration_ns'] // 1000000} ms, {record['bytes']} bytes")
        self.assertLess(record["duration_ns"], SPARSE_MOST_NS)
        large = [mapping for mapping in member.mappings if mapping.pages >= SPARSE_BYTES // PAGE]
        return [run for mapping in large for run in mapping.runs]

    def test_terabytes_of_nothing(self):
        runs = self.sparse()
        if any(run.kind == OTHER for run in runs):
            self.skipTest("this kernel does not tell where something is")
        self.assertEqual(sum(run.count for run in runs if run.kind != HOLE), 8)

    @unittest.skipUnless(platform.machine() in IOCTL_NUMBERS, "no filter for this machine")
    def test_what_is_not_read_is_told(self):
        runs = self.sparse(preexec_fn=refuse_scan)
        unread = sum(run.count for run in runs if run.kind == OTHER and run.number == NOT_READ)
        self.assertGreater(unread, SPARSE_BYTES // PAGE // 2)
        self.assertTrue(any(run.kind >= ASCENDING and run.flags & ANON for run in runs))

    @unittest.skipIf(HAS_SANITIZERS, "the time is for other tests")
    def test_a_page_costs_a_byte(self):
        def hold():
            memory = mmap.mmap(-1, HELD_BYTES, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            for at in range(0, HELD_BYTES, PAGE):
                memory[at] = 1
            return memory
        with open("/proc/meminfo", encoding="ascii") as file:
            available = next(int(line.split()[1]) for line in file if line.startswith("MemAv"))
        if available * 1024 < 2 * HELD_BYTES:
            self.skipTest("there is no memory for it")
        self.pause(hold)
        member = self.members()[0]
        runs = [run for mapping in member.mappings for run in mapping.runs if run.kind != HOLE]
        pages, size = sum(run.count for run in runs), len(member.data)
        print(f"{size / pages:.3f} bytes a page, {pages / len(runs):.1f} pages a run")
        self.assertGreaterEqual(pages, HELD_BYTES // PAGE)
        whole_frame = ((member.frames - 1).bit_length() + 7) // 8
        self.assertLessEqual(size, len(runs) * (whole_frame + 2) + 4096)
        self.assertLessEqual(size, pages // 8, "memory of one process alone")


class Refused(InFolder):
    def refused(self, *command, **options):
        os.chmod(self.folder, 0o777)
        # A program in a folder that nobody may enter cannot be started by nobody.
        shutil.copy(COLLECTOR, "collector")
        finished = subprocess.run([*command, "./collector", "--pages", "-o", "x.tar.zst"],
                                  check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  **options)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        self.assertIn(b"pages were not recorded (refused)", finished.stderr)
        bundle = self.bundle("x.tar.zst")
        self.assertTrue(any("CAP_SYS_ADMIN" in note for note in bundle.notes), bundle.notes)
        outcomes = {record["outcome"] for path, record in bundle.members.items()
                    if path.endswith("/pages")}
        self.assertIn("refused", outcomes)
        self.assertNotIn("read", outcomes)
        self.assertFalse(any(path.endswith("/pages") and content
                             for path, content in bundle.bytes.items()))

    @unittest.skipUnless(os.path.exists("/proc/kpageflags"), "no page frames in this kernel")
    def test_a_user(self):
        self.refused(**({"user": NOBODY, "group": NOBODY, "extra_groups": []} if IS_ROOT else {}))

    @unittest.skipUnless(IS_ROOT and shutil.which("setpriv"), "setpriv, as root")
    def test_root_without_the_capability(self):
        self.refused("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")

    def test_a_copy_of_proc_has_none(self):
        os.makedirs("tree/proc/1")
        for name, text in (("meminfo", "MemTotal: 1 kB\n"), ("1/pagemap", "x" * 4096), ("1/stat",
                           "1 (a) S 1 7 7 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 1 0 10 3133440 364\n")):
            with open(f"tree/proc/{name}", "w", encoding="ascii") as file:
                file.write(text)
        bundle = self.collected("--pages", "--proc-root", "tree")
        self.assertEqual(bundle.outcome("proc/1/pages"), "skipped")
        self.assertTrue(any("pages were not recorded" in note for note in bundle.notes))

    def test_not_asked_for(self):
        os.makedirs("plain")
        self.succeed("-o", "plain/x.tar.zst")
        members = self.bundle("plain/x.tar.zst").members
        self.assertFalse([path for path in members if path.endswith("/pages")])


sys.stdout.flush()  # what is written here is not for the children to write again
main()
