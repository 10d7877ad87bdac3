# SPDX-License-Identifier: ISC
"""The JSON of gcov (a document a line) -> run lines a folder, and all below each aim. usage: coverage.py TOP [-v]"""
import collections
import json
import os
import sys

AIMS = {"src/core": 90, "backends": 90, "src/io": 80, "src/app": 80, "src/cmd": 80, "src/ui": 80, "src": 80}


def read(top):
    """file -> line -> was it run: by any of the objects that were made of it."""
    files = collections.defaultdict(dict)
    for document in sys.stdin:
        if not document.startswith("{"):
            continue
        data = json.loads(document)
        for file in data["files"]:
            name = os.path.relpath(os.path.join(data["current_working_directory"], file["file"]), top)
            if not name.startswith(("src/", "backends/")):
                continue
            for line in file["lines"]:
                number = line["line_number"]
                files[name][number] = files[name].get(number, False) or line["count"] > 0
    return files


def part_of(folder):
    """The first of AIMS that it belongs to."""
    return next(part for part in AIMS if (folder + "/").startswith(part + "/"))


def percent(lines):
    return 100 * sum(lines) / len(lines)


def ranges(numbers):
    out = []
    for number in numbers:
        if out and out[-1][1] == number - 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return " ".join("%d" % a if a == b else "%d-%d" % (a, b) for a, b in out)


def main():
    files = read(sys.argv[1])
    if not files:
        sys.exit("coverage: gcov told of no line")
    folders, parts = collections.defaultdict(list), collections.defaultdict(list)
    for name in sorted(files):
        lines = list(files[name].values())
        folders[os.path.dirname(name)] += lines
        parts[part_of(os.path.dirname(name))] += lines
        if "-v" in sys.argv:
            print("%5.1f %%  %s  not run: %s" % (percent(lines), name, ranges(sorted(n for n, ran in files[name].items() if not ran))))
    for folder in sorted(folders):
        print("%5.1f %%  %5d lines  %s" % (percent(folders[folder]), len(folders[folder]), folder))
    for part, aim in AIMS.items():
        if part in parts:
            said = "reached" if percent(parts[part]) >= aim else "missed"
            print("%5.1f %%  %5d lines  all of %s; the aim of %d %% is %s" % (percent(parts[part]), len(parts[part]), part, aim, said))


main()
