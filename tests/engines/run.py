#!/usr/bin/env python3
"""dechaff in the engines that people run: each must give, by hash, what the command gives.

usage: run.py [--command FILE] [--only ENGINE]...

--command  the native command to compare with (target/release/dechaff, built where it is not there)
--only     spark, datatrove or recipes; may be given several times

Makes a virtual environment in target/engines-venv with the engines (PyPI) and the wheel of this tree. Spark needs
Java 17. Each engine has two minutes; what runs longer is killed with all that it started. What engines log is shown
where they fail.
"""

import argparse
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import fixture

HERE = pathlib.Path(__file__).resolve().parent
ENGINES = ("spark", "datatrove", "recipes")
SECONDS = 120


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", type=pathlib.Path)
    parser.add_argument("--only", action="append", choices=ENGINES)
    args = parser.parse_args()
    command = args.command or built()
    python = environment()
    failed = []
    with tempfile.TemporaryDirectory(prefix="dechaff engines ") as folder:
        folder = pathlib.Path(folder)
        fixture.write(folder / "parts")
        (folder / "untouched").write_text(fixture.digest((page["id"], page["text"]) for page in fixture.records(folder / "parts")))
        (folder / "expected").write_text(fixture.by_command(command.resolve(), folder / "parts"))
        assert (folder / "untouched").read_text() != (folder / "expected").read_text()
        print(f"the command: {(folder / 'expected').read_text()}", flush=True)
        for engine in args.only or ENGINES:
            print(f"\n== {engine}", flush=True)
            start = time.monotonic()
            if not passes([python, "-B", HERE / f"{engine}_engine.py", folder], folder / f"{engine}.log"):
                failed.append(engine)
            print(f"{engine}: {'FAILED' if engine in failed else 'as the command'}, {time.monotonic() - start:.0f} s", flush=True)
    if failed:
        sys.exit(f"not as they must be: {', '.join(failed)}")


def built():
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=fixture.ROOT, check=True)
    return fixture.ROOT / "target/release/dechaff"


def environment():
    """The Python of a virtual environment with the engines and this tree's package."""
    folder = fixture.ROOT / "target/engines-venv"
    wanted = (HERE / "requirements.txt").read_text()
    stamp = folder / "requirements"
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "--quiet", "-r", HERE / "requirements.txt"], check=True)
        stamp.write_text(wanted)
    build = [folder / "bin/maturin", "build", "--release", "--quiet", "--target-dir", fixture.ROOT / "target"]
    with tempfile.TemporaryDirectory() as wheels:
        subprocess.run([*build, "--out", wheels], cwd=fixture.ROOT / "python", check=True, stderr=subprocess.DEVNULL)
        install = [folder / "bin/pip", "install", "--quiet", "--force-reinstall", "--no-deps"]
        subprocess.run([*install, *pathlib.Path(wheels).glob("*.whl")], check=True)
    return folder / "bin/python"


def passes(command, log):
    """Whether it ends well in time. A process group of its own, so that nothing outlives it."""
    env = {
        **os.environ,
        "PYSPARK_PYTHON": str(command[0]),
        "PATH": f"{command[0].parent}:{os.environ['PATH']}",
        # Java's second compiler works for longer runs than these, and takes the cores from them.
        "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    with open(log, "wb") as logged:
        running = subprocess.Popen(command, env=env, start_new_session=True, stderr=logged)
    passed = False
    try:
        passed = running.wait(SECONDS) == 0
    except subprocess.TimeoutExpired:
        print(f"killed after {SECONDS} s", flush=True)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
    if not passed:
        print(log.read_text(errors="replace")[-4000:], flush=True)
    return passed


if __name__ == "__main__":
    main()
