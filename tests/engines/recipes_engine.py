"""The recipes of docs/pipelines.md, as `run.py` starts them: each as it stands, in a folder of its own."""

import importlib.util
import json
import pathlib
import re
import shutil
import subprocess
import sys

import fixture

FOLDER = pathlib.Path(sys.argv[1])
# So many pages: a recipe is tried, not measured.
PAGES = 300


def main():
    pages = [page for page in fixture.records(FOLDER / "parts")][:PAGES]
    for page in pages:
        page.setdefault("url", None)
    given = "".join(json.dumps(page) + "\n" for page in pages)
    (FOLDER / "some").mkdir()
    (FOLDER / "some/pages.jsonl").write_text(given)
    expected = fixture.by_command(shutil.which("dechaff"), FOLDER / "some")
    print(f"the command: {expected}")
    failed = []
    for at, (heading, code) in enumerate(recipes()):
        if missing := [name for name in imported(code) if importlib.util.find_spec(name) is None]:
            print(f"{heading}: not tried, since {', '.join(missing)} is not installed")
            continue
        folder = FOLDER / f"recipe-{at}"
        folder.mkdir()
        (folder / "pages.jsonl").write_text(given)
        (folder / "recipe.py").write_text(code)
        run = subprocess.run([sys.executable, "-B", "recipe.py"], cwd=folder, capture_output=True, text=True)
        found = written(folder) if run.returncode == 0 else run.stderr[-2000:]
        print(f"{heading}: {'as the command' if found == expected else found}", flush=True)
        failed += [heading] * (found != expected)
    assert not failed, failed


def recipes():
    """Each block of Python, with the heading that it stands under."""
    heading = None
    for part in re.findall(r"^## ([^\n]+)$|^```python\n(.*?)^```$", (fixture.ROOT / "docs/pipelines.md").read_text(), re.M | re.S):
        heading = part[0] or heading
        if part[1]:
            yield heading, part[1]


def imported(code):
    modules = set()
    for line in re.findall(r"^(?:import|from) (.+)$", code, re.M):
        modules.update(name.strip().partition(".")[0] for name in line.partition(" import ")[0].split(","))
    return sorted(modules)


def written(folder):
    files = [file for file in folder.glob("clean*/**/*") if re.search(r"part-|json", file.name) and file.suffix != ".crc"]
    pages = []
    for file in [*folder.glob("clean.jsonl"), *files]:
        pages += map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return fixture.digest((page["id"], page["text"]) for page in pages)


if __name__ == "__main__":
    main()
