#!/usr/bin/env python3
"""The seeds come out as expected (blank lines aside) at every level, and a second run moves nothing.

usage: seeds.py DECHAFF SEEDS
"""
import pathlib
import subprocess
import sys


def clean(binary, level, text):
    return subprocess.run([binary, "clean", "--level", level], input=text, stdout=subprocess.PIPE, check=True).stdout


def lines(text):
    return [line for line in text.decode().split("\n") if line.strip()]


def main(binary, seeds):
    bad = 0
    files = sorted(pathlib.Path(seeds).glob("*.txt"))
    for file in files:
        expected = lines((file.parent / "expected" / file.name).read_bytes())
        for level in ("careful", "normal", "eager"):
            once = clean(binary, level, file.read_bytes())
            if lines(once) != expected:
                bad += 1
                print(f"{file.name} at {level} is not as expected")
            if clean(binary, level, once) != once:
                bad += 1
                print(f"{file.name} at {level} moves when it is cleaned again")
    print(f"{len(files)} seeds at 3 levels, {bad} faults")
    return 1 if bad or not files else 0


sys.exit(main(*sys.argv[1:3]))
