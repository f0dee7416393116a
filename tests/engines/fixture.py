"""The pages that every engine cleans, and what must come of them: what the command makes of the same."""

import hashlib
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = 8
sys.path.insert(0, str(ROOT / "benches"))


def write(folder):
    """Eight parts of records, no two texts alike. Every third is of no site, as records are."""
    import peers

    folder.mkdir(parents=True)
    texts = peers.own_texts()
    for part in range(PARTS):
        with open(folder / f"part-{part}.jsonl", "w", encoding="utf-8") as file:
            for at in range(part, len(texts), PARTS):
                record = {"id": f"page-{at:05}", "text": texts[at]}
                if at % 3:
                    record["url"] = f"https://paper-{at % 7}.example.org/story/{at}"
                file.write(json.dumps(record, ensure_ascii=False) + "\n")


def records(folder, ending="*.jsonl"):
    for file in sorted(folder.glob(ending)):
        with open(file, encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def digest(pages):
    """SHA-256 of (id, text), ordered by id, and how many there are. An id that is there twice is an error."""
    pages = sorted(pages)
    ids = [page for page, _ in pages]
    assert len(set(ids)) == len(ids), "an id is there twice"
    hashed = hashlib.sha256()
    for page in pages:
        hashed.update(json.dumps(page).encode() + b"\n")
    return f"{hashed.hexdigest()[:16]}… of {len(ids)} pages"


def by_command(command, folder):
    """What the command makes of them."""
    run = [command, "clean", "--no-config", "--quiet", *sorted(folder.glob("*.jsonl"))]
    out = subprocess.run(run, check=True, stdout=subprocess.PIPE).stdout
    return digest((record["id"], record["text"]) for record in map(json.loads, out.splitlines()))
