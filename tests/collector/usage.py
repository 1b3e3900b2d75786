#!/usr/bin/env python3
"""The command line: right and wrong."""
import os
import pty
import subprocess

from support import COLLECTOR, InFolder, collect, main, make_tree


class Usage(InFolder):
    def refused(self, status, words, *arguments):
        finished = collect(*arguments)
        self.assertEqual(finished.returncode, status, finished.stderr)
        self.assertIn(words, finished.stderr.decode())
        self.assertTrue(finished.stderr.startswith(b"memtally-collect: "))
        self.assertEqual(finished.stdout, b"")
        self.assertEqual([name for name in os.listdir(".") if name.startswith((".", "memtally"))],
                         [])

    def test_help_and_version(self):
        finished = self.succeed("--help")
        self.assertEqual(finished.stderr, b"")
        for word in (b"Usage: memtally-collect", b"-o, --output FILE", b"--label TEXT",
                     b"--proc-root DIR", b"-q, --quiet", b"-v, --verbose"):
            self.assertIn(word, finished.stdout)
        self.assertEqual(self.succeed("-h").stdout, finished.stdout)
        self.assertEqual(self.succeed("-V").stdout, self.succeed("--version").stdout)

    def test_wrong_usage_is_2(self):
        self.refused(2, "unknown option '-x'", "-x")
        self.refused(2, "unknown option '--nothing'", "--nothing")
        self.refused(2, "needs an argument", "-o")
        self.refused(2, "needs an argument", "--label")
        self.refused(2, "needs an argument", "-o", "")
        self.refused(2, "unexpected argument 'file'", "file")
        os.mkdir("empty")
        self.refused(2, "'empty' has no proc/ in it", "--proc-root", "empty")
        os.mkdir("empty/proc")
        self.refused(2, "neither a mounted nor a copied", "--proc-root", "empty")

    def test_what_cannot_be_written_is_3(self):
        self.refused(3, "No such file", "--proc-root", "none")
        self.refused(3, "No such file", "-o", "none/x.tar.zst")

    def test_only_regular_files_are_replaced(self):
        os.mkdir("folder")
        os.mkfifo("fifo")
        with open("file", "w", encoding="ascii") as file:
            file.write("old")
        os.symlink("file", "link")
        self.refused(2, "is a directory", "-o", "folder")
        self.refused(3, "No such file", "-o", "none/")
        self.refused(2, "not a regular file", "-o", "fifo")
        self.refused(2, "not a regular file", "-o", "link")
        self.refused(2, "not a regular file", "-o", "/dev/null")
        make_tree("tree")
        self.succeed("--proc-root", "tree", "-o", "folder/")
        self.assertRegex(" ".join(os.listdir("folder")), r"^memtally-[^ ]*Z\.tar\.zst$")
        self.succeed("--proc-root", "tree", "-o", "file")
        with open("file", "rb") as file:
            self.assertEqual(file.read(4), b"\x28\xb5\x2f\xfd")

    def on_terminal(self, *arguments):
        """Standard error, and standard output too unless it is redirected, is a terminal."""
        try:
            ours, theirs = pty.openpty()
        except OSError:
            self.skipTest("no terminals here: /dev/pts is not mounted")
        with subprocess.Popen([COLLECTOR, *arguments], stdin=subprocess.DEVNULL, stdout=theirs,
                              stderr=theirs) as child:
            os.close(theirs)
            seen = b""
            while True:
                try:
                    some = os.read(ours, 65536)
                except OSError:
                    break
                if not some:
                    break
                seen += some
            os.close(ours)
            return child.wait(60), seen

    def test_a_terminal_gets_no_bundle(self):
        status, words = self.on_terminal("-o", "-")
        self.assertEqual(status, 2)
        self.assertIn(b"is a terminal", words)

    def test_progress_is_erased(self):
        make_tree("tree")
        status, words = self.on_terminal("--proc-root", "tree", "-o", "x.tar.zst")
        self.assertEqual(status, 0)
        last = words.replace(b"\r\n", b"\n").rstrip(b"\n").rpartition(b"\r\x1b[K")[2]
        self.assertTrue(last.startswith(b"x.tar.zst: 3 processes, 15 mappings, 0 not read"), words)
        status, words = self.on_terminal("--proc-root", "tree", "-q", "-o", "x.tar.zst")
        self.assertEqual((status, words), (0, b""))


main()
