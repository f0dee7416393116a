#!/usr/bin/env python3
"""What `cargo test` has no time for: kills, races, full disks, gigabytes. Prints a Markdown table, a line a run.

usage: long.py BINARY [--only T1,T7] [--small]

--only   these promises alone
--small  a tenth of everything or less, for CI

Damaged is what is not as it must be: a file that is neither the old one nor the new one, a lost edit, a wrong exit
status, a byte of a record that changed. Each is told on standard error, and then the exit status is 1. What is right is
worked out here: inputs are made of prose and of noise that is known to go, and records are taken apart by a tokenizer
of their bytes. It runs on Linux; `zstd`, and a tmpfs, which only root may mount, are tried where they can be had.
"""
import argparse
import collections
import gzip
import hashlib
import itertools
import json
import multiprocessing
import os
import pathlib
import pty
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from subprocess import DEVNULL, PIPE

NOISE = ["Post a Comment", "0 Comments", "Subscribe to our newsletter"]
PIECES = ["The harbour master|A young baker|Her oldest neighbour|The night porter|Our cousin René|The miller's son",
          "walked down to the quay|counted the crates again|told them of the \"great\" storm|painted the gate"
          " twice|found a letter under the stairs|waited for the ferry|sold the horse and/or the mule|mended the nets",
          "behind the old granary|near the stone bridge|at the edge of Brünn|in the barn|under the lime trees 🌳",
          "because the river had risen in the night|while the bells rang for the feast|before the first snow lay|after"
          " the carts had left for town|although nobody had asked for it|as the naïve painter had foretold"]
DRAFT = ".dechaff-"
RUNS = []


def prose():
    chance, pieces = random.Random(1), [piece.split("|") for piece in PIECES]
    sentences = (" ".join(map(chance.choice, pieces)) + "." for _ in itertools.count())
    return [" ".join(itertools.islice(sentences, chance.randint(2, 5))) for _ in range(400)]


PROSE = prose()
# As in a record: every second with the escapes of ASCII JSON, the others as they are, but for a slash.
RAW = [(json.dumps(text) if n % 2 else json.dumps(text, ensure_ascii=False).replace("/", "\\/"))[1:-1].encode()
       for n, text in enumerate(PROSE)]
RAW_NOISE = [[line.encode() for line in NOISE],
             [b"Post a \\u0043omment", b"0 Comments", b"Subscribe\\u0020to our newsletter"]]
# Whatever else is in a record stays as it is written, though some of it is called like the text or reads like noise.
SHAPES = [b'{"id":%d,"url":"https://example.org/a","text":"%s","score":1.0e5,"tags":["a", "b" ,"c\\u00e9\xc3\xa9"]}\n',
          b'{ "text" : "%s" ,\t"n":-0.0E+10,"meta":{"text":"0 Comments","x":[1,2.50,{"text":"a"}]},"id":%d }\r\n',
          b'{"caf\\u00e9":"\xc3\xa9\\"}","title":"0 Comments","id": %d,"t\\u0065xt":"%s","n":12345678901234567890}  \n',
          b'{"z":null,"text":"0 Comments","a":{"]":"}"},"id":%d,"text":\t"%s","z":[[],{}, true]}\n']


def text(size, name="day"):
    """The paragraphs of a text of at least so many characters, noise among them."""
    parts, length = [], 0
    for number in itertools.count(1):
        parts.append(f"On {name} {number} of that year it went on. {PROSE[number * 7 % len(PROSE)]}")
        length += len(parts[-1])
        parts += NOISE * (number % 4 == 0)
        if length >= size:
            return parts


def written(parts):
    return ("\n\n".join(parts) + "\n").encode()


def clean(parts):
    return written(part for part in parts if part not in NOISE)


def record(number, value):
    shape = SHAPES[number % len(SHAPES)]
    return shape % ((value, number) if shape.index(b"%s") < shape.index(b"%d") else (number, value))


def records(size):
    """Records of 1 to 20 KB, a third of them without noise."""
    chance, length = random.Random(2), 0
    for number in itertools.count():
        parts = chance.sample(RAW, chance.randint(3, 55))
        at = chance.randint(1, len(parts))
        parts[at:at] = RAW_NOISE[number % 2] if number % 3 else []
        yield (line := record(number, b"\\n\\n".join(parts) + b"\\n"))
        length += len(line)
        if length >= size:
            return


TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


def clean_record(line):
    """The record without noise in its text, which is the last `text` of the outermost object."""
    depth, key, previous, (start, end) = 0, None, b"", (0, 0)
    for match in TOKEN.finditer(line):
        token = match.group()
        if token == b":" and depth == 1:
            key = json.loads(previous)
        elif token[:1] == b'"' and previous == b":" and depth == 1 and key == "text":
            start, end = match.span()
        depth += (token in (b"{", b"[")) - (token in (b"}", b"]"))
        previous = token
    parts = line[start + 1:end - 1].removesuffix(b"\\n").split(b"\\n\\n")
    kept = (part for part in parts if part not in RAW_NOISE[0] + RAW_NOISE[1])
    return b'%s"%s\\n"%s' % (line[:start], b"\\n\\n".join(kept), line[end:])


class Run:
    """A line of the table, while it is counted."""

    def __init__(self, binary, folder, small):
        self.binary, self.folder, self.small = binary, folder, small
        self.cases = self.faults = self.damaged = 0
        self.notes, self.lock = [], threading.Lock()

    def some(self, full, small):
        return small if self.small else full

    def expect(self, right, said, cases=1, faults=0):
        with self.lock:
            self.cases, self.faults, self.damaged = self.cases + cases, self.faults + faults, self.damaged + (not right)
        if not right:
            print(f"DAMAGED: {said}"[:2000], file=sys.stderr, flush=True)

    def command(self, arguments):
        return [self.binary, *map(os.fspath, arguments)]

    def dechaff(self, *arguments, **how):
        streams = {"stdout": PIPE, "stderr": PIPE, "cwd": self.folder, **({} if "input" in how else {"stdin": DEVNULL})}
        done = subprocess.run(self.command(arguments), **{**streams, **how})
        if done.returncode not in (0, 1, 2) or b"panicked" in (done.stderr or b""):
            self.expect(False, f"{arguments} ended with {done.returncode}: {done.stderr}")
        return done


def run(promise, what):
    def add(function):
        RUNS.append((promise, what, function))
    return add


def drafts(folder):
    return [name for name in os.listdir(folder) if name.startswith(DRAFT)]


def tree(folder):
    """Everything below a folder: what files hold and where links lead."""
    paths = (pathlib.Path(at, name) for at, folders, files in os.walk(folder) for name in folders + files)
    return {str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else path.read_bytes()
            for path in paths if path.is_symlink() or path.is_file()}


def read(path):
    return path.read_bytes() if path.exists() else None


def big(name, size):
    """A big input of that name, and what becomes of it."""
    if name.endswith(".txt"):
        return written(parts := text(size)), clean(parts)
    lines = list(records(size))
    old, new = b"".join(lines), b"".join(map(clean_record, lines))
    return gzip.compress(old, 1) if name.endswith(".gz") else old, new


def unpacked(name, content):
    return gzip.decompress(content) if name.endswith(".gz") else content


def stopped(run, number, times, name, way):
    """Sends a signal at random times to runs that write in place, or into the folder `out`."""
    old, new = big(name, run.some(20 << 20, 2 << 20))
    places = [run.folder / f"{name} {core}" for core in range(os.cpu_count())]
    target, before = {"-w": (name, old), "-o": (f"out/{name}", None)}[way]
    command = run.command(["clean", "-q", *{"-w": ["-w"], "-o": ["-o", "out"]}[way], name])
    for place in places:
        (place / "out").mkdir(parents=True)
        (place / name).write_bytes(old)
    start = time.time()
    subprocess.run(command, cwd=places[0], check=True)
    took, made, seen = time.time() - start, (places[0] / target).read_bytes(), collections.Counter()
    run.expect(unpacked(name, made) == new, f"{name}: undisturbed, something else is made of it", cases=0)

    def work(core):
        path, chance = places[core] / target, random.Random(core)
        for turn in range(core, times, len(places)):
            if read(path) != before:
                path.unlink() if before is None else path.write_bytes(before)
            process = subprocess.Popen(command, cwd=places[core])
            # Half of them while the draft is written, which is a small part of the whole time.
            while turn // len(places) % 2 and process.poll() is None and not drafts(path.parent):
                time.sleep(0.0005)
            time.sleep(chance.uniform(0, took / 8 if turn // len(places) % 2 else took * 1.2))
            process.send_signal(number)
            status, now, left = process.wait(), read(path), drafts(path.parent)
            for draft in left:
                (path.parent / draft).unlink()
            seen.update({"drafts left": len(left), "new files": now == made, "ended first": status == 0})
            right = now == made if status == 0 else now in (before, made) and status in (-number, 128 + number)
            right = right and (number == signal.SIGKILL or not left)
            run.expect(right, f"{name}: status {status}, {left} left, {len(now or b'')} bytes", faults=status != 0)

    with ThreadPoolExecutor(len(places)) as threads:
        list(threads.map(work, range(len(places))))
    run.notes.append(f"{name}: " + ", ".join(f"{count} {what}" for what, count in seen.items()))


@run("T1", "SIGKILL at random times, `-w` on a text of 20 MB")
def killed_text(run):
    stopped(run, signal.SIGKILL, run.some(1000, 20), "a.txt", "-w")


@run("T1", "SIGKILL at random times, `-w` on 20 MB of records")
def killed_records(run):
    stopped(run, signal.SIGKILL, run.some(1000, 20), "a.jsonl", "-w")


@run("T7", "SIGKILL at random times, `-o` of 20 MB of records: the output file is whole or is not there")
def killed_output(run):
    stopped(run, signal.SIGKILL, run.some(200, 4), "a.jsonl.gz", "-o")


@run("T8", "SIGINT at random times, `-w`: no draft is left")
def interrupted(run):
    for name in ("a.txt", "a.jsonl"):
        stopped(run, signal.SIGINT, run.some(100, 4), name, "-w")


def refused(run, folder, name, way, **how):
    """Writes where it must fail: exit status 2, the old content, and nothing beside it."""
    before = tree(folder)
    done = run.dechaff("clean", *({"-w": ["-w"], "-o": ["-o", folder / "out"]}[way]), folder / name, **how)
    after = tree(folder)
    said = f"{way} {name}: exit status {done.returncode}, {done.stderr}, {sorted(before)} became {sorted(after)}"
    run.expect(done.returncode == 2 and after == before, said, faults=1)


@run("T1", "RLIMIT_FSIZE at 5 sizes, `-w` and `-o`, and at one that is large enough")
def limited(run):
    for name in ("a.txt", "a.jsonl", "a.jsonl.gz"):
        old, new = big(name, 1 << 20)
        (run.folder / name).write_bytes(old)
        run.dechaff("clean", "-o", "whole", name)
        enough = (run.folder / "whole" / name).stat().st_size
        shutil.rmtree(run.folder / "whole")

        def limit(size):
            return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))}
        for size, way in itertools.product((enough - 1, 0, 1, 4096, enough // 2)[:run.some(5, 1)], ("-w", "-o")):
            refused(run, run.folder, name, way, **limit(size))
        done = run.dechaff("clean", "-w", name, **limit(enough))
        right = done.returncode == 0 and unpacked(name, (run.folder / name).read_bytes()) == new
        run.expect(right, f"{name}: a limit of {enough} is enough: {done.stderr}")
        (run.folder / name).unlink()


@run("T1", "ENOSPC on a tmpfs that is too small, full, or out of inodes, `-w` and `-o`")
def full_disk(run):
    disk = run.folder / "disk"
    disk.mkdir()
    for name in ("a.txt", "a.jsonl", "a.jsonl.gz"):
        old, _ = big(name, 1 << 20)
        for options in (f"size={len(old) * 4 // 3}", f"size={len(old) + 8192}", "nr_inodes=2")[:run.some(3, 1)]:
            mount = ["mount", "-t", "tmpfs", "-o", options, "dechaff", str(disk)]
            if subprocess.run(mount, stderr=DEVNULL).returncode:
                return run.notes.append("skipped, since no tmpfs may be mounted")
            try:
                (disk / name).write_bytes(old)
                refused(run, disk, name, "-w")
                refused(run, disk, name, "-o")
            finally:
                subprocess.run(["umount", str(disk)], check=True)


def await_draft(folder):
    end = time.time() + 2
    while time.time() < end and not drafts(folder):
        pass


@run("T3", "8 processes clean one file, 100 times each, while new versions are renamed over it, half of them in a race")
def side_by_side(run):
    path, rounds, cleaned = run.folder / "a.txt", run.some(100, 3), 0

    def cleaner(_):
        for _ in range(rounds):
            done = run.dechaff("clean", "-q", "-w", path)
            refusal = done.returncode == 2 and b"was changed by somebody else" in done.stderr
            run.expect(done.returncode == 0 or refusal, f"exit status {done.returncode}: {done.stderr}", faults=refusal)

    with ThreadPoolExecutor(8) as threads:
        cleaners = []
        for number in itertools.count():
            version = text(20_000, f"version {number}, day")
            (run.folder / "new").write_bytes(written(version))
            (run.folder / "new").replace(path)
            cleaners = cleaners or [threads.submit(cleaner, core) for core in range(8)]
            time.sleep(random.uniform(0, 0.5))
            if number % 2:
                await_draft(run.folder)
            now = path.read_bytes()
            cleaned += now == clean(version)
            run.expect(now in (written(version), clean(version)), f"version {number} was lost: {now[:60]}", cases=0)
            if all(cleaner.done() for cleaner in cleaners):
                break
    run.expect(not drafts(run.folder), f"left: {drafts(run.folder)}", cases=0)
    run.notes.append(f"{number + 1} versions, {cleaned} of them cleaned; a fault is a file that had changed meanwhile")


def edit(path, edits, noise):
    """Half of the edits come at random, the others are a race with a run that is about to replace the file."""
    chance = random.Random(3)
    for number in range(edits):
        line = f"\nEdit {number} was made by hand. {PROSE[number % len(PROSE)]}\n\n{noise}\n".encode()
        time.sleep(chance.uniform(0, 0.15))
        if number % 2:
            await_draft(path.parent)
            time.sleep(chance.uniform(0, 0.001))
        with open(path, "ab", buffering=0) as file:
            file.write(line)


@run("T3", "1,000 edits are appended while the file is cleaned again and again, half of them in a race")
def edited(run):
    path, edits = run.folder / "a.txt", run.some(1000, 20)
    path.write_bytes(written(text(20_000)))
    editor = multiprocessing.Process(target=edit, args=(path, edits, "\n\n".join(NOISE)))
    editor.start()
    ends = collections.Counter()
    while editor.is_alive():
        ends[run.dechaff("clean", "-q", "-w", path).returncode] += 1
    now = path.read_bytes().decode()
    for number in range(edits):
        run.expect(now.count(f"\nEdit {number} was made by hand. ") == 1, f"edit {number} is not there once", faults=1)
    run.notes.append(f"{ends[0]} runs ended well, {ends[2]} were refused since the file had changed")


MEASURE = "import resource, subprocess, sys; code = subprocess.call(sys.argv[2:]); open(sys.argv[1], 'w').write(" \
          "f'{code} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}')"


def megabytes(run, *arguments, **how):
    """Runs it, its output going to the file `printed`; how many MB of memory it had at the most."""
    note = run.folder / "measured"
    command = [sys.executable, "-c", MEASURE, str(note), *run.command(arguments)]
    with open(run.folder / "printed", "wb") as printed:
        subprocess.run(command, stdout=printed, cwd=run.folder, **how)
    status, kilobytes = map(int, note.read_text().split())
    run.expect(status == 0, f"{arguments}: exit status {status}", cases=0)
    return kilobytes / 1024


def digest(path):
    """The SHA-256 of what is in a file, packed or not."""
    command, seen = {".gz": ["gzip", "-dc"], ".zst": ["zstd", "-dcq"]}.get(path.suffix, ["cat"]), hashlib.sha256()
    with subprocess.Popen([*command, path], stdout=PIPE) as process:
        while block := process.stdout.read(1 << 20):
            seen.update(block)
    return seen.hexdigest()


def compare(run, olds, news):
    """Every record is the one it was made of, but for the noise in its text."""
    for number, (old, new) in enumerate(itertools.zip_longest(olds, news), 1):
        said = f"record {number}: {(new or b'')[:500]} was made of {(old or b'')[:500]}"
        run.expect(old and new == clean_record(old), said)


@run("T7", "1 GB of records: file, standard input, `-o`, gzip of one member and of many, zstd, `-j 1` and `-j 2`")
def gigabyte(run):
    plain, one, many, zst = (run.folder / name for name in ("a.jsonl", "one.jsonl.gz", "many.jsonl.gz", "a.jsonl.zst"))
    with open(plain, "wb") as file, gzip.open(one, "wb", 1) as first, open(many, "wb") as second:
        source = records(run.some(1 << 30, 8 << 20))
        while block := b"".join(itertools.islice(source, 100)):
            file.write(block)
            first.write(block)
            # Members end within records.
            second.write(gzip.compress(block[:99_999], 1) + gzip.compress(block[99_999:], 1))
    with_zstd = shutil.which("zstd") and subprocess.run(["zstd", "-q", "-1", plain, "-o", zst], check=True)
    run.notes += [] if with_zstd else ["zstd is not installed, and not tried"]
    most, printed = [megabytes(run, "clean", "-j", "1", plain)], run.folder / "printed"
    with open(plain, "rb") as olds, open(printed, "rb") as news:
        compare(run, olds, news)
    expected, size = digest(printed), plain.stat().st_size
    for arguments, source in ((["-j", "2", plain], os.devnull), (["-j", "1"], plain), (["-j", "2"], many)):
        with open(source, "rb") as stream:
            most.append(megabytes(run, "clean", *arguments, stdin=stream))
        run.expect(digest(printed) == expected, f"{arguments} of {source} prints something else", cases=0)
    for jobs, path in enumerate([plain, one, many] + [zst] * bool(with_zstd)):
        most.append(megabytes(run, "clean", "-q", "-j", str(jobs % 2 + 1), "-o", "out", path))
        run.expect(digest(run.folder / "out" / path.name) == expected, f"-o: {path.name} is something else", cases=0)
    run.expect(max(most) < 200, f"{max(most):.0f} MB of memory", cases=0)
    run.notes.append(f"{size / 1e6:.0f} MB in {len(most)} ways, at most {max(most):.0f} MB of memory")


@run("T7", "A record of 100 MB in one line, among others")
def long_line(run):
    value = json.dumps(written(text(run.some(100 << 20, 10 << 20))).decode())[1:-1].encode()
    lines = [*records(50_000), record(77, value), *records(50_000)]
    (run.folder / "a.jsonl").write_bytes(b"".join(lines))
    run.notes.append(f"at most {megabytes(run, 'clean', 'a.jsonl'):.0f} MB of memory")
    with open(run.folder / "printed", "rb") as news:
        compare(run, lines, news)


@run("T7", "100,000 files in folders of folders, `-o` and `-w`")
def many_files(run):
    source, count, old, new = run.folder / "in", run.some(100_000, 1000), {}, {}
    for number in range(count):
        parts = text(200 + number % 900, f"note {number}, day")
        place = f"{number % 10}/{number // 10 % 100}/{number}.{('txt', 'md')[number % 2]}"
        (source / place).parent.mkdir(parents=True, exist_ok=True)
        (source / place).write_bytes(written(parts))
        old[place], new[place] = written(parts), clean(parts)
    for way, at, untouched in ((["-o", "out"], run.folder / "out", old), (["-w"], source, new)):
        start = time.time()
        done = run.dechaff("clean", "--summary", "json", *way, "in")
        run.notes.append(f"`{way[0]}` {count / (time.time() - start):.0f} files a second")
        right = done.returncode == 0 and json.loads(done.stderr.splitlines()[-1])["files"] == count
        run.expect(right and tree(source) == untouched, f"{way}: {done.stderr[-300:]}", cases=0)
        now = tree(at)
        for place in {**new, **now}:
            run.expect(now.get(place) == new.get(place), f"{way}: {place} is not what it should be")


# With each, whether it counts as no record.
ODD = [(b'{"id": 1, "text": "caf\xe9\\n\\nPost a Comment"}\r\n', True), (b"Post a Comment\n", True), (b"\n", False),
       (b'{"title": "Post a Comment"}\n', True), (b'{"text": 5}\n', True), (b'["Post a Comment"]\n', True),
       (b'{"text": "\\ud83d Post a Comment"}\n', True), (b'{"text": "a"} {"text": "b"}\n', True), (b" \t\r\n", False),
       (b'{"text": "a\tb"}\n', True), (b'{"text": "a", }\n', True), (b"\x00\n", True), (b"null\n", True),
       (b'{"text": null, "x": "' + b"y" * 100_000 + b'"}\n', True)]


@run("T7", "What is no record, no UTF-8, without text, or torn: passed through as it is, counted, exit status 2")
def odd_records(run):
    good = [record(n, RAW[n] + b"\\n\\n" + b"\\n\\n".join(RAW_NOISE[0]) + b"\\n") for n in range(100)]
    chance = random.Random(4)
    for turn in range(run.some(100, 8)):
        chosen = [(line, False) for line in chance.sample(good, 20)] + chance.sample(ODD, chance.randint(1, 14))
        chance.shuffle(chosen)
        torn = chance.choice(good).rstrip()
        chosen.append((torn[:chance.randint(1, len(torn) - 1)], True))
        old, count = b"".join(line for line, _ in chosen), sum(odd for _, odd in chosen)
        new = b"".join(clean_record(line) if line in good else line for line, _ in chosen)
        name, content = ("a.jsonl.gz", gzip.compress(old)) if turn % 2 else ("a.jsonl", old)
        (run.folder / name).write_bytes(content)
        ways = [([name], None), (["--format", "jsonl"], None), (["-w", name], name), (["-o", "o", name], f"o/{name}")]
        way, target = ways[turn // 2 % 4]
        done = run.dechaff("clean", "--summary", "json", *way, input=content)
        now = unpacked(name, (run.folder / target).read_bytes()) if target else done.stdout
        passed = json.loads(done.stderr.splitlines()[-1])["passed"]
        said = f"{way}: exit status {done.returncode}, {passed} of {count} passed through; {old[:300]}"
        run.expect(done.returncode == 2 and passed == count and now == new, said, faults=count)


def pages(count):
    """The members of a WET file as Common Crawl writes them, and the URL, date and text that become of each page."""
    def member(kind, head, body):
        head = f"WARC/1.0\r\nWARC-Type: {kind}\r\n{head}Content-Length: {len(body)}\r\n\r\n"
        return gzip.compress(head.encode() + body + b"\r\n\r\n")
    members, expected = [member("warcinfo", "Content-Type: application/warc-fields\r\n", b"robots: classic\r\n")], []
    for number in range(count):
        url, date = f"https://example.org/page/{number}?q=é", f"2026-01-02T03:04:{number % 60:02}Z"
        # One page reads like the head of an entry, another is empty.
        parts = [f"Page {number}", *["WARC/1.0", "WARC-Type: x"] * (number % 5 == 0), *text(1 + number * 37 % 9000)]
        body, now = (written(parts), clean(parts)) if number % 50 else (b"", b"")
        head = f"WARC-Target-URI: {url}\r\nWARC-Date: {date}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
        members.append(member("conversion", head + "Content-Type: text/plain\r\n", body))
        expected.append((url, date, now.decode()))
    return members, expected


@run("T7", "gzip, zstd and WET that are cut off anywhere: exit status 2, no output file, `-w` leaves the file")
def cut_off(run):
    old, chance = b"".join(records(60_000)), random.Random(5)
    packed = {"a.jsonl.gz": [gzip.compress(old[at:at + 20_000]) for at in range(0, len(old), 20_000)],
              "a.txt.gz": [gzip.compress(written(text(20_000)))], "a.warc.wet.gz": pages(20)[0]}
    if shutil.which("zstd"):
        packed["a.jsonl.zst"] = [subprocess.run(["zstd", "-q"], input=old, stdout=PIPE, check=True).stdout]
    for name, members in packed.items():
        whole, ends = b"".join(members), list(itertools.accumulate(map(len, members)))
        near = [end + off for end in ends for off in (-8, -4, -1, 1, 2, 5, 11)] + chance.sample(range(len(whole)), 60)
        places = sorted(at for at in set(near) if 2 < at < len(whole) and at not in ends)
        for at in chance.sample(places, run.some(60, 2)):
            (run.folder / name).write_bytes(whole[:at])
            refused(run, run.folder, name, "-w")
            refused(run, run.folder, name, "-o")
        (run.folder / name).unlink()


@run("T7", "WET of 2,000 pages, a gzip member an entry: a record a page from `clean` and `extract`, URL and date kept")
def common_crawl(run):
    members, expected = pages(run.some(2000, 200))
    name, content = "a.warc.wet.gz", b"".join(members)
    (run.folder / name).write_bytes(content)
    for verb, way in itertools.product(("clean", "extract"), ([name], [], ["-o", "out", name])):
        done = run.dechaff(verb, "-q", *way, input=b"" if way else content)
        made = gzip.decompress((run.folder / "out/a.jsonl.gz").read_bytes()) if "-o" in way else done.stdout
        seen = [json.loads(line) for line in made.splitlines()]
        run.expect(done.returncode == 0 and len(seen) == len(expected), f"{verb} {way}: {done.stderr}", cases=0)
        for page, (url, date, now) in zip(seen, expected):
            right = (page["url"], page["date"]) == (url, date) and (page["text"] == now or verb == "extract")
            run.expect(right, f"{verb} {way}: {page} is not what it should be")


# What is in the way, what is asked for in the folder `in`, and the exit statuses that are right.
PLACES = [("true", "-o ../out ../in/deep/../deep/a.txt ../in/../in/b.txt", (0,)),
          ("mkdir ../out; ln -s ../outside ../out/deep", "-o ../out .", (2,)),
          ("mkdir -p ../out/deep; ln -s ../../outside ../out/deep/er", "-o ../out .", (2,)),
          ("mkdir ../out; ln -s ../nowhere ../out/deep", "-o ../out .", (2,)),
          ("mkdir ../out; ln -s ../outside/x ../out/b.txt", "-o ../out .", (0, 2)),
          ("mkdir ../out; ln -s ../in/b.txt ../out/b.txt", "-o ../out b.txt", (0, 2)),
          ("mkdir ../out; ln b.txt ../out/b.txt", "-o ../out b.txt", (0, 2)),
          ("ln -s ../outside outside; ln -s ../outside/x y.txt; ln -s . loop", "-o ../out .", (0,)),
          ("true", "-o . .", (2,)), ("ln -s in ../out", "-o ../out .", (2,)), ("echo > ../out", "-o ../out .", (2,)),
          ("mkdir -p ../out/b.txt", "-o ../out b.txt", (2,)), ("true", "-o ../out b.txt deep/b.txt", (2,)),
          ("mkdir ../out; ln -s ../outside ../out/deep", "--attributes ../out .", (2,))]


@run("T7", "Output stays in its folder and is never the input: `../`, links, the output folder in the input's, twice")
def stays_in_folder(run):
    old, new, source = written(text(500)), clean(text(500)), run.folder / "in"
    others = lambda: {path: content for path, content in tree(run.folder).items() if not path.startswith("out/")}
    for prepare, arguments, statuses in PLACES:
        texts, rows = ["in/b.txt", "in/deep/a.txt", "in/deep/b.txt", "in/deep/er/c.txt"], ["in/deep/a.jsonl"]
        for file in ["outside/x", *(rows if "--attributes" in arguments else texts)]:
            (run.folder / file).parent.mkdir(parents=True, exist_ok=True)
            (run.folder / file).write_bytes(b'{"id": 1, "text": "a"}\n' if file in rows else old)
        subprocess.run(prepare, shell=True, cwd=source, check=True)
        before = others()
        done, made = run.dechaff("clean", *arguments.split(), cwd=source), tree(run.folder / "out").values()
        right = done.returncode in statuses and others() == before and DRAFT not in str(tree(run.folder))
        right = right and (done.returncode or made and all(content == new for content in made))
        said = f"{prepare}; {arguments}: exit status {done.returncode}, {done.stderr}, {sorted(tree(run.folder))}"
        run.expect(right, said, faults=1)
        for path in run.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    source.mkdir()
    (source / "b.txt").write_bytes(old)
    for _ in range(2):
        run.dechaff("clean", "-o", "in/out", "in")
        run.expect(tree(source) == {"b.txt": old, "out/b.txt": new}, f"output in the input: {sorted(tree(source))}")


@run("T5", "`-j 1`, `-j 2`, `-j 7`, standard input, file, folder, in place give the same bytes")
def every_way(run):
    source, fixtures, expected = run.folder / "in", pathlib.Path(__file__).parent / "fixtures", {}
    for number in range(run.some(100, 3)):
        parts, lines = text(number * 50), list(itertools.islice(records(1 << 30), number % 25 * 4))
        expected[f"{number % 3}/{number}.txt"] = written(parts), clean(parts)
        expected[f"{number % 3}/{number}.jsonl"] = b"".join(lines), b"".join(map(clean_record, lines))
    for path in sorted(fixtures.glob("*/input.txt"))[:run.some(1000, 4)]:
        expected[path.parent.name + ".md"] = path.read_bytes(), None
    for name, (old, _) in expected.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(old)
    shutil.copytree(source, run.folder / "in place")
    run.dechaff("clean", "-q", "-w", "in place")
    ways = {"in place": tree(run.folder / "in place")}
    for jobs in ("1", "2", "7"):
        run.dechaff("clean", "-q", "-j", jobs, "-o", f"out-{jobs}", "in")
        ways[f"-j {jobs}"] = tree(run.folder / f"out-{jobs}")
    for name, (old, new) in expected.items():
        kind = ["--format", "jsonl" if name.endswith("l") else "text"]
        results = {way: made.get(name) for way, made in ways.items()}
        results["file"] = run.dechaff("clean", source / name).stdout
        results["standard input"] = run.dechaff("clean", *kind, input=old).stdout
        for way, made in results.items():
            run.expect(made == (results["-j 1"] if new is None else new), f"{name}: {way} gives something else")


@run("T8", "`| head -c 1` of a big input, `> /dev/full`")
def streams_end(run):
    names, verbs = ("a.txt", "a.jsonl")[:run.some(2, 1)], ("clean", "extract -q", "check", "diff", "explain", "audit")
    for name in names:
        (run.folder / name).write_bytes(big(name, run.some(10 << 20, 1 << 20))[0])
    for verb, name in itertools.product(map(str.split, verbs), names):
        with subprocess.Popen(run.command([*verb, name]), stdout=PIPE, stderr=PIPE, cwd=run.folder) as process:
            process.stdout.read(1)
            process.stdout.close()
            said = process.stderr.read()
        right = process.returncode in ((0, 1) if verb[0] in ("check", "diff") else (0,)) and not said
        run.expect(right, f"{verb} {name} | head -c 1: exit status {process.returncode}, {said}", faults=1)
        with open("/dev/full", "wb") as full:
            done = run.dechaff(*verb, name, stdout=full)
        right = done.returncode == 2 and done.stderr.startswith(b"error: ") and done.stderr.count(b"\n") == 1
        run.expect(right, f"{verb} {name} > /dev/full: exit status {done.returncode}, {done.stderr}", faults=1)


@run("T8", "Standard input, output, error closed: no panic, files as they must be")
def streams_closed(run):
    old, new, well = written(text(2000)), clean(text(2000)), set()
    verbs = ["clean", "clean -w", "clean -o out", "extract", "check", "diff", "explain none.txt"]
    closings = ["<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"]
    ways = [("clean", "<&-"), ("clean", ">&-"), *((f"{verb} a.txt", closed) for verb in verbs for closed in closings)]
    for arguments, closed in ways[::run.some(1, 5)]:
        (run.folder / "a.txt").write_bytes(old)
        command = ["sh", "-c", f'exec "$0" {arguments} {closed}', run.binary]
        done = subprocess.run(command, cwd=run.folder, input=old, stdout=PIPE, stderr=PIPE)
        made = {"a.txt": new if "-w" in arguments else old, **({"out/a.txt": new} if "-o" in arguments else {})}
        right = done.returncode in (0, 1, 2) and tree(run.folder) == made and b"panicked" not in done.stderr
        run.expect(right, f"{arguments} {closed}: exit status {done.returncode}, {done.stderr}", faults=1)
        well |= {arguments.split()[0]} if closed == ">&-" and done.returncode == 0 else set()
        shutil.rmtree(run.folder / "out", ignore_errors=True)
    run.notes.append(f"exit status 0 with `>&-`: {', '.join(sorted(well))}")


def on_terminal(run, arguments):
    """What a terminal gets from standard output and standard error."""
    main, side = pty.openpty()
    with subprocess.Popen(run.command(arguments), stdin=DEVNULL, stdout=side, stderr=side, cwd=run.folder):
        os.close(side)
        sent = b""
        # Linux ends a terminal that nobody writes to any more with an error.
        try:
            while block := os.read(main, 1 << 16):
                sent += block
        except OSError:
            os.close(main)
    return sent


EVIL = "a\x1b[2J\x1b]0;x\x07\n\u009b31m\u202e"
ORDERS = re.compile("\x1b\\[2J|\x1b\\]|[\x07\x80-\x9f\u202a-\u202e]")
# `?` stands for the evil name.
VERBS = ["clean", "clean -w", "clean -o ?", "clean --attributes b.txt/?", "clean --rules ?.yaml",
         "clean --config ?.yaml", "clean --evidence ?.yaml", "clean --url ?", "clean --include [? .",
         "clean --text-field ? ?.jsonl", "extract", "check", "diff", "explain", "explain --json", "audit", "?", "--?"]


@run("T8", "File names, and texts on a terminal, with escape sequences and newlines: no order reaches the terminal")
def evil_names(run):
    old = written([EVIL, *text(2000)])
    odd = b'{"text": "\\u001b[2J"}\n{"text": "\x1b[2J"}\n{"\x1b[2J": "a"}\n{"\\u001b]0;": 5}\n\x1b[2J\n'
    files = {".txt": old, ".md": b"\xff\xfe", ".jsonl": odd, ".jsonl.gz": gzip.compress(old)[:-9], ".warc.wet": old,
             ".yaml": f'"{EVIL}": [1'.encode()}
    for ending, content in files.items():
        (run.folder / (EVIL + ending)).write_bytes(content)
    (run.folder / "b.txt").write_bytes(old)
    os.link(run.folder / "b.txt", run.folder / f"{EVIL}2.txt")
    inputs = [EVIL + ending for ending in (".txt", ".md", ".jsonl", ".jsonl.gz", ".warc.wet", "2.txt", "-none")]
    ways = [inputs, *([name] for name in inputs[::run.some(1, 9)])]
    for verb, names in itertools.product(VERBS[::run.some(1, 4)], ways):
        arguments = [word.replace("?", EVIL) for word in verb.split()] + names
        done = run.dechaff(*arguments)
        # What is no terminal gets texts as they are, and `patch` must find the name in a diff.
        printed = b"" if verb.split()[0] in ("clean", "extract", "diff", "explain") else done.stdout
        for sent in (printed + done.stderr, on_terminal(run, arguments)):
            orders = ORDERS.findall(sent.decode(errors="replace"))
            run.expect(not orders, f"{arguments}: {orders} in {sent!r}", faults=1)


def main():
    arguments = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    arguments.add_argument("binary")
    arguments.add_argument("--only", default="")
    arguments.add_argument("--small", action="store_true")
    arguments = arguments.parse_args()
    os.environ["NO_COLOR"] = "1"
    all_damaged = 0
    print("| id | what was tried | cases | faults injected | damaged or lost | seconds |\n|---|---|---|---|---|---|")
    for promise, what, function in RUNS:
        if arguments.only and promise not in arguments.only.split(","):
            continue
        with tempfile.TemporaryDirectory(prefix="dechaff-long-") as folder:
            run, start = Run(os.path.abspath(arguments.binary), pathlib.Path(folder), arguments.small), time.time()
            try:
                function(run)
            except Exception:
                run.expect(False, traceback.format_exc())
        what, seconds = "; ".join([what, *run.notes]).replace("|", "\\|"), time.time() - start
        print(f"| {promise} | {what} | {run.cases:,} | {run.faults:,} | {run.damaged} | {seconds:.0f} |", flush=True)
        all_damaged += run.damaged
    return 1 if all_damaged else 0


if __name__ == "__main__":
    sys.exit(main())
