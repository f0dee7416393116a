"""datatrove's local executor, as `run.py` starts it: alike, alike after an error and a second run, idle after that."""

import gzip
import json
import os
import pathlib
import sys

import fixture
from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

from dechaff.datatrove import DechaffFormatter

FOLDER = pathlib.Path(sys.argv[1])
NOISE = "Post a Comment\n\n0 Comments\n\nShare this article\n"


class Watch(PipelineStep):
    """Says which process does a task; raises once, amid the fourth, where it is told to."""

    name = "watch"
    type = "test"

    def __init__(self, folder, raises):
        super().__init__()
        self.folder, self.raises = folder, raises

    def run(self, data, rank=0, world_size=1):
        (self.folder / f"{rank}-{os.getpid()}").touch()
        for at, doc in enumerate(data):
            raised = self.folder / "raised"
            if self.raises and rank == 3 and at == 20 and not raised.exists():
                raised.touch()
                raise RuntimeError("once, for the test")
            yield doc


def executor(name, raises=False):
    watched = FOLDER / f"{name} watched"
    watched.mkdir(exist_ok=True)
    steps = [
        JsonlReader(str(FOLDER / "parts"), glob_pattern="*.jsonl"),
        Watch(watched, raises),
        DechaffFormatter(exclusion_writer=JsonlWriter(str(FOLDER / f"{name} dropped"))),
        JsonlWriter(str(FOLDER / name)),
    ]
    return LocalPipelineExecutor(steps, tasks=fixture.PARTS, workers=2, logging_dir=str(FOLDER / f"{name} logs"))


def main():
    expected = (FOLDER / "expected").read_text()
    stats = executor("datatrove").run().stats[2].stats
    report("datatrove", expected)
    rules = {label: count.total for label, count in stats.items() if label.startswith("removed_")}
    print(f"documents {stats['total'].total}, cleaned {stats['cleaned'].total}, by {len(rules)} rules, first {max(rules, key=rules.get)}")
    assert stats["total"].total == stats["forwarded"].total and len(rules) > 10

    try:
        executor("again", raises=True).run()
        sys.exit("nothing was raised")
    except RuntimeError as error:
        print(f"raised: {error}; {len(marks('again'))} of {fixture.PARTS} tasks are done", flush=True)
    assert len(marks("again")) < fixture.PARTS
    executor("again", raises=True).run()
    report("again", expected)

    before = changed("again")
    assert executor("again").run() is None
    assert before and before == changed("again")
    print("a further run does nothing", flush=True)
    drops()


def drops():
    """What is nothing but noise goes where it can be looked at, as it came."""
    noise = FOLDER / "noise"
    noise.mkdir()
    story = next(fixture.records(FOLDER / "parts"))["text"]
    lines = (json.dumps({"id": page, "text": text}) for page, text in (("noise", NOISE), ("story", story), ("empty", "")))
    (noise / "0.jsonl").write_text("\n".join(lines) + "\n")
    steps = [
        JsonlReader(str(noise), glob_pattern="*.jsonl"),
        DechaffFormatter(exclusion_writer=JsonlWriter(str(FOLDER / "noise dropped"))),
        JsonlWriter(str(FOLDER / "noise kept")),
    ]
    LocalPipelineExecutor(steps, logging_dir=str(FOLDER / "noise logs")).run()
    dropped, kept = written("noise dropped"), written("noise kept")
    print(f"dropped {[page['id'] for page in dropped]}, kept {[page['id'] for page in kept]}")
    assert [(page["text"], page["metadata"]["filter_reason"]) for page in dropped] == [(NOISE, "noise")]
    assert "story" in [page["id"] for page in kept]


def report(name, expected):
    processes = {path.name.partition("-")[2] for path in (FOLDER / f"{name} watched").glob("*-*")}
    found = fixture.digest((page["id"], page["text"]) for page in written(name))
    print(f"processes {sorted(processes)}, {len(marks(name))} completion marks, {found}", flush=True)
    assert len(processes) >= 2 and len(marks(name)) == fixture.PARTS and found == expected


def changed(name):
    """When each file that an executor writes was changed last."""
    return {path: path.stat().st_mtime_ns for path in FOLDER.glob(f"{name}*/**/*") if path.is_file()}


def marks(name):
    return list((FOLDER / f"{name} logs/completions").glob("*"))


def written(name):
    pages = []
    for file in sorted((FOLDER / name).glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            pages += map(json.loads, lines)
    return pages


if __name__ == "__main__":
    main()
