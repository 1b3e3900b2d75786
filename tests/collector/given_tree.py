#!/usr/bin/env python3
"""--proc-root: a tree in place of /proc and /sys."""
import os
import struct

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

    def test_frames_are_counted_by_their_flags(self):
        head, tail, slab, buddy = 1 << 15, 1 << 16, 1 << 7, 1 << 10
        frames = [buddy, slab | head, slab | tail, tail, tail | 1 << 12, 0, 0, 1 << 20,  # 0 to 7
                  tail | slab, head, tail, 1 << 63 | 1, 4, 1 << 32 | 1 << 2, buddy, buddy]
        os.makedirs("tree/proc", exist_ok=True)
        with open("tree/proc/kpageflags", "wb") as file:
            file.write(struct.pack(f"={len(frames)}Q", *frames))
        page = os.sysconf("SC_PAGE_SIZE")
        write("tree", "proc/iomem", f"00000000-{7 * page - 1:08x} : System RAM\n"
                                    f"  00000000-{page - 1:08x} : Kernel code\n"
                                    f"{7 * page:x}-{8 * page - 1:x} : PCI Bus 0000:00\n"
                                    f"{8 * page:x}-{14 * page - 1:x} : System RAM\n"
                                    f"{14 * page:x}-{16 * page - 1:x} : Reserved\n")
        census = self.collected("--proc-root", "tree", "--page-census").bytes.get("derived/census")
        self.assertEqual(census.decode(), f"""census 1
page_bytes {page}
frames 13
within_ram yes
counts no
flags 0 pages 4 mapped 0
flags 400 pages 1 mapped 0
flags 8000 pages 1 mapped 0
flags 8080 pages 1 mapped 0
flags 10000 pages 1 mapped 0
flags 10080 pages 4 mapped 0
flags 100000000 pages 1 mapped 0
end rows 7 complete yes
""")
        write("tree", "proc/iomem", "00000000-00000000 : System RAM\n")
        census = self.collected("--proc-root", "tree", "--page-census").bytes.get("derived/census")
        self.assertIn(b"frames 16\nwithin_ram no\n", census)
        self.assertIn(b"flags 400 pages 3 ", census)
        self.assertIn(b"flags 100000 pages 1 ", census)

    def test_without_being_asked_no_frame_is_counted(self):
        write("tree", "proc/kpageflags", "12345678")
        self.assertIsNone(self.collected("--proc-root", "tree").bytes.get("derived/census"))

    def test_descriptors_that_hold_memory(self):
        os.makedirs("tree/proc/2/fd")
        for number, target in enumerate(("/etc/passwd", "pipe:[4711]", "/memfd:a\nb (deleted)",
                                         "/SYSV00000000 (deleted)", "/dev/shm/x", "pipe:[x]",
                                         "/dev/zero (deleted)", "/dev/zero", "/dmabuf:",
                                         "/dev/dri/card0", "socket:[5]", "/memfd")):
            os.symlink(target, f"tree/proc/2/fd/{number}")
        bundle = self.collected("--proc-root", "tree")
        # links of a copied tree lead to files of this machine: their sizes are not asked
        self.assertEqual(sorted(bundle.bytes.get("proc/2/fd.memory").decode().split("\n")), [
            "", "held kind dmabuf path /dmabuf:", "held kind gpu path /dev/dri/card0",
            "held kind memfd path /memfd:a\\nb (deleted)",
            "held kind shm path /dev/shm/x", "held kind shm path /dev/zero (deleted)",
            "held kind sysv path /SYSV00000000 (deleted)", "pipe inode 4711"])
        self.assertEqual(bundle.outcome("proc/1/fd.memory"), "absent")
        hidden = self.collected("--proc-root", "tree", "--redact=paths")
        self.assertNotIn(b"a\\nb", hidden.bytes.get("proc/2/fd.memory"))
        self.assertIn(b"pipe inode 4711\n", hidden.bytes.get("proc/2/fd.memory"))
        self.assertIn(b"path /SYSV00000000 (deleted)\n", hidden.bytes.get("proc/2/fd.memory"))

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
