#!/usr/bin/env python3
"""memtally verify finds planted words wherever they are, and none in a redacted bundle.

    verify.py COLLECTOR ANALYZER PROJECT
"""
import io
import json
import os
import subprocess
import sys
import tarfile

import support
from support import InFolder, make_tree, need, smaps_text, write

need("zstd")
ANALYZER, PROJECT = sys.argv[2:4]
del sys.argv[2:4]  # what is left names tests
WORD = "Xsecret"
KEY = "0123456789abcdef"


def memtally(*arguments, **options):
    return subprocess.run([ANALYZER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, timeout=120, **options)


def tar(path, members, pax=False, **fields):
    """A foreign tar of (name, bytes)."""
    with tarfile.open(path, "w:gz" if path.endswith("gz") else "w",
                      format=tarfile.PAX_FORMAT if pax else tarfile.GNU_FORMAT) as archive:
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            for key, value in fields.items():
                setattr(entry, key, value)
            archive.addfile(entry, io.BytesIO(data))


class Verify(InFolder):
    def verify(self, path, status, *arguments, words=WORD):
        write(".", "words", f"\n{words}\n\n")
        finished = memtally("verify", path, "--words", "words", "--json", *arguments)
        self.assertEqual(finished.returncode, status, (finished.stdout, finished.stderr))
        if status == 2:
            return None
        report = json.loads(finished.stdout)
        self.check_schema(report)
        return report

    def check_schema(self, report):
        try:
            import jsonschema
        except ImportError:
            return
        with open(f"{PROJECT}/schema/verify.schema.json", encoding="utf-8") as file:
            jsonschema.validate(report, json.load(file))

    def places(self, path, *arguments, words=WORD):
        report = self.verify(path, 1, *arguments, words=words)
        self.assertEqual(report["found"], len(report["places"]))
        return [(place["where"], place["member"].split("/", 1)[-1], place["line"], place["offset"])
                for place in report["places"]]

    def test_contents_and_parts(self):
        make_tree("tree")
        text = smaps_text(3000)
        at = 600000
        write("tree", "proc/2/smaps", text[:at] + WORD + text[at:])
        write("tree", "proc/slabinfo", f"a\nb\nc {WORD}\n")
        self.collected("--proc-root", "tree")
        line = text[:at].count("\n") + 1
        self.assertEqual(self.places("x.tar.zst"),
                         [("content", "proc/slabinfo", 3, 6), ("content", "proc/2/smaps", line, at)])
        self.verify("x.tar.zst", 0, words="nowhere to be found")

    def test_across_parts(self):
        tar("x.tar", [("a/proc/x.part-0001", b"1\nXsec"), ("a/proc/x.part-0002", b"ret"),
                      ("a/proc/y", b"Xsec"), ("a/proc/z", b"ret")])
        self.assertEqual(self.places("x.tar"), [("content", "proc/x", 2, 2)])

    def test_names_headers_and_padding(self):
        data = [("a/proc/meminfo", b"MemTotal: 1 kB\n")]
        tar("x.tar", [(f"a/proc/{WORD}", b"1")])
        self.assertIn(("path", f"proc/{WORD}", None, 7), self.places("x.tar"))
        tar("x.tar", data, uname=WORD)
        self.assertEqual(self.places("x.tar")[0][:2], ("archive", "proc/meminfo"))
        tar("x.tar", data, pax=True, pax_headers={f"SCHILY.xattr.{WORD}": "1"})
        self.assertEqual(self.places("x.tar")[0][:2], ("archive", "proc/meminfo"))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            tar("x.tar", [("a/b", b"")], linkname=WORD, type=kind)
            self.assertIn("archive", [place[0] for place in self.places("x.tar")])
        tar("x.tar", data + [("../" + WORD, b"")])
        self.assertIn("path", [place[0] for place in self.places("x.tar")])
        tar("x.tar", data)
        with open("x.tar", "ab") as file:
            file.write(WORD.encode())
        self.assertEqual(self.places("x.tar")[0][0], "archive")
        tar(f"{WORD}.tar", data)
        self.assertEqual(self.places(f"{WORD}.tar"), [("file_name", "", None, 0)])

    def test_other_compressions(self):
        tar("x.tar.gz", [("a/proc/x", b"a" * 100000 + WORD.encode())], uname=WORD)
        places = self.places("x.tar.gz")
        self.assertIn(("content", "proc/x", 1, 100000), places)
        self.assertIn("archive", [place[0] for place in places])

    def test_words(self):
        tar("x.tar", [("a/proc/x", b"abcd xSECRET a\\nb \\303"), ("b", b"m\\xfcll")])
        self.verify("x.tar", 0)
        self.assertEqual(len(self.places("x.tar", "-i")), 1)
        self.assertEqual(len(self.places("x.tar", words="bcd\nabcd\ncd\nabcde", *["--short"])), 3)
        self.verify("x.tar", 2, words="cd")
        self.verify("x.tar", 2, words="")
        write(".", "words", b"m\xfcll\n")
        self.assertEqual(memtally("verify", "x.tar", "--words", "words").returncode, 1)
        self.assertEqual(memtally("verify", "x.tar").returncode, 2)

    def test_what_breaks_proves_nothing(self):
        make_tree("tree")
        self.collected("--proc-root", "tree")
        with open("x.tar.zst", "rb") as file:
            packed = file.read()
        write(".", "cut.tar.zst", packed[:-40])
        self.assertFalse(self.verify("cut.tar.zst", 3)["complete"])
        write(".", "words", WORD)
        tar("x.tar.gz", [("a/proc/x", os.urandom(100000))])
        with open("x.tar.gz", "rb") as file:
            packed = file.read()
        write(".", "cut.tar.gz", packed[:-5000])
        finished = memtally("verify", "cut.tar.gz", "--words", "words")
        self.assertEqual(finished.returncode, 3, finished)

    def test_a_redacted_bundle_still_works(self):
        from redaction_tree import plant
        for tree in ("before", "after"):
            plant(tree)
            write(".", "key", KEY)
            self.succeed("-o", f"{tree}.tar.zst", "--proc-root", tree, "--redact=all",
                         "--redact-key", "key")
            self.verify(f"{tree}.tar.zst", 0, words=f"{WORD}\nexample\nbob@")
        self.succeed("-o", "plain.tar.zst", "--proc-root", "before")
        self.assertGreater(len(self.places("plain.tar.zst")), 40)
        for command in ("ps", "maps", "ledger", "info"):
            finished = memtally(command, "before.tar.zst", "--json")
            self.assertEqual(finished.returncode, 0, finished.stderr)
        maps = json.loads(memtally("maps", "before.tar.zst", "--json").stdout)
        self.assertTrue([row for row in maps["objects"] if "(deleted)" in str(row["name"])
                         or "memfd" in str(row)])
        diff = json.loads(memtally("diff", "before.tar.zst", "after.tar.zst", "--json",
                                   "-a").stdout)
        self.assertEqual({row["status"] for row in diff["processes"]}, {"same"})
        self.assertEqual([row for row in diff["objects"] if row.get("change_bytes")], [])


support.main()
