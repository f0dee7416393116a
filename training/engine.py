"""dechaff itself: what it measures of lines, and what it makes of texts. Measures are defined there and nowhere else."""
import json
import os
import subprocess
import tempfile

import numpy as np


class Engine:
    def __init__(self, binary):
        self.binary = binary
        listed = subprocess.run([binary, "evidence", "measures"], stdout=subprocess.PIPE, check=True).stdout.decode()
        self.measures = [line.split()[0] for line in listed.splitlines()]

    def _run(self, arguments, texts, model):
        """The records that come out, one for each text."""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8", delete=False) as file:
            file.write(model)
        try:
            records = "".join(json.dumps(text, ensure_ascii=False) + "\n" for text in texts)
            command = [self.binary, *[file.name if a == "MODEL" else a for a in arguments]]
            done = subprocess.run(command, input=records.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        finally:
            os.unlink(file.name)
        out = [json.loads(line) for line in done.stdout.decode().split("\n") if line]
        if len(out) != len(texts):
            raise SystemExit(f"{len(texts)} texts went in and {len(out)} came out")
        return out

    def measure(self, pages, model, only, cleaned):
        """For each page: line numbers, words, points, and a row of measures a line."""
        arguments = ["evidence", "measure", "--format", "jsonl", "--model", "MODEL", "--only", ",".join(only)]
        arguments += ["--cleaned"] if cleaned else []
        texts = [{"id": page.id, "url": page.url, "text": page.text} for page in pages]
        for record in self._run(arguments, texts, model):
            values = np.array(record["values"], np.float32).reshape(len(record["lines"]), len(only))
            yield record["lines"], record["words"], np.array(record["points"]), values

    def texts(self, pages, model, verb, level, *more):
        """What comes of the pages' texts."""
        records = [{"id": page.id, "url": page.url, "text": page.text} for page in pages]
        arguments = [verb, "--format", "jsonl", "--level", level, "--evidence", "MODEL", *more]
        return [record["text"] for record in self._run(arguments, records, model)]
