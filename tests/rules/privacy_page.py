#!/usr/bin/env python3
"""Every source of the collector is named in docs/privacy.md, by its name or its folder.

    privacy_page.py PROJECT
"""
import re
import sys


def sources(text):
    """(folder, names) of each row of the table."""
    defines = {name: "".join(re.findall(r'"([^"]*)"', body)) for name, body in
               re.findall(r"#define (\w+_NAMES)\s+((?:.*\\\n)*.*\n)", text)}
    table = text[text.index("const struct source sources[]"):]
    for row in re.findall(r"ROW(?:_UNLESS)?\((.*?)\),\n", table, re.S):
        row = re.sub(r"\b(?:%s)\b" % "|".join(defines), lambda word: f'"{defines[word[0]]}"', row)
        row = re.sub(r'"\s+"', "", row)
        strings = re.findall(r'"([^"]*)"', row)
        yield strings[0], strings[1].split(" ")


def main():
    with open(f"{sys.argv[1]}/collector/sources.c", encoding="utf-8") as file:
        rows = list(sources(file.read()))
    with open(f"{sys.argv[1]}/docs/privacy.md", encoding="utf-8") as file:
        named = re.findall(r"`([^`]*)`", file.read())
    patterns = [re.compile(re.escape(word).replace(r"\*", ".*") + "$") for word in named]
    missing = [f"{folder}/{name}" for folder, names in rows for name in names
               if not any(pattern.match(name) for pattern in patterns) and
               not any(word.startswith(("proc/", "sys/")) and folder.startswith(word)
                       for word in named)]
    for path in missing:
        print(f"docs/privacy.md does not name {path}")
    assert len(rows) > 40, "the table of sources could not be read"
    sys.exit(1 if missing else 0)


main()
