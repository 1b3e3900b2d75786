#!/usr/bin/env python3
"""What hangs does not hold the collector up: it is killed, named and left out, once."""
import os
import signal
import subprocess
import threading
import time
import unittest

from support import COLLECTOR, Bundle, InFolder, main, make_tree, need, smaps_text, write

need("zstd")
FUSE_STUCK = os.environ.get("FUSE_STUCK", "")
WRITE_SECONDS = 20
DEADLINE = 2.0


QUIET_LOAD = 0.5  # a processor


def load():
    return os.getloadavg()[0] / os.cpu_count()


def in_addition():
    """Seconds that all but waiting may take: one, on a machine with nothing else to do. Where
    others queue for the processors, it is as many times more; that the victim is stuck to the
    end is what proves that nobody waited for it."""
    return 1.0 + max(0.0, 2.0 * (load() - QUIET_LOAD))


def state_of(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0].decode()


def children_of(pid):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    if int(file.read().rpartition(b")")[2].split()[1]) == pid:
                        found.append(int(name))
            except OSError:
                continue
    return sorted(found)


def wait_until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


class Stuck(InFolder):
    """A process that holds its mmap lock for writing."""

    def start(self, *arguments, **options):
        child = subprocess.Popen([FUSE_STUCK, *arguments], **options)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def setUp(self):
        super().setUp()
        if not FUSE_STUCK:
            self.skipTest("libfuse3 was not there when this was built")
        try:
            os.close(os.open("/dev/fuse", os.O_RDWR))
        except OSError as error:
            self.skipTest(f"/dev/fuse: {error.strerror}")
        os.mkdir("mounted")
        server = self.start("serve", "mounted", str(WRITE_SECONDS), stderr=subprocess.DEVNULL)
        self.addCleanup(subprocess.run, ["umount", "-l", os.path.abspath("mounted")],
                        stderr=subprocess.DEVNULL, check=False)
        self.addCleanup(server.kill)
        if not wait_until(lambda: os.path.exists("mounted/file") or server.poll() is not None) or \
                server.poll() is not None:
            self.skipTest("a FUSE file system cannot be mounted here")
        self.victim = self.start("hang", "mounted/file", stdout=subprocess.PIPE)
        self.addCleanup(self.victim.stdout.close)
        self.addCleanup(server.kill)  # the first: it sets the victim free
        self.victim.stdout.readline()
        if not wait_until(lambda: state_of(self.victim.pid) == "D", 2):
            self.skipTest("this kernel does not wait for write-back in mmap()")
        with subprocess.Popen(["cat", f"/proc/{self.victim.pid}/smaps"],
                              stdout=subprocess.DEVNULL) as cat:
            time.sleep(0.3)
            hangs = cat.poll() is None
            cat.kill()
            if not hangs:
                self.skipTest("the mmap lock is not held while this kernel waits")

    def test_one_stuck_process_costs_one_deadline(self):
        allowed = DEADLINE + in_addition()
        began = time.monotonic()
        bundle = self.collected("--urgent")
        took = time.monotonic() - began
        print(f"{took:.2f} s of {allowed:.2f} s")
        self.assertLess(took, allowed)
        self.assert_only_the_victim_is_missing(bundle)

    def test_so_it_does_behind_all_others(self):
        """With the priority of every day, which gets its time only where there is some left."""
        if load() > QUIET_LOAD:
            self.skipTest(f"others use the processors: {load():.2f} wait for each")
        began = time.monotonic()
        bundle = self.collected()
        took = time.monotonic() - began
        print(f"{took:.2f} s of {DEADLINE + 1:.2f} s")
        self.assertLess(took, DEADLINE + 1.0)
        self.assert_only_the_victim_is_missing(bundle)

    def assert_only_the_victim_is_missing(self, bundle):
        self.assertEqual(self.victim.poll(), None)
        self.assertEqual(state_of(self.victim.pid), "D", "it was stuck all the time")
        pid = self.victim.pid
        self.assertEqual(bundle.processes[pid]["outcome"], "timed_out")
        self.assertEqual(bundle.outcome(f"proc/{pid}/smaps"), "timed_out")
        self.assertEqual(bundle.outcome(f"proc/{pid}/cmdline"), "timed_out")
        for name in ("stat", "statm", "status", "comm", "oom_score"):
            self.assertEqual(bundle.outcome(f"proc/{pid}/{name}"), "read")
        notes = [note for note in bundle.notes if f"process {pid} (fuse_stuck), state D" in note]
        self.assertEqual(len(notes), 1, bundle.notes)
        self.assertRegex(notes[0], r"^proc/\d+/\S+: no progress for 2000 ms: ")
        for other, record in bundle.processes.items():
            if other != pid:
                self.assertIn(record["outcome"], ("read", "empty", "vanished", "refused"), other)

    def test_the_deadline_is_an_option(self):
        allowed = 0.25 + in_addition()
        began = time.monotonic()
        bundle = self.collected("--read-timeout", "0.25", "--readers", "1", "--urgent")
        self.assertLess(time.monotonic() - began, allowed)
        self.assertEqual(bundle.processes[self.victim.pid]["outcome"], "timed_out")


class Stopped(InFolder):
    """A reader that somebody stops."""

    def setUp(self):
        super().setUp()
        make_tree("tree", processes=40, mappings=3000)

    def run_with_stopped_readers(self, *arguments):
        """Stops every reader in the midst; returns the bundle and the seconds after that."""
        with subprocess.Popen([COLLECTOR, "-q", "--proc-root", "tree", "-o", "-", *arguments],
                              stdout=subprocess.PIPE) as child:
            packed = [child.stdout.read(1)]  # then the pipe is full, and it waits for us
            time.sleep(0.3)
            readers = children_of(child.pid)
            self.assertTrue(readers)
            for reader in readers:
                os.kill(reader, signal.SIGSTOP)
            began = time.monotonic()
            packed.append(child.stdout.read())
            self.assertEqual(child.wait(30), 0)
            took = time.monotonic() - began
        for reader in readers:
            self.assertFalse(os.path.exists(f"/proc/{reader}"), "a stopped reader was left")
        return Bundle(b"".join(packed)), took

    def test_it_is_replaced(self):
        for count in ("1", "2", "8"):
            bundle, took = self.run_with_stopped_readers("--readers", count, "--read-timeout", "1",
                                                         "--urgent")
            self.assertLess(took, 1.0 * int(count) + 1 + in_addition())
            late = [path for path, record in bundle.members.items()
                    if record["outcome"] == "timed_out"]
            # smaps, and what is not tried behind it: cmdline and fd.memory
            self.assertLessEqual(len(late), 3 * int(count))
            for pid in range(1, 41):
                smaps = f"proc/{pid}/smaps"
                whole = smaps_text(3000, pid).encode()
                if smaps in late or bundle.processes[pid]["outcome"] == "timed_out":
                    self.assertTrue(whole.startswith(bundle.bytes.get(smaps, b"")))
                else:
                    self.assertEqual(bundle.bytes[smaps], whole)

    def test_one_that_is_killed_is_replaced(self):
        write("tree", "proc/slabinfo", "slabs\n" * 100000)
        with subprocess.Popen([COLLECTOR, "-q", "--proc-root", "tree", "-o", "-"],
                              stdout=subprocess.PIPE) as child:
            packed = [child.stdout.read(1)]
            time.sleep(0.3)
            for reader in children_of(child.pid):
                os.kill(reader, signal.SIGKILL)
            began = time.monotonic()
            packed.append(child.stdout.read())
            self.assertEqual(child.wait(30), 0)
            self.assertLess(time.monotonic() - began, DEADLINE + in_addition())
        bundle = Bundle(b"".join(packed))
        lost = [pid for pid, record in bundle.processes.items() if record["outcome"] != "read"]
        self.assertLessEqual(len(lost), 8)
        self.assertIsNotNone(bundle.end)

    def test_readers_end_with_the_program(self):
        for number in (signal.SIGKILL, signal.SIGTERM):
            with subprocess.Popen([COLLECTOR, "-q", "--proc-root", "tree", "-o", "-"],
                                  stdout=subprocess.PIPE) as child:
                child.stdout.read(1)
                readers = children_of(child.pid)
                self.assertTrue(readers)
                child.send_signal(number)
                threading.Thread(target=child.stdout.read, daemon=True).start()
                child.wait(10)
            self.assertTrue(wait_until(lambda readers=readers: not any(
                os.path.exists(f"/proc/{reader}") and state_of(reader) != "Z"
                for reader in readers)), number)


def targets(pid):
    """What the descriptors of a process lead to."""
    found = []
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.append(os.readlink(f"/proc/{pid}/fd/{number}"))
        except FileNotFoundError:
            pass
    return found


class Abandoned(InFolder):
    def test_nobody_waits_for_the_pipe_of_a_reader(self):
        """The output is closed in readers: the end of a pipe comes when the program ends."""
        make_tree("tree", processes=4, mappings=3000)
        with subprocess.Popen([COLLECTOR, "-q", "--proc-root", "tree", "-o", "-"],
                              stdout=subprocess.PIPE) as child:
            child.stdout.read(1)
            output = os.readlink(f"/proc/{child.pid}/fd/1")
            self.assertTrue(output.startswith("pipe:"), output)
            readers = children_of(child.pid)
            self.assertTrue(readers)
            end = time.monotonic() + 5  # a reader that was only just made closes it in a moment
            while any(output in targets(reader) for reader in readers):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)
            child.stdout.read()


main()
