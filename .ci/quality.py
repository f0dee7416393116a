#!/usr/bin/env python3
"""The gate on quality: harm within its bounds, and no row of the table, `extract` included, worse than before.

usage: quality.py DECHAFF QUALITY [SAMPLE]

QUALITY is the measuring tool beside the corpus. The bounds are those of issue 2, in percent of gold words.
Every page is measured by default: a sample of one in ten has too few harmed pages for a bound of 0.02%.
"""
import re
import subprocess
import sys

BOUNDS = {"careful": 0.02, "normal": 0.05, "eager": None}


def main(binary, tool, sample="1"):
    bad = []
    for level, bound in BOUNDS.items():
        command = [sys.executable, tool, binary, "--level", level, "--sample", sample, "--extract"]
        table = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode()
        print(f"-- {level}\n{table}")
        for row in table.split("\n"):
            found = re.match(r"(\w+(?:, articles)?)\s+\d+ (\d\.\d+) -> (\d\.\d+)", row)
            if found and float(found[3]) < float(found[2]):
                bad.append(f"{level}: F1 of {found[1]} falls from {found[2]} to {found[3]}")
        harm = re.search(r"gold words removed \((\d+\.\d+)%\)", table)
        if not harm:
            bad.append(f"{level}: no harm row")
        elif bound is not None and float(harm[1]) > bound:
            bad.append(f"{level}: harm {harm[1]}%, at most {bound}%")
    for fault in bad:
        print(fault)
    return 1 if bad else 0


sys.exit(main(*sys.argv[1:4]))
