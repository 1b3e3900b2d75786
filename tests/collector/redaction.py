#!/usr/bin/env python3
"""--redact: what was asked to stay on the machine is nowhere in the bundle."""
import os
import re

from redaction_tree import SECRET, plant
from support import InFolder, main, need, smaps_text, write

need("zstd")

KEY = "0123456789abcdef"
HASH = rb"h[0-9a-f]{14}"
# What each option alone must have taken the word out of.
TAKEN_OUT_BY = {
    "cmdline": ("proc/cmdline", "proc/1/cmdline"),
    "paths": ("proc/cmdline", "proc/swaps", "proc/mounts", "proc/self/mountinfo", "proc/1/smaps",
              "proc/1/exe.link", "proc/1/cgroup"),
    "names": ("proc/cmdline", "proc/version", "proc/sys/kernel/hostname", "proc/1/stat",
              "proc/1/status", "proc/1/comm", "proc/1/cgroup", "manifest"),
}


class Redaction(InFolder):
    def setUp(self):
        super().setUp()
        os.mkdir(SECRET)
        plant(f"{SECRET}/tree")
        write(".", f"{SECRET}/key", KEY)

    def redacted(self, *arguments):
        return self.collected("--proc-root", f"{SECRET}/tree", *arguments)

    def test_everything_is_there_without_it(self):
        bundle = self.redacted()
        self.assertGreater(bundle.plain.count(SECRET.encode()), 40)

    def test_nothing_is_left(self):
        bundle = self.redacted("--redact=all", "--redact-key", f"{SECRET}/key")
        at = bundle.plain.find(SECRET.encode())
        self.assertEqual(at, -1, bundle.plain[max(0, at - 100):at + 100])
        self.assertNotIn(b"example", bundle.plain)
        self.assertNotIn(b"bob", bundle.plain)
        self.assertEqual(bundle.manifest["options"], "--redact cmdline,paths,names --redact-key")
        self.assertIn("redacted at the source: cmdline,paths,names, hashed with a key file",
                      bundle.notes)

    def test_each_option_alone(self):
        plain = self.redacted()
        tells = {path for path, data in plain.bytes.items() if SECRET.encode() in data}
        for option, taken in TAKEN_OUT_BY.items():
            bundle = self.redacted(f"--redact={option}")
            left = {path for path, data in bundle.bytes.items() if SECRET.encode() in data}
            self.assertEqual(left & set(taken), set(), option)
            self.assertLessEqual(set(taken), tells)
            self.assertNotEqual(left, set(), option)
        self.assertEqual(tells, {path for path in tells if path.startswith(("proc/2/", "proc/3/"))}
                         .union(*TAKEN_OUT_BY.values(), {"journal"}))

    def test_the_default_name_hides_the_host(self):
        self.succeed("--proc-root", f"{SECRET}/tree", "--redact=names")
        names = [name for name in os.listdir(".") if name.startswith("memtally")]
        self.assertRegex(names[0], "^memtally-h[0-9a-f]{14}-2.*Z.tar.zst$")
        self.assertTrue(self.bundle(names[0]).top.startswith("memtally-h"))

    def test_what_analysis_needs_is_kept(self):
        bundle = self.redacted("--redact=all")
        smaps = bundle.bytes["proc/1/smaps"]
        self.assertRegex(smaps, rb" /home/" + HASH + rb"/" + HASH + rb"\.so \(deleted\)\n")
        self.assertRegex(smaps, rb" /memfd:" + HASH + rb" \(deleted\)\n")
        self.assertRegex(smaps, rb" \[anon:" + HASH + rb"\]\n")
        self.assertIn(b" /usr/lib/lib1.so\n", smaps)
        self.assertRegex(smaps, rb" \[anon_shmem:" + HASH + rb"\]\n")
        self.assertRegex(smaps, rb" /usr/lib/x86_64-linux-gnu/" + HASH + rb"/" + HASH +
                         rb"\.so\.1\n")
        self.assertRegex(smaps, rb" /" + HASH + rb"/" + HASH + rb"\n")
        names = {re.search(rb"\((.*)\)", bundle.bytes["proc/1/stat"], re.S)[1],
                 bundle.bytes["proc/1/comm"].strip(),
                 bundle.bytes["proc/1/status"].split(b"\n")[0][6:]}
        self.assertEqual(len(names), 1, names)
        cgroup = bundle.bytes["proc/1/cgroup"].split(b"\n")[0][4:].decode()
        self.assertEqual(bundle.bytes[f"sys/fs/cgroup/{cgroup}/memory.current"], b"5\n")
        self.assertEqual(bundle.outcome(f"sys/fs/cgroup/{cgroup}/memory.current"), "read")

    def test_command_lines_are_dropped_or_cut(self):
        bundle = self.redacted("--redact=cmdline")
        self.assertEqual(bundle.outcome("proc/1/cmdline"), "skipped")
        self.assertEqual(bundle.outcome("proc/cmdline"), "skipped")
        self.assertNotIn("proc/1/cmdline", bundle.bytes)
        bundle = self.redacted("--redact=cmdline:argv0")
        self.assertEqual(bundle.bytes["proc/1/cmdline"], f"/opt/{SECRET}/run\0".encode())
        bundle = self.redacted("--redact=all,cmdline:argv0")
        self.assertRegex(bundle.bytes["proc/1/cmdline"],
                         rb"^/opt/" + HASH + rb"/" + HASH + rb"\x00$")

    def test_the_key_decides(self):
        write(".", "other", KEY + "x")
        keys = (f"{SECRET}/key", f"{SECRET}/key", "other")
        same, again, other = [self.redacted("--redact=all", "--redact-key", key).bytes
                              for key in keys]
        for path in ("proc/1/smaps", "proc/1/comm", "proc/1/exe.link", "proc/mounts"):
            self.assertEqual(same[path], again[path])
            self.assertNotEqual(same[path], other[path])
        self.assertNotEqual(self.redacted("--redact=all").bytes["proc/1/comm"],
                            self.redacted("--redact=all").bytes["proc/1/comm"])

    def test_wrong_usage(self):
        write(".", "short", "123456789012345")
        for arguments in (("--redact=x",), ("--redact=",), ("--redact-key", "other"),
                          ("--redact=all", "--redact-key", "short")):
            self.succeed("--proc-root", f"{SECRET}/tree", *arguments, status=2)
        self.succeed("--proc-root", f"{SECRET}/tree", "--redact=all", "--redact-key", "none",
                     status=3)

    def test_large_members_stay_whole(self):
        text = smaps_text(3000).replace("/usr/lib/lib", "/a/b/c/d/lib")
        write(f"{SECRET}/tree", "proc/2/smaps", text)
        bundle = self.redacted("--redact=all")
        smaps = bundle.bytes["proc/2/smaps"]
        self.assertEqual(bundle.outcome("proc/2/smaps"), "read")
        self.assertEqual(bundle.members["proc/2/smaps"]["bytes"], len(smaps))
        self.assertEqual([line for line in smaps.split(b"\n") if b"-p " not in line],
                         [line.encode() for line in text.split("\n") if "-p " not in line])
        parts = [entry for entry in bundle.entries if "/proc/2/smaps.part-" in entry.name]
        self.assertEqual(bundle.members["proc/2/smaps"]["parts"], len(parts))
        for entry in parts:
            data = bundle.plain[entry.offset_data:entry.offset_data + entry.size]
            self.assertTrue(data.startswith(b"7f") and data.endswith(b"\n"), entry.name)


main()
