#!/usr/bin/env python3
"""What tools that rewrite files in place do to a file when things go wrong: dechaff, and twelve others.

usage: in_place.py [--dechaff PROGRAM] [--path FOLDER]... [--only TOOL]... [--kills N] [--json]

--dechaff  our program; target/release/dechaff by default.
--path     look for the other tools here too, before PATH; may be given several times.
--only     only this tool; may be given several times.
--kills    how often each tool is killed; 50 by default.
--json     the raw numbers in place of the table.

Exit status 1 if dechaff damaged a file or broke a promise, 2 if it could not be measured. Linux only. The columns for
a full disk and for the owner need root; without it they have a dash.
"""
import argparse
import contextlib
import ctypes
import json
import os
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
from pathlib import Path
from typing import NamedTuple

OURS = "dechaff"
PROGRAM = Path(__file__).resolve().parent.parent / "target/release/dechaff"
LIBC = ctypes.CDLL(None)
SHARES = (0, 0.25, 0.5, 0.75)


def many(line, size):
    """About this many bytes of a line, with a number in it."""
    return "".join(line.replace("@", str(number)) for number in range(size // len(line)))


STORY = """Boat @ came in before noon, and Ida Brandvold wrote its name on the list by the door of the ropewalk.

The crew of boat @ had never trusted nylon. They carried ninety metres of hemp to the water and were gone by four.

"""
PROSE = "Boat @ came back to the harbour before noon, and its name was written on the list by the door.\n"
MISSPELT = "The adress of boat @ is on the list, which was begining to fall off the door.\n"
CODE = "boat_@=['came back to the harbour before noon, and was written on the list by the door']\n"
CALL = "boat('came back to the harbour before noon, and was written on the list by the door, number @');\n"


class Tool(NamedTuple):
    name: str
    arguments: list     # The program stands before them, the name of the file behind them.
    file: str
    old: str            # What the tool changes. What it makes of that is what it leaves unchanged.
    utf16: bool = True  # Whether it is for text, and so might know UTF-16 when it sees it.
    package: str = ""   # The Python package that has its version, for programs without --version.


TOOLS = [
    Tool(OURS, ["clean", "-w"], "page.md", many(STORY, 2_000_000) + "Post a Comment\n\n0 Comments\n"),
    Tool("typos", ["--isolated", "--write-changes"], "page.txt", many(MISSPELT, 2_000_000)),
    Tool("codespell", ["--write-changes"], "page.txt", many(MISSPELT, 1_000_000)),
    Tool("end-of-file-fixer", [], "page.txt", many(PROSE, 2_000_000).rstrip(), package="pre_commit_hooks"),
    Tool("trailing-whitespace-fixer", [], "page.txt", many(PROSE.replace("\n", "  \n"), 2_000_000),
         package="pre_commit_hooks"),
    Tool("ruff", ["format", "--isolated", "--no-cache"], "code.py", many(CODE, 1_000_000)),
    Tool("black", ["--fast"], "code.py", many(CODE, 300_000)),
    Tool("rustfmt", [], "code.rs", many("fn boat_@(){let a=@;}\n", 500_000)),
    Tool("prettier", ["--write", "--no-config"], "code.js", many(CODE, 500_000)),
    Tool("sd", ["harbour", "waterfront"], "page.txt", many(PROSE, 2_000_000), utf16=False),
    Tool("sed", ["-i", "s/harbour/waterfront/g"], "page.txt", many(PROSE, 2_000_000), utf16=False),
    Tool("perl", ["-p", "-i", "-e", "s/harbour/waterfront/g"], "page.txt", many(PROSE, 2_000_000), utf16=False),
    Tool("ast-grep", ["run", "--update-all", "--lang", "js", "--pattern", "boat($A)", "--rewrite", "vessel($A)"],
         "code.js", many(CALL, 300_000)),
]
FAULTS = ["write fails", "disk full", "killed"]
# The columns behind the faults, and what dechaff promises.
PROMISES = {
    "mode": ["kept"], "owner": ["kept"], "attribute": ["kept"], "symbolic link": ["kept"],
    "hard link": ["kept", "refused"], "read-only": ["refused"], "unchanged": ["not written"], "UTF-16": ["refused"],
}
LEGEND = """
The first three columns count the runs that left neither the old nor the whole new content, of all runs with that fault.

- write fails: RLIMIT_FSIZE at five sizes, each with SIGXFSZ ignored and not ignored.
- disk full: a small tmpfs with room for the old content and 0, 25, 50 or 75 percent of the new. Each is tried also with
  a neighbour on that disk, who writes until nothing is free, and takes at once whatever becomes free.
- killed: `kill -9`, half the times at any moment of the run, half within 10 ms of the first change seen in the folder.
- silent: of the runs of these three columns, those with exit status 0 and the old content.
- mode is 0640; owner is another user and group; attribute is user.x. They are kept or lost.
- symbolic link: it stays one and its target is changed (kept), or it became a file.
- hard link: both names are still one file, which is changed (kept), or they are split.
- read-only: the mode is 0444, the folder may be written. As root, the tool runs without capabilities (SECBIT_NOROOT),
  so that the mode holds for it as for any owner of a file.
- unchanged: a file without anything to change; modification time and inode are as before, or it was rewritten.
- UTF-16: the same text in UTF-16; a dash for tools that are for any bytes.
- refused: the file is as it was, the exit status is not 0, and there is a message. Ignored: as it was, without these.
- A dash: not measured; it makes no sense here, or needs root, mounts or attributes that are not to be had."""


class Bench:
    """One tool, and fresh files for it."""

    def __init__(self, tool, program, world):
        self.tool, self.program, self.world = tool, program, world
        self.old, self.new = tool.old.encode(), None

    @contextlib.contextmanager
    def file(self, content=None, place=None):
        folder = Path(tempfile.mkdtemp(dir=place or self.world))
        try:
            file = folder / self.tool.file
            file.write_bytes(self.old if content is None else content)
            yield file
        finally:
            shutil.rmtree(folder)

    def start(self, file, **options):
        environment = {**os.environ, "BLACK_CACHE_DIR": self.world, "TMPDIR": self.world}
        return subprocess.Popen([self.program, *self.tool.arguments, file.name], cwd=file.parent, env=environment,
                                stdin=subprocess.DEVNULL, start_new_session=True, **options)

    def run(self, file, before=None):
        """Exit status, and what was said."""
        with self.start(file, preexec_fn=before, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            try:
                said = process.communicate(timeout=300)[0]
            except BaseException:
                end(process)
                raise
        return process.returncode, said

    def measure(self, kills):
        with self.file() as file:
            start = time.monotonic()
            status, said = self.run(file)
            seconds, self.new = time.monotonic() - start, file.read_bytes()
            self.run(file)
            if self.new == self.old or file.read_bytes() != self.new:
                said = said[-300:].decode(errors="replace").strip()
                raise RuntimeError(f"its file was not changed, or changed twice (exit status {status}): {said}")
        return {
            "write fails": self.tally(self.limit()),
            "disk full": self.tally(self.full()),
            "killed": self.tally(self.kill(kills, seconds)),
            "mode": self.keeps(lambda file: file.chmod(0o640), lambda file: file.stat().st_mode),
            "owner": self.keeps(lambda file: os.chown(file, 12345, 12346), lambda file: file.stat()[4:6]),
            "attribute": self.keeps(lambda file: os.setxattr(file, "user.x", b"1"), lambda file: os.listxattr(file)),
            "symbolic link": self.symbolic_link(),
            "hard link": self.hard_link(),
            "read-only": self.read_only(),
            "unchanged": self.unchanged(),
            "UTF-16": self.utf_16() if self.tool.utf16 else None,
        }

    def tally(self, runs):
        """What became of the files; litter is what else was left in their folders."""
        counts = dict.fromkeys(["runs", "old", "new", "damaged", "silent", "litter"], 0)
        for file, status in runs:
            content = read(file)
            counts["runs"] += 1
            counts["old" if content == self.old else "new" if content == self.new else "damaged"] += 1
            counts["silent"] += content == self.old and status == 0
            counts["litter"] += os.listdir(file.parent) != [file.name]
        return counts

    def limit(self):
        """Writes fail behind some byte."""
        for size in (0, 4096, *(int(len(self.new) * share) for share in SHARES[1:])):
            for action in (signal.SIG_IGN, signal.SIG_DFL):
                def before(size=size, action=action):
                    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
                    signal.signal(signal.SIGXFSZ, action)
                with self.file() as file:
                    yield file, self.run(file, before)[0]

    def full(self):
        """The disk is full, or becomes full."""
        for share in SHARES:
            for beside in (contextlib.nullcontext, neighbour):
                with small_disk(self.world, len(self.old) + int(len(self.new) * share)) as disk:
                    if disk:
                        with self.file(place=disk) as file, beside(disk):
                            yield file, self.run(file)[0]

    def kill(self, kills, seconds):
        """The end comes without warning."""
        for number in range(kills):
            with self.file() as file:
                first = seen(file)
                with self.start(file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                    if number % 2:
                        while seen(file) == first and process.poll() is None:
                            pass
                        time.sleep(10 ** random.uniform(-5, -2))
                    else:
                        time.sleep(random.uniform(0, seconds))
                    end(process)
                yield file, process.returncode

    def outcome(self, file, old, result, changed="rewritten"):
        """What became of the file; `changed` if it has the new content."""
        content, (status, said) = read(file), result
        if content == old:
            return "refused" if status and said else "ignored"
        return changed if content == self.new else "rewritten"

    def keeps(self, prepare, look):
        """Whether what `prepare` does to the file, and `look` sees, is still there when the content is new."""
        with self.file() as file:
            try:
                prepare(file)
            except OSError:
                return None
            before, result = look(file), self.run(file)
            return self.outcome(file, self.old, result, "kept" if look(file) == before else "lost")

    def symbolic_link(self):
        with self.file() as file:
            target = file.parent / "elsewhere" / file.name
            target.parent.mkdir()
            file.rename(target)
            file.symlink_to(target.relative_to(file.parent))
            result = self.run(file)
            return self.outcome(target, self.old, result, "kept") if file.is_symlink() else "became a file"

    def hard_link(self):
        with self.file() as file:
            other = file.parent / "other name"
            os.link(file, other)
            result = self.run(file)
            return self.outcome(file, self.old, result, "kept") if file.samefile(other) else "split"

    def read_only(self):
        with self.file() as file:
            file.chmod(0o444)
            attempt = ["sh", "-c", ': >> "$0"', file]
            if subprocess.run(attempt, stderr=subprocess.DEVNULL, preexec_fn=without_privileges).returncode == 0:
                return None
            return self.outcome(file, self.old, self.run(file, without_privileges))

    def unchanged(self):
        with self.file(self.new) as file:
            os.utime(file, (1, 1))
            first = file.stat()
            self.run(file)
            last = file.stat()
            same = (first.st_ino, first.st_mtime_ns) == (last.st_ino, last.st_mtime_ns)
            return "not written" if same else "rewritten"

    def utf_16(self):
        content = self.tool.old.encode("utf-16")
        with self.file(content) as file:
            return self.outcome(file, content, self.run(file))


def read(file):
    return file.read_bytes() if file.exists() else None


def seen(file):
    """What changes when a tool begins to write."""
    try:
        status = file.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns, os.listdir(file.parent)
    except FileNotFoundError:
        return None


def end(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def without_privileges():
    """In the child: a program that root starts gets no capabilities. For others this does nothing."""
    set_securebits, no_root = 28, 1
    LIBC.prctl(set_securebits, no_root, 0, 0, 0)


@contextlib.contextmanager
def small_disk(world, size):
    """A file system with room for this many bytes; None if it cannot be mounted."""
    folder = Path(tempfile.mkdtemp(dir=world))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={-(-size // 4096) * 4096}", "tmpfs", folder]
    mounted = os.geteuid() == 0 and subprocess.run(mount, stderr=subprocess.DEVNULL).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


@contextlib.contextmanager
def neighbour(disk):
    """Somebody who takes all space, and whatever becomes free."""
    stop = threading.Event()
    with open(disk / "neighbour", "wb", buffering=0) as file:
        def take():
            with contextlib.suppress(OSError):
                while file.write(bytes(4096)):
                    pass

        def take_on():
            while not stop.is_set():
                take()
        take()
        thread = threading.Thread(target=take_on)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def find(tool, path):
    """Program and version; None if it is not installed."""
    program = shutil.which(tool.name, path=path)
    if not program:
        return None
    command = [program, "--version"]
    if tool.package:
        python = shutil.which("python3", path=os.path.dirname(program)) or sys.executable
        command = [python, "-c", f"from importlib.metadata import version; print(version('{tool.package}'))"]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    version = re.search(r"\d+\.\d+[.\w-]*", run.stdout)
    return (program, version[0]) if run.returncode == 0 and version else None


def broken(row):
    """What dechaff promises, and what this row does not keep."""
    faults = [fault for fault in FAULTS if row[fault]["damaged"] or row[fault]["silent"]]
    return faults + [column for column, good in PROMISES.items() if row[column] not in (None, *good)]


def table(rows):
    columns = ["tool", *FAULTS, "silent", *PROMISES]
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for row in rows:
        tallies = [row[fault] for fault in FAULTS]
        cells = [f"{row['tool']} {row['version']}"]
        cells += [f"{tally['damaged']} of {tally['runs']}" if tally["runs"] else "-" for tally in tallies]
        cells += [str(sum(tally["silent"] for tally in tallies)), *(row[column] or "-" for column in PROMISES)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ", 1)[1].rstrip())
    parser.add_argument("--dechaff", type=os.path.abspath, default=str(PROGRAM))
    parser.add_argument("--path", type=os.path.abspath, action="append", default=[])
    parser.add_argument("--only", action="append", choices=[tool.name for tool in TOOLS])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    path = os.pathsep.join([*options.path, os.environ.get("PATH", os.defpath)])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    rows, missing = [], {}
    with tempfile.TemporaryDirectory(prefix="in-place-") as world:
        for tool in TOOLS:
            if options.only and tool.name not in options.only:
                continue
            found = find(tool._replace(name=options.dechaff) if tool.name == OURS else tool, path)
            if not found:
                missing[tool.name] = "not found"
                continue
            print(f"{tool.name} ...", file=sys.stderr)
            try:
                row = Bench(tool, found[0], world).measure(options.kills)
                rows.append({"tool": tool.name, "version": found[1], **row})
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                missing[tool.name] = str(error)
    faults = [fault for row in rows if row["tool"] == OURS for fault in broken(row)]
    if options.json:
        print(json.dumps({"tools": rows, "not measured": missing, "broken by dechaff": faults}, indent=1))
    else:
        print(table(rows), LEGEND, sep="\n")
        print("\nNot measured:", "; ".join(f"{name} ({reason})" for name, reason in missing.items()) or "none")
        if any(row["tool"] == OURS for row in rows):
            print("Broken by dechaff:", ", ".join(faults) or "nothing")
    return 2 if OURS in missing else 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
