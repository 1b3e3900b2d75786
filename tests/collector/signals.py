#!/usr/bin/env python3
"""A signal while the collector runs: it finishes the bundle; a second one ends it at once."""
import os
import signal
import subprocess
import time

from support import COLLECTOR, Bundle, InFolder, main, make_tree, need

need("zstd")


class Signals(InFolder):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()

    def setUp(self):
        super().setUp()
        make_tree("tree", processes=4, mappings=30000)

    def start(self):
        """The collector, stopped by a pipe that nobody reads, in the midst of pass 3."""
        child = subprocess.Popen([COLLECTOR, "-q", "--proc-root", "tree", "-o", "-"],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.stdout.close)
        first = os.read(child.stdout.fileno(), 1)
        deadline = time.time() + 10
        while time.time() < deadline:
            with open(f"/proc/{child.pid}/wchan", encoding="ascii", errors="replace") as file:
                place = file.read()
            with open(f"/proc/{child.pid}/stat", encoding="ascii", errors="replace") as file:
                sleeping = ") S " in file.read()
            if sleeping and ("pipe" in place or place in ("", "0")):
                break
            time.sleep(0.01)
        return child, first

    def test_the_bundle_is_finished(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            child, first = self.start()
            child.send_signal(number)
            time.sleep(0.05)
            rest = child.stdout.read()
            self.assertEqual(child.wait(60), 1, child.stderr.read())
            bundle = Bundle(first + rest)
            self.assertIsNotNone(bundle.end)
            self.assertTrue([note for note in bundle.notes
                             if note.startswith(f"interrupted by {number.name} in pass")])
            self.assertIn("skipped", {record["outcome"] for record in bundle.processes.values()})
            self.assertLess(bundle.end["mappings"], 4 * 30000)

    def test_a_file_gets_its_name(self):
        child = subprocess.Popen([COLLECTOR, "--proc-root", "tree", "-o", "x.tar.zst"],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.time() + 10
        while time.time() < deadline and not [name for name in os.listdir(".")
                                              if name.endswith(".tmp")]:
            pass
        child.send_signal(signal.SIGTERM)
        words, errors = child.communicate(timeout=60)
        if child.returncode == 0:
            self.skipTest("it was finished before the signal came")
        self.assertEqual(child.returncode, 1, errors)
        self.assertIn(b"cut short by a signal", words)
        self.assertEqual(sorted(os.listdir(".")), ["tree", "x.tar.zst"])
        self.assertIsNotNone(self.bundle("x.tar.zst").end)

    def test_a_second_signal_removes_the_file(self):
        child = subprocess.Popen([COLLECTOR, "-q", "--proc-root", "tree", "-o", "x.tar.zst"],
                                 stderr=subprocess.PIPE)
        self.addCleanup(child.stderr.close)
        deadline = time.time() + 10
        while time.time() < deadline and not [name for name in os.listdir(".")
                                              if name.endswith(".tmp")]:
            pass
        child.send_signal(signal.SIGSTOP)
        child.send_signal(signal.SIGTERM)
        child.send_signal(signal.SIGINT)
        child.send_signal(signal.SIGCONT)
        status = child.wait(60)
        if status == 0:
            self.skipTest("it was finished before the signals came")
        self.assertEqual(status, 3)
        self.assertEqual(os.listdir("."), ["tree"])

    def test_a_killed_one_leaves_no_final_name(self):
        for delay in (0, 0.002, 0.005, 0.01, 0.02, 0.04):
            with subprocess.Popen([COLLECTOR, "-q", "--proc-root", "tree", "-o", "x.tar.zst"]) as child:
                time.sleep(delay)
                child.kill()
                child.wait()
            if os.path.exists("x.tar.zst"):
                self.assertIsNotNone(self.bundle("x.tar.zst").end)
                os.remove("x.tar.zst")
            for name in os.listdir("."):
                if name.endswith(".tmp"):
                    os.remove(name)

    def test_two_at_once_do_not_disturb_each_other(self):
        children = [subprocess.Popen([COLLECTOR, "-q", "--proc-root", "tree", "-o", f"{n}.tar.zst"])
                    for n in range(4)]
        for child in children:
            self.assertEqual(child.wait(60), 0)
        for n in range(4):
            self.assertEqual(self.bundle(f"{n}.tar.zst").end["mappings"], 4 * 30000)


main()
