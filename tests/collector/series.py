#!/usr/bin/env python3
"""--repeat and --every: one bundle after the other, each whole, at equal steps of the clock."""
import glob
import os
import signal
import subprocess
import time

from support import COLLECTOR, Bundle, InFolder, collect, family, main, make_tree, need

need("zstd")
SECOND = 10**9


def bundles(pattern="*.tar.zst"):
    names = sorted(glob.glob(pattern))
    found = []
    for name in names:
        with open(name, "rb") as file:
            found.append(Bundle(file.read()))
    return names, found


class Series(InFolder):
    def setUp(self):
        super().setUp()
        make_tree("tree", processes=2, mappings=20)

    def wait_for(self, holds, what):
        deadline = time.time() + 60
        while not holds():
            self.assertLess(time.time(), deadline, what)
            time.sleep(0.01)

    def start(self, *arguments):
        child = subprocess.Popen([COLLECTOR, "--proc-root", "tree", *arguments],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.stdout.close)
        return child

    def test_bundles_are_whole_and_at_equal_steps(self):
        finished = collect("--proc-root", "tree", "--repeat", "3", "--every", "2", "--label", "soak",
                           "-o", "run.tar.zst")
        self.assertEqual(finished.returncode, 0, finished.stderr)
        names, found = bundles("run-*Z.tar.zst")
        self.assertEqual(len(names), 3)
        self.assertEqual(len(finished.stdout.splitlines()), 3)
        self.assertEqual(len(os.listdir(".")), 4)
        first = int(found[0].manifest["started_realtime_ns"])
        for number, bundle in enumerate(found):
            self.assertIsNotNone(bundle.end)
            self.assertEqual(bundle.end["processes"], 2)
            self.assertEqual(bundle.manifest["label"], f"soak {number + 1}")
            began = int(bundle.manifest["started_realtime_ns"]) - first
            self.assertGreater(began, (2 * number - 0.1) * SECOND)
            self.assertLess((began + SECOND // 10) % (2 * SECOND), SECOND,
                            "steps are of the clock, not from end to start")
        self.assertEqual(found[0].end["members"], found[2].end["members"])

    def test_readers_are_kept_and_not_late_for_a_pause(self):
        child = self.start("--repeat", "3", "--every", "2", "--read-timeout", "0.5")
        seen = []
        for count in (1, 2):
            self.wait_for(lambda count=count: len(bundles()[0]) == count, "a bundle")
            seen.append(sorted(family(child.pid)))
        self.assertEqual(child.wait(60), 0, child.stderr.read())
        self.assertGreater(len(seen[0]), 1)
        self.assertEqual(seen[0], seen[1])
        for bundle in bundles()[1]:
            outcomes = {record["outcome"] for record in bundle.processes.values()}
            self.assertEqual(outcomes, {"read"})

    def test_a_signal_in_between_ends_it_at_once(self):
        for arguments, status in ((["--repeat", "5"], 1), ([], 0)):
            child = self.start("--every", "3600", "-o", f"s{status}.tar.zst", *arguments)
            self.wait_for(lambda status=status: bundles(f"s{status}-*")[0], "the first bundle")
            time.sleep(0.1)
            child.send_signal(signal.SIGTERM)
            self.assertEqual(child.wait(10), status, child.stderr.read())
            _, found = bundles(f"s{status}-*")
            self.assertEqual(len(found), 1)
            self.assertIsNotNone(found[0].end)

    def test_a_signal_meanwhile_leaves_a_whole_bundle(self):
        make_tree("large", processes=4, mappings=30000)
        child = self.start("--proc-root", "large", "--repeat", "5", "--every", "1")
        self.wait_for(lambda: glob.glob(".*.tmp"), "a temporary file")
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(60), 1, child.stderr.read())
        names, found = bundles()
        self.assertEqual(len(names), 1)
        self.assertEqual(glob.glob(".*.tmp"), [])
        self.assertEqual([note for note in found[0].notes if "interrupted" in note], [])
        self.assertEqual(found[0].end["mappings"], 4 * 30000)

    def test_names_of_their_own_in_a_folder(self):
        os.mkdir("run")
        finished = collect("--proc-root", "tree", "--repeat", "2", "--every", "1", "-o", "run/")
        self.assertEqual(finished.returncode, 0, finished.stderr)
        names, found = bundles("run/memtally-*Z.tar.zst")
        self.assertEqual(len(names), 2)
        self.assertEqual(sorted(os.listdir("run")), [os.path.basename(name) for name in names])
        told = [line.decode().partition(":")[0] for line in finished.stdout.splitlines()]
        self.assertEqual(told, names)

    def test_wrong_usage(self):
        for arguments in (["--repeat", "0"], ["--repeat", "-1"], ["--repeat", "many"],
                          ["--every", "0.5"], ["--every", "x"], ["--repeat", "2", "-o", "-"]):
            finished = collect("--proc-root", "tree", *arguments)
            self.assertEqual(finished.returncode, 2, arguments)
            self.assertEqual(finished.stdout, b"")
        self.assertEqual(os.listdir("."), ["tree"])

    def test_hashes_of_a_series_match(self):
        finished = collect("--proc-root", "tree", "--repeat", "2", "--every", "1",
                           "--redact", "names", "-o", "r.tar.zst")
        self.assertEqual(finished.returncode, 0, finished.stderr)
        names = [{path: text for path, text in bundle.bytes.items() if path.endswith("/comm")}
                 for bundle in bundles("r-*")[1]]
        self.assertEqual(len(names), 2)
        self.assertTrue(names[0])
        self.assertEqual(names[0], names[1])


main()
