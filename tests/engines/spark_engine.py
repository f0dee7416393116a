"""Spark on two executors, as `run.py` starts it: alike, alike when one is killed, and through `pipe()`."""

import json
import os
import pathlib
import signal
import sys
import threading
import time

import fixture
from pandas import Series
from pyspark import TaskContext
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, pandas_udf

import dechaff
import dechaff.spark

FOLDER = pathlib.Path(sys.argv[1])
EXECUTOR = b"CoarseGrainedExecutorBackend"


def main():
    # The workers import this file's functions by value; `fixture` they do not know.
    spark = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        # A part is a task.
        .config("spark.sql.files.openCostInBytes", 1 << 30)
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    expected = (FOLDER / "expected").read_text()
    pages = spark.read.schema("id string, text string, url string").json(str(FOLDER / "parts"))
    assert pages.rdd.getNumPartitions() == fixture.PARTS

    starts = cleaned(pages, "spark", seconds=0)
    executors = {start["executor"] for start in starts}
    print(f"executors {sorted(executors)}, {len(starts)} task starts, {digest('spark')}", flush=True)
    assert len(executors) >= 2 and digest("spark") == expected

    killed = {}
    killer = threading.Thread(target=kill_after_three, args=("killed", killed))
    killer.start()
    starts = cleaned(pages, "killed", seconds=1.5)
    killer.join()
    executors = sorted({start["executor"] for start in starts})
    print(
        f"executor {killed['executor']} killed after {killed['starts']} task starts: executors {executors}, "
        f"{len(starts)} task starts of {fixture.PARTS} parts, {digest('killed')}",
        flush=True,
    )
    assert len(starts) > fixture.PARTS and digest("killed") == expected

    lines = spark.sparkContext.textFile(str(FOLDER / "parts"))
    clean = "dechaff clean --no-config --quiet --format jsonl -j 1"
    piped = lines.pipe(clean, env={"PATH": os.environ["PATH"]}, checkCode=True).map(json.loads)
    found = fixture.digest(piped.map(lambda record: (record["id"], record["text"])).collect())
    print(f"pipe(): {found}", flush=True)
    assert found == expected
    spark.stop()


def cleaned(pages, name, seconds):
    """Cleans them into a folder; gives what each task said when it began."""
    starts = FOLDER / f"{name} starts"
    starts.mkdir()
    slow = pandas_udf(slowly(str(starts), seconds), "string")
    dechaff.spark.clean_column(pages.withColumn("text", slow(col("text"))), url="url").write.json(str(FOLDER / name))
    return [json.loads(file.read_text()) for file in starts.glob("*.json")]


def slowly(starts, seconds):
    def each(texts: Series) -> Series:
        task = TaskContext.get()
        start = pathlib.Path(starts) / f"{task.taskAttemptId()}.json"
        if not start.exists():
            draft = start.with_suffix(".draft")
            draft.write_text(json.dumps({"task": task.taskAttemptId(), "executor": executor()}))
            draft.rename(start)
            time.sleep(seconds)
        return texts

    return each


def executor():
    """The executor's process, which is some parent of this one."""
    process = os.getpid()
    while EXECUTOR not in pathlib.Path(f"/proc/{process}/cmdline").read_bytes():
        process = int(pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return process


def kill_after_three(name, killed):
    starts = FOLDER / f"{name} starts"
    while len(found := list(starts.glob("*.json"))) < 3:
        time.sleep(0.01)
    # One that is at work: the last to begin something.
    last = max(found, key=lambda file: file.stat().st_mtime)
    killed.update(executor=json.loads(last.read_text())["executor"], starts=len(found))
    os.kill(killed["executor"], signal.SIGKILL)


def digest(name):
    return fixture.digest((page["id"], page["text"]) for page in fixture.records(FOLDER / name, "part-*.json"))


if __name__ == "__main__":
    main()
