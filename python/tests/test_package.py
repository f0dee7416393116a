"""What the package promises. Started by `pytest` where the wheel is installed."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import dechaff
from dechaff import _dechaff

STORY = (
    "The ferry was late again — the harbour master said on Monday, because of the fog that had settled over the "
    "sound before dawn 🌫.\n"
)
TEXT = STORY + "\nPost a Comment\n\n0 Comments\n"
COMMAND = str(Path(sys.executable).with_name("dechaff"))
RULES = """\
schema: 1
pack: gazette.example.org
defaults:
  languages: [en]
  scope: {hosts: [gazette.example.org]}
rules:
  - id: tip-line
    about: The paper asks for tips under every story
    category: newsletter
    confidence: high
    line:
      match: prefix
      phrases: ["Seen something? Tell the Gazette"]
    guard: {max_words: 10}
    tests:
      removes: ["Seen something? Tell the Gazette: tips@gazette.example.org"]
      keeps: ["Seen something? Tell the Gazette, she had said, and so he went and told it."]
"""
TIP = STORY + "\nSeen something? Tell the Gazette: tips@gazette.example.org\n"
URL = "https://gazette.example.org/a"


def command(*args, text=TEXT):
    return subprocess.run([COMMAND, *args], input=text.encode(), capture_output=True, timeout=60)


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "rules" / "gazette.yaml"
    path.parent.mkdir()
    path.write_text(RULES)
    return path


def test_equals_the_command():
    cleaner = dechaff.Cleaner()
    assert cleaner.clean(TEXT) == STORY == command("clean", "--no-config").stdout.decode()
    page = "Menu\n\nHome\n\n" + TEXT
    assert cleaner.extract(page) == command("extract", "--no-config", text=page).stdout.decode()


@pytest.mark.parametrize("page", ["", "Menu\n\nHome\n\nSubscribe\n\nShop\n"])
def test_a_page_without_an_article_is_what_the_command_prints(page):
    assert dechaff.Cleaner().extract(page) == command("extract", "--no-config", text=page).stdout.decode()


def test_removals_count_code_points():
    cleaned = dechaff.Cleaner().explain(TEXT)
    assert [TEXT[gone.start : gone.end] for gone in cleaned.removals] == ["Post a Comment", "0 Comments"]
    assert {gone.category for gone in cleaned.removals} == {"comments"}
    ids = {rule.id for rule in dechaff.Cleaner().rules}
    assert all(gone.rule in ids for gone in cleaned.removals)
    assert (cleaned.text, cleaned.outcome) == (STORY, "cleaned")


def test_many_are_each_in_order():
    cleaner = dechaff.Cleaner()
    texts = [f"{number}: {TEXT}" for number in range(200)]
    for threads in (None, 1, 2, 8):
        assert cleaner.clean_many(texts, threads=threads) == [cleaner.clean(text) for text in texts]
    assert cleaner.extract_many(texts[:5]) == [cleaner.extract(text) for text in texts[:5]]
    assert cleaner.clean_many([]) == []


def test_own_rules_by_file_folder_and_config(rules, tmp_path):
    config = tmp_path / "dechaff.yaml"
    config.write_text("level: careful\nrules: [rules]\n")
    for given in ({"rules": str(rules)}, {"rules": [rules.parent]}, {"config": config}):
        cleaner = dechaff.Cleaner(**given)
        assert cleaner.clean(TIP, url=URL) == STORY
        assert cleaner.clean(TIP) == TIP
        # A table of pandas has NaN where there is nothing.
        assert cleaner.clean_many([TIP, TIP, TIP], urls=[URL, None, float("nan")]) == [STORY, TIP, TIP]
    assert dechaff.Cleaner(config=config).level == "careful"
    assert dechaff.Cleaner(config=config, level="eager").level == "eager"


def test_a_pickle_needs_no_files(rules, tmp_path):
    pickled = tmp_path / "cleaner.pickle"
    pickled.write_bytes(pickle.dumps(dechaff.Cleaner(rules=rules)))
    rules.unlink()
    code = f"import pickle; c = pickle.load(open({str(pickled)!r}, 'rb')); print(c.clean({TIP!r}, {URL!r}) == {STORY!r})"
    run = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, timeout=60)
    assert run.stdout == b"True\n", run.stderr


def test_equal_cleaners_share_what_is_compiled(rules):
    one, two, other = dechaff.Cleaner(), dechaff.Cleaner(level="eager"), dechaff.Cleaner(rules=rules)
    again = pickle.loads(pickle.dumps(one))
    assert again == one and hash(again) == hash(one) and one != two
    assert one._engine.compiled == two._engine.compiled == again._engine.compiled != other._engine.compiled


def test_errors_say_where(rules):
    rules.write_text(RULES.replace("phrases:", "phrasse:"))
    with pytest.raises(dechaff.DechaffError, match=r"gazette\.yaml:13:7: unknown key `phrasse`\nhelp: did you mean"):
        dechaff.Cleaner(rules=rules)
    with pytest.raises(ValueError, match="careful"):
        dechaff.Cleaner(level="loud")
    with pytest.raises(dechaff.DechaffError, match="nowhere"):
        dechaff.Cleaner(rules="nowhere.yaml")


def test_what_is_no_text_is_named():
    cleaner = dechaff.Cleaner()
    with pytest.raises(TypeError, match=r"texts\[1\] must be str, not bytes"):
        cleaner.clean_many(["a", b"b"])
    with pytest.raises(ValueError, match=r"texts\[2\] is not valid Unicode"):
        cleaner.clean_many(["a", "b", "\ud800"])
    with pytest.raises(TypeError, match="a list of str"):
        cleaner.clean_many("abc")
    with pytest.raises(TypeError, match=r"urls\[0\] must be str, not int"):
        cleaner.clean_many(["a"], urls=[1])
    with pytest.raises(ValueError, match="urls has 1 items, texts has 2"):
        cleaner.clean_many(["a", "b"], urls=[None])


@pytest.mark.parametrize("many", [False, True])
def test_a_panic_is_an_exception(many):
    with pytest.raises(dechaff.PanicError, match="asked for by a test"):
        _dechaff.panic_in(many)
    assert dechaff.Cleaner().clean(TEXT) == STORY


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_amid_work_is_sound():
    cleaner = dechaff.Cleaner()
    stop = threading.Event()

    def work():
        while not stop.is_set():
            cleaner.clean_many([TEXT] * 20)

    # Some call is at work all the time.
    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                signal.alarm(20)
                os._exit(0 if cleaner.clean_many([TEXT] * 4, threads=2) == [STORY] * 4 else 1)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def test_the_gil_is_released():
    cleaner = dechaff.Cleaner()
    done = threading.Event()
    threading.Thread(target=lambda: (cleaner.clean_many([TEXT * 20] * 500, threads=1), done.set())).start()
    turns = 0
    while not done.is_set():
        turns += 1
        time.sleep(0.0005)
    assert turns > 5


def test_an_interrupt_ends_a_long_call():
    code = f"import dechaff; c = dechaff.Cleaner(); print(flush=True); c.clean_many([{TEXT!r} * 200] * 10_000)"
    run = subprocess.Popen([sys.executable, "-B", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run.stdout.readline()
    time.sleep(0.5)
    run.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in run.communicate(timeout=10)[1]


def test_the_command_has_its_exit_statuses(tmp_path):
    (tmp_path / "page.txt").write_text(TEXT)
    page = str(tmp_path / "page.txt")
    assert command("check", "--no-config", page).returncode == 1
    assert command("clean", str(tmp_path / "none.txt")).returncode == 2
    assert command("--version").stdout.startswith(b"dechaff ")
    assert command("clean", "--no-config", page).returncode == 0


def test_the_command_ends_by_interrupt_and_by_a_closed_pipe():
    waiting = subprocess.Popen([COMMAND, "clean", "--no-config"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    time.sleep(1)
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(10) in (130, -signal.SIGINT)
    listing = subprocess.Popen([COMMAND, "rules", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    listing.stdout.close()
    assert (listing.wait(30), listing.stderr.read()) == (0, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow():
    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    cleaner = dechaff.Cleaner()
    for _ in range(5_000):
        cleaner.clean("Share\n")
    before = resident()
    for _ in range(100_000):
        cleaner.clean("Share\n")
    assert resident() - before < 4_000_000


def test_types_are_whole():
    config = str(Path(__file__).parents[1] / "pyproject.toml")
    args = ["-m", "mypy", "--config-file", config, "--cache-dir", os.devnull, "-p", "dechaff"]
    run = subprocess.run([sys.executable, *args], capture_output=True, timeout=300)
    assert run.returncode == 0, run.stdout.decode()
