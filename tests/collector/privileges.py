#!/usr/bin/env python3
"""With less than root: refused is told from absent, capabilities give what they promise, and a
namespace does not pass for the machine."""
import os
import subprocess
import unittest

import support
from support import COLLECTOR, InFolder, collect, main, need

need("zstd")
MEMTALLY = os.environ.get("MEMTALLY", "")
NOBODY = 65534
FIRST_PID_NAMESPACE = "pid:[4026531836]"
IS_ROOT = os.geteuid() == 0
KERNEL_LISTS = ("proc/slabinfo", "proc/vmallocinfo", "proc/pagetypeinfo")


def with_capabilities(*capabilities):
    """The words before a command, to run it as nobody with these capabilities."""
    sets = ",".join(["-all", *("+" + name for name in capabilities)])
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
            f"--inh-caps={sets}", f"--ambient-caps={sets}"]


@unittest.skipUnless(IS_ROOT, "only root can become nobody")
class Nobody(InFolder):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o777)
        # A program in a folder that nobody may enter cannot be started by nobody.
        with open(COLLECTOR, "rb") as program, open("collector", "wb") as copy:
            copy.write(program.read())
        os.chmod("collector", 0o755)
        self.addCleanup(setattr, support, "COLLECTOR", support.COLLECTOR)
        support.COLLECTOR = os.path.abspath("collector")
        self.other = subprocess.Popen(["sleep", "600"])  # a process of root
        self.addCleanup(self.other.wait)
        self.addCleanup(self.other.kill)

    def run_with(self, *capabilities):
        """The bundle of a run with these capabilities and no other."""
        before = with_capabilities(*capabilities)
        try:
            able = subprocess.run([*before, "true"], stderr=subprocess.PIPE, check=False)
        except FileNotFoundError:
            self.skipTest("setpriv is not here")
        if able.returncode:
            self.skipTest(able.stderr.decode().strip())
        name = "-".join(("x", *capabilities)) + ".tar.zst"
        finished = subprocess.run([*before, support.COLLECTOR, "-q", "-o", name], timeout=120,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        bundle = self.bundle(name)
        self.assertEqual(int(bundle.manifest["uid"]), NOBODY)
        self.assertEqual(bin(int(bundle.manifest["capabilities"], 16)).count("1"), len(capabilities))
        return bundle

    def assert_as_root(self, bundle, names):
        """Of processes that are in both bundles, the same files were refused. (One that ended in
        between was read in one and is empty or vanished in the other.)"""
        root = self.collected("-q")
        compared = 0
        for pid, record in root.processes.items():
            ours = bundle.processes.get(pid)
            if ours is None or ours["start_time_ticks"] != record["start_time_ticks"]:
                continue
            for name in names:
                path = f"proc/{pid}/{name}"
                outcomes = {root.outcome(path), bundle.outcome(path)}
                self.assertEqual(len({outcome == "refused" for outcome in outcomes}), 1,
                                 (path, outcomes))
                compared += outcomes == {"read"}
        self.assertGreaterEqual(compared, len(names))
        self.assertEqual(bundle.outcome(f"proc/{self.other.pid}/smaps"), "read")
        return root

    def test_refused_is_not_absent(self):
        def become_nobody():
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        finished = collect("-o", "x.tar.zst", preexec_fn=become_nobody)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        self.assertIn(b"refused", finished.stdout)
        bundle = self.bundle("x.tar.zst")
        self.assertEqual(int(bundle.manifest["uid"]), NOBODY)
        self.assertEqual(bundle.outcome("proc/1/smaps"), "refused")
        self.assertEqual(bundle.processes[1]["outcome"], "refused")
        self.assertEqual(bundle.outcome(f"proc/{self.other.pid}/smaps"), "refused")
        self.assertEqual(bundle.outcome("proc/1/statm"), "read")
        self.assertEqual(bundle.outcome("proc/sys/vm/stat_refresh"), "skipped")
        self.assertEqual(bundle.outcome("proc/meminfo"), "read")

    def test_sys_ptrace_shows_all_of_the_processes(self):
        bundle = self.run_with("sys_ptrace")
        self.assert_as_root(bundle, ("smaps", "smaps_rollup", "exe.link", "ns/pid.link", "cmdline",
                                     "statm", "status"))

    def test_dac_read_search_shows_the_lists_of_the_kernel(self):
        bundle = self.run_with("sys_ptrace", "dac_read_search")
        root = self.assert_as_root(bundle, ("smaps", "exe.link"))
        for path in KERNEL_LISTS:
            self.assertEqual(bundle.outcome(path), root.outcome(path))

    def test_perfmon_shows_mappings_where_the_kernel_accepts_it(self):
        bundle = self.run_with("perfmon")
        reads = subprocess.run([*with_capabilities("perfmon"), "cat", f"/proc/{self.other.pid}/smaps"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if reads.returncode:
            self.assertEqual(bundle.outcome(f"proc/{self.other.pid}/smaps"), "refused")
            self.skipTest("this kernel does not")
        self.assert_as_root(bundle, ("smaps", "smaps_rollup"))


class Namespace(InFolder):
    """With a PID namespace of its own, and a procfs of it or of the machine."""

    def inside(self, *script):
        """Runs a shell script in a new namespace; $1 is the collector."""
        command = ["unshare", "--pid", "--fork", "--mount", "--mount-proc"]
        if not IS_ROOT:
            command += ["--user", "--map-root-user"]
        try:
            able = subprocess.run([*command, "true"], stderr=subprocess.PIPE, check=False)
        except FileNotFoundError:
            self.skipTest("unshare is not here")
        if able.returncode:
            self.skipTest(able.stderr.decode().strip())
        finished = subprocess.run([*command, "sh", "-c", " && ".join(script), "sh", COLLECTOR],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        return finished.stderr

    def test_it_says_so(self):
        words = self.inside('"$1" -o x.tar.zst')
        self.assertEqual(words, b"memtally-collect: warning: only the processes of this PID namespace "
                                b"were seen, not those of the machine\n")
        bundle = self.bundle("x.tar.zst")
        namespace = bundle.manifest["pid_namespace"]
        self.assertNotEqual(namespace, FIRST_PID_NAMESPACE)
        self.assertEqual(bundle.notes,
                         [f"only the processes of the PID namespace {namespace} can be seen: those "
                          "of the machine outside of it are in no figure of a process"])
        self.assertLess(len(bundle.processes), 8)
        if MEMTALLY:
            told = subprocess.run([MEMTALLY, "info", "x.tar.zst"], stdout=subprocess.PIPE, check=True)
            self.assertIn(b"note: only the processes of the PID namespace", told.stdout)

    def test_quiet_says_it_in_the_bundle(self):
        self.assertEqual(self.inside('"$1" -q -o x.tar.zst'), b"")
        self.assertEqual(len(self.bundle("x.tar.zst").notes), 1)

    @unittest.skipUnless(IS_ROOT, "only root mounts the machine's procfs elsewhere")
    def test_the_machines_procfs_shows_all(self):
        """It was mounted outside, as a container gets it: this process is among what it shows."""
        os.makedirs("host/proc")
        if subprocess.run(["mount", "--bind", "/proc", "host/proc"], stderr=subprocess.DEVNULL,
                          check=False).returncode:
            self.skipTest("mounting is refused here")
        try:
            words = self.inside('"$1" --proc-root host -o x.tar.zst')
        finally:
            subprocess.run(["umount", "host/proc"], check=True)
        self.assertEqual(words, b"")
        bundle = self.bundle("x.tar.zst")
        self.assertEqual(bundle.notes, [])
        self.assertIn(os.getpid(), bundle.processes)

    def test_the_machine_itself_is_not_one(self):
        if os.readlink("/proc/self/ns/pid") != FIRST_PID_NAMESPACE:
            self.skipTest("this test runs in a namespace itself")
        self.assertEqual(self.succeed("-o", "x.tar.zst").stderr, b"")
        self.assertEqual(self.bundle("x.tar.zst").notes, [])


main()
