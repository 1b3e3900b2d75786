#!/usr/bin/env python3
"""--proc-root: a tree in place of /proc and /sys."""
import os

from support import InFolder, main, make_process, make_tree, need, smaps_text, write

need("zstd")


class GivenTree(InFolder):
    def setUp(self):
        super().setUp()
        make_tree("tree")

    def test_the_manifest_tells_only_what_the_tree_tells(self):
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.manifest["proc_root"], "tree")
        for key in ("host", "kernel_release", "kernel_version", "architecture", "boot_id",
                    "clock_ticks_per_second", "collector_pid", "pid_namespace", "cpus_online"):
            self.assertNotIn(key, bundle.manifest)
        self.assertEqual(bundle.manifest["page_size_bytes"], "4096")

    def test_what_the_tree_tells_is_in_the_manifest(self):
        write("tree", "proc/version", "Linux version 2.6.32-1.el6 (a@b) (gcc) #3 SMP Tue\n")
        write("tree", "proc/sys/kernel/hostname", "web/1 \x1b\n")
        write("tree", "proc/sys/kernel/random/boot_id", "0-1-2\n")
        write("tree", "proc/stat", "cpu  1 2\ncpu0 1\ncpu1 1\ncpu12 1\nintr 7\n")
        write("tree", "proc/1/smaps", smaps_text(2).replace("KernelPageSize:        4 kB",
                                                            "KernelPageSize:       64 kB"))
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.manifest["kernel_release"], "2.6.32-1.el6")
        self.assertEqual(bundle.manifest["kernel_version"], "#3 SMP Tue")
        self.assertEqual(bundle.manifest["host"], "web/1 \\x1b")
        self.assertEqual(bundle.manifest["boot_id"], "0-1-2")
        self.assertEqual(bundle.manifest["cpus_online"], "3")

    def test_the_host_in_the_name_is_harmless(self):
        write("tree", "proc/sys/kernel/hostname", "../we b\x1b\n")
        self.succeed("--proc-root", "tree")
        self.assertTrue([name for name in os.listdir(".")
                         if name.startswith("memtally-.._we_b_-2")], os.listdir("."))

    def test_a_fifo_does_not_hang(self):
        os.remove("tree/proc/2/smaps")
        os.mkfifo("tree/proc/2/smaps")
        os.mkfifo("tree/proc/slabinfo")
        os.remove("tree/proc/vmstat")
        os.mkfifo("tree/proc/vmstat")
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.outcome("proc/2/smaps"), "failed")
        self.assertEqual(bundle.outcome("proc/slabinfo"), "failed")
        self.assertEqual(bundle.outcome("samples/1/vmstat"), "failed")
        self.assertEqual(bundle.outcome("proc/1/smaps"), "read")
        self.assertIn("proc/2/smaps: not a regular file, so it was not read", bundle.notes)

    def test_links_are_not_followed(self):
        write("tree", "secret", "secret\n")
        os.remove("tree/proc/2/smaps")
        os.symlink("../../secret", "tree/proc/2/smaps")
        os.symlink("../secret", "tree/proc/mounts")
        os.symlink("1", "tree/proc/77")
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.outcome("proc/2/smaps"), "failed")
        self.assertNotIn(b"secret\n", b"".join(bundle.bytes.values()))
        self.assertNotEqual(bundle.processes[77]["outcome"], "read")

    def test_links_and_listings_are_members(self):
        os.symlink("/usr/bin/a program (deleted)", "tree/proc/1/exe")
        os.makedirs("tree/sys/kernel/slab/:0000064")
        os.symlink(":0000064", "tree/sys/kernel/slab/kmalloc-64")
        write("tree", "sys/module/a/coresize", "4096\n")
        os.makedirs("tree/sys/module/a/holders/c")
        os.makedirs("tree/sys/module/a/holders/b")
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.bytes["proc/1/exe.link"], b"/usr/bin/a program (deleted)")
        self.assertEqual(bundle.bytes["sys/kernel/slab/kmalloc-64.link"], b":0000064")
        self.assertNotIn("sys/kernel/slab/:0000064.link", bundle.bytes)
        self.assertEqual(bundle.bytes["sys/module/a/holders.list"], b"b\nc\n")
        self.assertEqual(bundle.bytes["sys/module/a/coresize"], b"4096\n")

    def test_a_pattern_that_matches_nothing_is_one_record(self):
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.outcome("sys/module/*/coresize"), "absent")
        self.assertEqual(bundle.outcome("sys/block/zram*/mm_stat"), "absent")
        self.assertEqual(bundle.outcome("proc/slabinfo"), "absent")
        self.assertEqual(bundle.outcome("sys/fs/cgroup/**/memory.current"), "absent")

    def test_cgroups_by_an_allow_list(self):
        write("tree", "sys/fs/cgroup/cgroup.controllers", "memory\n")
        write("tree", "sys/fs/cgroup/a.slice/b.service/memory.current", "1\n")
        write("tree", "sys/fs/cgroup/a.slice/memory.current", "2\n")
        write("tree", "sys/fs/cgroup/a.slice/memory.reclaim", "never\n")
        write("tree", "sys/fs/cgroup/a.slice/memory.kmem.slabinfo", "never\n")
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.bytes["sys/fs/cgroup/a.slice/b.service/memory.current"], b"1\n")
        self.assertEqual(bundle.bytes["sys/fs/cgroup/a.slice/memory.current"], b"2\n")
        self.assertNotIn(b"never", b"".join(bundle.bytes.values()))

    def test_cgroup_v1_is_read_once(self):
        write("tree", "sys/fs/cgroup/memory/memory.usage_in_bytes", "3\n")
        write("tree", "sys/fs/cgroup/memory/x/memory.stat", "cache 4\n")
        write("tree", "sys/fs/cgroup/memory/x/memory.kmem.slabinfo", "never\n")
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.bytes["sys/fs/cgroup/memory/x/memory.stat"], b"cache 4\n")
        self.assertEqual(len(bundle.names), len(set(bundle.names)))
        self.assertNotIn(b"never", b"".join(bundle.bytes.values()))

    def test_names_are_bytes(self):
        name = os.fsdecode(b"m\xfcller\n\x1b.slice")
        write("tree", "sys/fs/cgroup/cgroup.controllers", "memory\n")
        write("tree", f"sys/fs/cgroup/{name}/memory.current", "5\n")
        write("tree", "sys/fs/cgroup/größe/memory.current", "6\n")
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.bytes[f"sys/fs/cgroup/{name}/memory.current"], b"5\n")
        self.assertEqual(bundle.bytes["sys/fs/cgroup/größe/memory.current"], b"6\n")
        self.assertEqual(bundle.outcome(f"sys/fs/cgroup/{name}/memory.current"), "read")

    def test_large_members_come_in_parts_at_record_borders(self):
        text = smaps_text(3000)
        make_process("tree", 2, text)
        slabs = "".join(f"cache-{number} 1 2 3\n" for number in range(40000))
        write("tree", "proc/slabinfo", slabs)
        arguments = b"".join(b"argument %d\0" % number for number in range(40000))
        write("tree", "proc/2/cmdline", arguments)
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.bytes["proc/2/smaps"], text.encode())
        self.assertEqual(bundle.bytes["proc/slabinfo"], slabs.encode())
        self.assertEqual(bundle.bytes["proc/2/cmdline"], arguments)
        for path, starts, ends in (("proc/2/smaps", b"7f", b"\n"),
                                   ("proc/slabinfo", b"cache-", b"\n"),
                                   ("proc/2/cmdline", b"argument", b"\0")):
            parts = [entry for entry in bundle.entries if f"/{path}.part-" in entry.name]
            self.assertEqual([entry.name[-4:] for entry in parts],
                             [f"{number:04}" for number in range(1, len(parts) + 1)])
            self.assertGreater(len(parts), 1)
            self.assertEqual(bundle.members[path]["parts"], len(parts))
            for entry in parts:
                data = bundle.plain[entry.offset_data:entry.offset_data + entry.size]
                self.assertTrue(data.startswith(starts) and data.endswith(ends), entry.name)
        self.assertEqual(bundle.end["mappings"], 3000 + 5 + 5)

    def test_sizes_around_the_buffer(self):
        size = 256 * 1024
        for extra in (-1, 0, 1):
            text = b"12345678901234567890123456789012\n" * (size // 33 + 1)
            text = text[:size + extra - 1] + b"\n"
            write("tree", "proc/slabinfo", text)
            bundle = self.collected("--proc-root", "tree")
            self.assertEqual(bundle.bytes["proc/slabinfo"], text)
            self.assertEqual(bundle.outcome("proc/slabinfo"), "read")

    def test_an_endless_line_is_cut(self):
        write("tree", "proc/slabinfo", "x" * (1 << 20))
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.outcome("proc/slabinfo"), "cut")
        self.assertEqual(bundle.bytes["proc/slabinfo"], b"x" * (256 * 1024))

    def test_a_long_journal_comes_in_parts(self):
        for pid in range(100, 700):
            make_process("tree", pid)
        bundle = self.collected("--proc-root", "tree")
        parts = [name for name in bundle.names if name.startswith("journal")]
        self.assertGreater(len(parts), 1)
        self.assertEqual(parts, [f"journal.part-{number:04}" for number in
                                 range(1, len(parts) + 1)])
        self.assertEqual(bundle.names[-1], parts[-1])
        self.assertEqual(len(bundle.processes), 603)

    def test_an_unreadable_file_is_refused(self):
        if os.geteuid() == 0:
            self.skipTest("root reads everything")
        os.chmod("tree/proc/2/smaps", 0)
        bundle = self.collected("--proc-root", "tree")
        self.assertEqual(bundle.outcome("proc/2/smaps"), "refused")
        self.assertEqual(bundle.processes[2]["outcome"], "refused")


main()
