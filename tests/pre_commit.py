#!/usr/bin/env python3
"""The hooks of .pre-commit-hooks.yaml, in real repositories, under a real pre-commit.

usage: pre_commit.py [--dechaff PROGRAM] [--pre-commit PROGRAM] [--wheel FILE] [--whole] [--pip]

--dechaff     the program that the hooks run; target/release/dechaff by default.
--pre-commit  this pre-commit, and not PyPI's newest in a virtual environment that is thrown away.
--wheel       the hooks of the Python package, which pre-commit installs from this wheel.
--whole       as people use it: pre-commit clones this repository (HEAD, with the hooks of the working tree) and builds
              it with `cargo install`; `pre-commit try-repo` too. Takes minutes, and crates.io.
--pip         with --whole: the hooks of the Python package, which pip builds from the clone.

Without --whole the same hooks run as `repo: local`, with a program or a wheel that is there already. What pre-commit
says is printed.
"""
import argparse
import json
import os
import re
import shlex
import subprocess
import tempfile
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
MANIFEST = ".pre-commit-hooks.yaml"
HEAD = "The ropewalk at Sallowby spins again\n"
BODY = """
For the first time in forty years the ropewalk at Sallowby has turned out a rope. It is ninety metres long, and it was
ordered by the crew of a fishing boat that has never trusted nylon.
"""
END = """
The walk is a shed as long as a street. Ida Brandvold, who learnt the trade from her uncle, walked backwards through it
all morning with the hemp around her waist, while two schoolchildren turned the wheel at the far end.
"""
BANNER = "\nWe use cookies to improve your experience on our website. Accept all cookies\n"
WIDGET = "\nPost a Comment\n0 Comments\n"
CLEAN, NOISY = HEAD + BODY + END, HEAD + BODY + BANNER + END + WIDGET


class Project:
    """A repository of somebody who uses a hook."""

    def __init__(self, world, hook="dechaff", extra=""):
        self.world, self.folder = world, Path(tempfile.mkdtemp(prefix="project ", dir=world.temporary))
        world.quiet("git", "init", "--quiet", cwd=self.folder)
        self.write(".pre-commit-config.yaml", "repos:\n" + world.configuration(hook, extra))
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Begin")
        world.quiet(world.pre_commit, "install", cwd=self.folder)

    def git(self, *arguments):
        return self.world.quiet("git", *arguments, cwd=self.folder)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode("latin-1" if name.startswith("latin") else "utf-8"))

    def read(self, name):
        return (self.folder / name).read_bytes().decode()

    def stamp(self, name):
        status = (self.folder / name).stat()
        return status.st_ino, status.st_mtime_ns, (self.folder / name).read_bytes()

    def stage(self, files):
        for name, content in files.items():
            self.write(name, content)
        self.git("add", "--all")

    def commit(self, *arguments, passes=True):
        """What was said about a commit of what is staged."""
        before = self.git("rev-parse", "HEAD")
        status, said = self.world.loud("git", "commit", "--quiet", "-m", "Try", *arguments, cwd=self.folder)
        assert (status == 0) == (self.git("rev-parse", "HEAD") != before) == passes
        return said


class World:
    """Where pre-commit, dechaff and the hooks come from; nothing of the caller's git comes in."""

    def __init__(self, temporary, chosen):
        self.temporary, self.clone = temporary, temporary / "dechaff" if chosen.whole else None
        self.env = {key: value for key, value in os.environ.items() if not re.match("GIT_|PRE_COMMIT|SKIP$", key)}
        self.env |= {f"GIT_{who}_{what}": "you" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        self.env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PRE_COMMIT_COLOR": "never"}
        self.env |= {"PRE_COMMIT_HOME": f"{temporary}/cache", "CARGO_TARGET_DIR": f"{temporary}/target"}
        self.dechaff, self.manifest = Path(chosen.dechaff).absolute(), (HERE / MANIFEST).read_text()
        self.wheel, self.pip = chosen.wheel and Path(chosen.wheel).absolute(), bool(chosen.pip or chosen.wheel)
        self.pre_commit = Path(chosen.pre_commit or temporary / "venv/bin/pre-commit").absolute()
        if not chosen.pre_commit:
            venv.create(temporary / "venv", with_pip=True)
            self.quiet(temporary / "venv/bin/pip", "install", "--quiet", "pre-commit", cwd=temporary)
        read = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.argv[1])))"
        self.hooks = json.loads(self.quiet(self.pre_commit.with_name("python"), "-c", read, self.manifest, cwd=temporary))
        if self.clone:
            self.quiet("git", "clone", "--quiet", HERE, self.clone, cwd=temporary)
            (self.clone / MANIFEST).write_text(self.manifest)
            self.quiet("git", "add", MANIFEST, cwd=self.clone)
            self.quiet("git", "commit", "--quiet", "--allow-empty", "-m", "The hooks as they are", cwd=self.clone)
            self.head = self.quiet("git", "rev-parse", "HEAD", cwd=self.clone).strip()

    def quiet(self, *command, cwd):
        return subprocess.run(command, cwd=cwd, env=self.env, check=True, stdout=subprocess.PIPE).stdout.decode()

    def loud(self, *command, cwd):
        """Exit status and output, which is printed, too."""
        print("$", shlex.join([Path(command[0]).name, *command[1:]]), flush=True)
        done = subprocess.run(command, cwd=cwd, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = done.stdout.decode(errors="replace")
        print(f"{said}[exit status {done.returncode}]", flush=True)
        return done.returncode, said

    def configuration(self, hook, extra):
        hook += "-pip" * self.pip
        if self.clone:
            return f"- repo: {self.clone}\n  rev: {self.head}\n  hooks:\n  - id: {hook}\n{extra}"
        [found] = [written for written in self.hooks if written["id"] == hook]
        assert found["entry"].startswith("dechaff ") and found["language"] == ("python" if self.pip else "rust")
        if self.wheel:
            found = found | {"additional_dependencies": [str(self.wheel)]}
        else:
            program = shlex.quote(str(self.dechaff))
            found = found | {"entry": found["entry"].replace("dechaff", program, 1), "language": "system"}
        keys = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in found.items() if key != "id")
        return f"- repo: local\n  hooks:\n  - id: {hook}\n{keys}{extra}"


def a_noisy_article_is_blocked_and_cleaned_and_the_second_commit_passes(project):
    project.stage({"a.txt": NOISY})
    assert "files were modified by this hook" in project.commit(passes=False) and project.read("a.txt") == CLEAN
    project.stage({})
    assert "Passed" in project.commit() and project.git("show", "HEAD:a.txt") == CLEAN


def a_clean_file_passes_untouched(project):
    project.stage({"a.txt": CLEAN})
    before = project.stamp("a.txt")
    assert "Passed" in project.commit() and project.stamp("a.txt") == before


def check_blocks_and_changes_nothing(project):
    project.stage({"a.txt": NOISY})
    before, said = project.stamp("a.txt"), project.commit(passes=False)
    assert "a.txt" in said and "modified" not in said and project.stamp("a.txt") == before
    project.stage({"a.txt": CLEAN})
    assert "Passed" in project.commit()


def an_excluded_file_stays(project):
    project.stage({"raw/a.txt": NOISY, "b.txt": NOISY})
    project.commit(passes=False)
    assert project.read("raw/a.txt") == NOISY and project.read("b.txt") == CLEAN
    project.stage({})
    assert "Passed" in project.commit() and project.git("show", "HEAD:raw/a.txt") == NOISY


def a_file_that_is_not_utf_8_fails_and_stays_byte_for_byte(project):
    project.stage({"a.txt": CLEAN, "latin.txt": "A café on the quay of Sallowby\n" + WIDGET})
    before, said = project.stamp("latin.txt"), project.commit(passes=False)
    assert "latin.txt: not UTF-8" in said and "modified" not in said and project.stamp("latin.txt") == before


def no_files_nothing_to_do(project):
    assert "Skipped" in project.commit("--allow-empty")
    project.stage({"tool.py": NOISY})
    assert "Skipped" in project.commit() and project.read("tool.py") == NOISY


def several_files_with_spaces_dashes_and_options_for_names(project):
    names = ["a b.txt", "-a.txt", "--level=eager.txt", "-o.txt", 'it\'s "so".md', "søndag/$(x) *.markdown"]
    record, cleaned = (json.dumps({"id": 1, "text": text}) + "\n" for text in (NOISY, CLEAN))
    project.stage({"-pages 1.jsonl": record} | dict.fromkeys(names, NOISY))
    project.commit(passes=False)
    assert [project.read(name) for name in names] == [CLEAN] * len(names)
    assert project.read("-pages 1.jsonl") == cleaned
    project.stage({})
    assert "Passed" in project.commit() and not project.git("status", "--porcelain")


def a_partly_staged_file_keeps_its_unstaged_change(project):
    far, beside = NOISY.replace(HEAD, "Unstaged\n"), NOISY + "Unstaged\n"
    # Beside what goes, pre-commit takes the cleaning back, and not what somebody wrote.
    for unstaged, expected in (far, CLEAN.replace(HEAD, "Unstaged\n")), (beside, beside):
        project.stage({"a.txt": NOISY})
        project.write("a.txt", unstaged)
        said = project.commit(passes=False)
        assert project.read("a.txt") == expected and ("Rolling back fixes" in said) == (unstaged == beside)


def try_repo(project):
    project.stage({"a.txt": NOISY, "b.txt": NOISY})
    command = (project.world.pre_commit, "try-repo", str(project.world.clone), "dechaff" + "-pip" * project.world.pip, "--files", "a.txt")
    status, said = project.world.loud(*command, cwd=project.folder)
    assert status == 1 and "files were modified by this hook" in said
    assert project.read("a.txt") == CLEAN and project.read("b.txt") == NOISY


def main():
    arguments = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    arguments.add_argument("--dechaff", default=HERE / "target/release/dechaff")
    arguments.add_argument("--pre-commit")
    arguments.add_argument("--wheel")
    arguments.add_argument("--whole", action="store_true")
    arguments.add_argument("--pip", action="store_true")
    chosen, start = arguments.parse_args(), time.time()
    own = {check_blocks_and_changes_nothing: {"hook": "dechaff-check"},
           an_excluded_file_stays: {"extra": "    exclude: ^raw/\n"}}
    cases = [a_noisy_article_is_blocked_and_cleaned_and_the_second_commit_passes, a_clean_file_passes_untouched, *own,
             a_file_that_is_not_utf_8_fails_and_stays_byte_for_byte, no_files_nothing_to_do,
             several_files_with_spaces_dashes_and_options_for_names, a_partly_staged_file_keeps_its_unstaged_change,
             *[try_repo] * chosen.whole]
    with tempfile.TemporaryDirectory(prefix="dechaff pre-commit ") as temporary:
        world = World(Path(temporary), chosen)
        for command in (["--version"], ["validate-manifest", MANIFEST]):
            assert world.loud(world.pre_commit, *command, cwd=HERE)[0] == 0
        for case in cases:
            print(f"\n== {case.__name__.replace('_', ' ')}", flush=True)
            case(Project(world, **own.get(case, {})))
    print(f"\nall {len(cases)} hold, in {time.time() - start:.0f} s")


if __name__ == "__main__":
    main()
