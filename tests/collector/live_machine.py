#!/usr/bin/env python3
"""A bundle of the machine that the test runs on."""
import os
import re
import subprocess
import time

from support import PASSES, Bundle, InFolder, main, need

need("zstd", "tar")
NAMESPACE_WARNING = (b"memtally-collect: warning: only the processes of this PID namespace were seen, "
                     b"not those of the machine\n")
SAMPLE = ["zoneinfo.first", "meminfo", "vmstat", "zoneinfo"]


class LiveMachine(InFolder):
    def test_default_name_mode_and_summary(self):
        finished = self.succeed()
        names = os.listdir(".")
        self.assertEqual(len(names), 1, names)
        self.assertRegex(names[0], r"^memtally-[A-Za-z0-9._-]+-\d{8}T\d{6}Z\.tar\.zst$")
        self.assertEqual(os.stat(names[0]).st_mode & 0o7777, 0o600)
        self.assertRegex(finished.stdout.decode(), r"^" + re.escape(names[0]) +
                         r": [\d,]+ process(es)?, [\d,]+ mappings?"
                         r"(, [\d,]+ process(es)? with [\d,]+ KiB not covered)?, [\d,]+ not read"
                         r"( \([\d,]+ \w+(, [\d,]+ \w+)*\))?, [\d,]+ KiB, \d+\.\d\d s\n$")
        self.assertEqual(finished.stderr.replace(NAMESPACE_WARNING, b""), b"")
        self.assertEqual(self.bundle(names[0]).top, names[0][:-len(".tar.zst")])

    def test_order_and_end(self):
        bundle = self.collected()
        self.assertEqual(bundle.top, "x")
        self.assertEqual(bundle.names[0], "manifest")
        self.assertEqual(bundle.names[1:5], ["samples/1/" + name for name in SAMPLE])
        self.assertRegex(bundle.names[-1], r"^journal(\.part-\d{4,})?$")
        self.assertIsNotNone(bundle.end)
        self.assertTrue(bundle.lines("journal")[-1].startswith("end "))
        for number in range(1, PASSES + 2):
            for name in SAMPLE:
                self.assertIn(bundle.outcome(f"samples/{number}/{name}"), ("read", "refused"))
        self.assertEqual([record["name"] for record in bundle.passes],
                         ["system", "survey", "detail", "risky"])

    def test_journal_agrees_with_the_archive(self):
        bundle = self.collected()
        archived = {}
        for name in bundle.names:
            path = name.split(".part-")[0]
            archived[path] = archived.get(path, 0) + 1
        for path in ("manifest", "journal"):
            archived.pop(path)
        recorded = {path: record["parts"] for path, record in bundle.members.items()
                    if record["parts"]}
        self.assertEqual(recorded, archived)
        for path, record in bundle.members.items():
            self.assertEqual(record["bytes"], len(bundle.bytes.get(path, b"")), path)
        self.assertEqual(bundle.end["members"], len(bundle.members))
        self.assertEqual(bundle.end["processes"], len(bundle.processes))
        self.assertEqual(bundle.end["bytes"],
                         sum(record["bytes"] for record in bundle.members.values()))
        headers = re.compile(rb"^[0-9a-f]+-[0-9a-f]+ ", re.MULTILINE)
        self.assertEqual(bundle.end["mappings"],
                         sum(len(headers.findall(data)) for path, data in bundle.bytes.items()
                             if path.endswith("/smaps")))

    def test_files_are_the_machine_s_own(self):
        bundle = self.collected()
        for path in ("proc/version", "proc/sys/kernel/osrelease", "proc/cmdline",
                     "proc/sys/vm/overcommit_memory"):
            with open("/" + path, "rb") as file:
                self.assertEqual(bundle.bytes[path], file.read(), path)
        self.assertEqual(bundle.manifest["kernel_release"], os.uname().release)
        self.assertEqual(bundle.manifest["architecture"], os.uname().machine)
        self.assertEqual(int(bundle.manifest["page_size_bytes"]), os.sysconf("SC_PAGE_SIZE"))
        self.assertEqual(int(bundle.manifest["uid"]), os.geteuid())
        self.assertEqual(bundle.lines("manifest")[0], "format 1.2")

    def test_frames_are_checked_and_one_a_pass(self):
        self.collected()
        words = subprocess.run(["zstd", "-lv", "x.tar.zst"], stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.STDOUT, check=True).stdout
        self.assertRegex(words, rf"Frames: {PASSES}\b")
        self.assertIn("XXH64", words)

    def test_tar_reads_it_without_a_word(self):
        self.collected()
        finished = subprocess.run(["tar", "--zstd", "-xf", "x.tar.zst"], stderr=subprocess.PIPE,
                                  check=True)
        self.assertNotIn(b"Error", finished.stderr)
        with open("/proc/version", "rb") as live, open("x/proc/version", "rb") as kept:
            self.assertEqual(live.read(), kept.read())

    def test_moments_are_kept_to_the_nanosecond(self):
        before = time.time()
        bundle = self.collected()
        after = time.time()
        moments = [float(entry.pax_headers["mtime"]) for entry in bundle.entries]
        self.assertGreaterEqual(min(moments), before - 1)
        self.assertLessEqual(max(moments), after + 1)
        self.assertTrue(any(len(entry.pax_headers["mtime"].split(".")[1]) > 6
                            for entry in bundle.entries))

    def test_this_process_is_in_it(self):
        bundle = self.collected()
        pid = os.getpid()
        self.assertEqual(bundle.processes[pid]["outcome"], "read")
        self.assertIn(b"python", bundle.bytes[f"proc/{pid}/cmdline"])
        self.assertIn(b"Size:", bundle.bytes[f"proc/{pid}/smaps"])
        self.assertEqual(bundle.bytes[f"proc/{pid}/exe.link"].decode(),
                         os.readlink("/proc/self/exe"))
        self.assertEqual(sorted(bundle.processes), list(bundle.processes))

    def test_a_dead_leader_s_thread_is_read(self):
        code = ("import ctypes, threading, time\n"
                "threading.Thread(target=time.sleep, args=(60,)).start()\n"
                "print('ready', flush=True)\n"
                "ctypes.CDLL(None).pthread_exit(None)\n")
        with subprocess.Popen(["python3", "-c", code], stdout=subprocess.PIPE) as child:
            try:
                child.stdout.readline()
                deadline = time.time() + 10
                while time.time() < deadline:
                    with open(f"/proc/{child.pid}/stat", encoding="ascii") as file:
                        if ") Z " in file.read():
                            break
                    time.sleep(0.02)
                else:
                    self.skipTest("the leader did not die before its thread")
                bundle = self.collected()
                thread = [path for path in bundle.bytes
                          if re.fullmatch(rf"proc/{child.pid}/task/\d+/smaps", path)]
                self.assertEqual(len(thread), 1)
                self.assertIn(b"Size:", bundle.bytes[thread[0]])
                self.assertEqual(bundle.bytes.get(f"proc/{child.pid}/smaps", b""), b"")
            finally:
                child.kill()

    def test_a_zombie_is_empty(self):
        with subprocess.Popen(["true"]) as child:
            time.sleep(0.3)
            bundle = self.collected()
            self.assertEqual(bundle.processes[child.pid]["outcome"], "empty")
            self.assertEqual(bundle.outcome(f"proc/{child.pid}/smaps"), "empty")

    def test_streaming(self):
        finished = self.succeed("-o", "-")
        bundle = Bundle(finished.stdout)
        self.assertRegex(bundle.top, r"^memtally-.*-\d{8}T\d{6}Z$")
        self.assertIsNotNone(bundle.end)
        self.assertIn(b"standard output: ", finished.stderr)

    def test_quiet_and_verbose(self):
        finished = self.succeed("-q", "-o", "x.tar.zst")
        self.assertEqual(finished.stdout + finished.stderr, b"")
        finished = self.succeed("-v", "-o", "x.tar.zst")
        self.assertRegex(finished.stderr.decode(), r"(?m)^\S+: absent$")

    def test_a_label_is_kept_as_it_is(self):
        label = "before\n\tthe \\ \"deployment\" \x1b[31m ä"
        bundle = self.collected("--label", label)
        from support import unescape
        self.assertEqual(unescape(bundle.manifest["label"]).decode(), label)

    def test_never_replaces_by_default(self):
        """Two within the same second: the second is told, the first stays."""
        for _ in range(20):
            first = collect_names(self)
            second = collect_names(self)
            if first != second:
                continue
            return
        self.skipTest("never twice within a second")


def collect_names(case):
    from support import collect
    finished = collect("-q")
    names = sorted(os.listdir("."))
    if finished.returncode == 3:
        case.assertIn(b"exists already", finished.stderr)
        case.assertEqual(len([name for name in names if name.startswith(".")]), 0)
    else:
        case.assertEqual(finished.returncode, 0, finished.stderr)
    return names


main()
