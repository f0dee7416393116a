#!/usr/bin/env python3
"""The Python package beside the command: rates, memory over a million calls, threads. Run it where the wheel is installed.

usage: throughput.py BINARY [--text FILE] [--calls N]

BINARY   the native command, of the same version (target/release/dechaff)
--text   `.jsonl` with a `text` a record (or `.jsonl.gz`); else texts of the repository's own tests, of 6 KB each
--calls  how many calls the memory is watched over (1,000,000)

The shorter the texts, the more often threads wait for the GIL, and for each other where they are more than cores.

Prints a Markdown table. A wheel for this is built with `maturin build --release`. It runs on Linux.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import dechaff

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benches"))
import peers  # noqa: E402

ROUNDS = 9
SHORT = "The ferry was late again, the harbour master said on Monday.\n\nPost a Comment\n\n0 Comments\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--text", type=pathlib.Path)
    parser.add_argument("--calls", type=int, default=1_000_000)
    args = parser.parse_args()
    texts = peers.read(args.text) if args.text else peers.own_texts()
    cleaner = dechaff.Cleaner()
    print("| | |\n|---|---|")
    for threads in (1, os.cpu_count()):
        shares = []
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as records:
            records.write("".join(json.dumps({"text": text}) + "\n" for text in texts))
            records.flush()
            run = [args.binary, "clean", "--quiet", "-j", str(threads), records.name]
            for _ in range(ROUNDS):
                command = seconds(lambda: subprocess.run(run, stdout=subprocess.DEVNULL, check=True))
                shares.append(command / seconds(lambda: cleaner.clean_many(texts, threads=threads)))
        share = statistics.median(shares)
        print(f"| `clean_many` against the command, {threads} threads each | {share:.0%} |")
    print(f"| 8 threads that call `clean`, against one | {threads_against_one(cleaner, texts):.2f} times |")
    print(f"| two processes that only count, against one | {machine():.2f} times |")
    cleaner.clean_many([SHORT] * 10_000)
    before = memory()
    for _ in range(args.calls):
        cleaner.clean(SHORT)
    print(f"| memory after {args.calls:,} calls, before | {memory():.1f} MB, {before:.1f} MB |")


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def threads_against_one(cleaner, texts):
    def all_on(count):
        def work(first):
            for text in texts[first::count]:
                cleaner.clean(text)

        threads = [threading.Thread(target=work, args=(first,)) for first in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    # A thread's first texts build what the next ones use.
    all_on(8)
    # Each pair at one time: other guests of the machine come and go.
    return statistics.median(seconds(lambda: all_on(1)) / seconds(lambda: all_on(8)) for _ in range(ROUNDS))


def machine():
    """What two processes do that only count, against one: more than that the machine does not give."""

    def counting(processes):
        spin = [sys.executable, "-S", "-c", "for _ in range(10_000_000): pass"]
        for process in [subprocess.Popen(spin) for _ in range(processes)]:
            process.wait()

    return statistics.median(2 * seconds(lambda: counting(1)) / seconds(lambda: counting(2)) for _ in range(ROUNDS))


def memory():
    """What this process has of memory, in megabytes."""
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
