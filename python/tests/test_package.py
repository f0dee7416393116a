"""What the package promises. Started by `pytest` where the wheel is installed."""

import copy
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
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


def test_the_readme_is_right():
    root = Path(__file__).parents[2]
    code = next(block for block in (root / "README.md").read_text().split("```") if block.startswith("python\n"))
    assert len(code.splitlines()) == 4, "the language, and three lines"
    run = subprocess.run([sys.executable, "-B", "-c", code[7:]], cwd=root, capture_output=True, timeout=60)
    text = (root / "examples/harbour-bridge.txt").read_text()
    assert run.stdout == command("clean", "--no-config", text=text).stdout + b"\n"


@pytest.mark.parametrize("page", ["", "Menu\n\nHome\n\nSubscribe\n\nShop\n"])
def test_a_page_without_an_article_is_what_the_command_prints(page):
    assert dechaff.Cleaner().extract(page) == command("extract", "--no-config", text=page).stdout.decode()


def test_removals_count_code_points():
    cleaned = dechaff.Cleaner().explain(TEXT)
    assert ord(STORY[-3]) > 0xFFFF, "a character beyond the 65,536 first stands before what goes"
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


def test_generators_and_what_gives_a_list_will_do():
    class Array:
        """As Arrow's are: its items are scalars of its own."""

        def __init__(self, *items):
            self.items = items

        def __iter__(self):
            return iter([object()] * len(self.items))

        def to_pylist(self):
            return list(self.items)

    cleaner = dechaff.Cleaner()
    assert cleaner.clean_many((text for text in (TEXT, "a")), urls=(url for url in (None, URL))) == [STORY, "a"]
    assert cleaner.clean_many((TEXT,), (URL,)) == [STORY]
    assert cleaner.clean_many(Array(TEXT, "a"), Array(None, URL)) == [STORY, "a"]
    with pytest.raises(ZeroDivisionError):
        cleaner.clean_many(str(1 / number) for number in (1, 0))


@pytest.mark.parametrize("kind", ["numpy", "pandas", "polars", "pyarrow"])
def test_columns_of_other_packages_will_do(kind):
    package = pytest.importorskip(kind)
    make = {"numpy": "array", "pandas": "Series", "polars": "Series", "pyarrow": "array"}[kind]
    column = getattr(package, make)
    assert dechaff.Cleaner().clean_many(column([TEXT, "a"]), column([URL, URL])) == [STORY, "a"]
    if kind == "pandas":
        missing = package.Series([URL, package.NA], dtype="string")
    else:
        missing = column([URL, None])
    assert dechaff.Cleaner().clean_many(column([TEXT, "a"]), missing) == [STORY, "a"]


def test_a_title_tells_where_the_article_begins():
    cleaner = dechaff.Cleaner()
    title = "Old mill to become a library"
    page = f"Gazette\n\nWeather\n\n{title}\n\n{STORY}\n{STORY.replace('ferry', 'tram')}\nShop\n"
    run = command("extract", "--no-config", text=page)
    assert cleaner.extract(page) == run.stdout.decode()
    assert cleaner.extract_many([page, page], titles=[title, None]) == [cleaner.extract(page, title), cleaner.extract(page)]
    assert cleaner.explain(page, page=True, title=title).text == cleaner.extract(page, title=title)
    assert title in cleaner.extract(page, title=title)


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


@pytest.mark.parametrize("given", ["rules", "config"])
def test_a_pickle_needs_no_files(rules, tmp_path, given):
    pickled = tmp_path / "cleaner.pickle"
    config = tmp_path / "dechaff.yaml"
    config.write_text("rules: [rules]\n")
    pickled.write_bytes(pickle.dumps(dechaff.Cleaner(**{given: {"rules": rules, "config": config}[given]})))
    rules.unlink()
    config.unlink()
    code = f"import pickle; c = pickle.load(open({str(pickled)!r}, 'rb')); print(c.clean({TIP!r}, {URL!r}) == {STORY!r})"
    run = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, timeout=60)
    assert run.stdout == b"True\n", run.stderr


def test_equal_cleaners_share_what_is_compiled(rules):
    one, two, other = dechaff.Cleaner(), dechaff.Cleaner(level="eager"), dechaff.Cleaner(rules=rules)
    again = pickle.loads(pickle.dumps(one))
    assert again == one and hash(again) == hash(one) and one != two
    assert one._engine.compiled == two._engine.compiled == again._engine.compiled != other._engine.compiled


class OwnCleaner(dechaff.Cleaner):
    """What a user may derive."""

    site = "none"


def test_a_copy_is_of_the_same_kind():
    own = OwnCleaner()
    own.site = "gazette"
    for copied in (pickle.loads(pickle.dumps(own)), copy.deepcopy(own), copy.copy(own)):
        assert type(copied) is OwnCleaner and copied.site == "gazette" and copied.clean(TEXT) == STORY


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
    with pytest.raises(TypeError, match=r"texts\[1\] must be str, not NoneType"):
        cleaner.clean_many(["a", None])
    with pytest.raises(TypeError, match="text must be str, not NoneType"):
        cleaner.clean(None)
    with pytest.raises(ValueError, match="text is not valid Unicode"):
        cleaner.explain("a\udfff")
    with pytest.raises(ValueError, match="url is not valid Unicode"):
        cleaner.clean("a", url="\ud800")
    with pytest.raises(TypeError, match="a list of str"):
        cleaner.clean_many("abc")
    with pytest.raises(TypeError, match=r"urls\[0\] must be str, not int"):
        cleaner.clean_many(["a"], urls=[1])
    with pytest.raises(ValueError, match="urls has 1 items, texts has 2"):
        cleaner.clean_many(["a", "b"], urls=[None])
    with pytest.raises(ValueError, match="urls has 3 items, texts has 2"):
        cleaner.clean_many(["a", "b"], urls=(None for _ in range(3)))
    with pytest.raises(ValueError, match="titles has 1 items, texts has 2"):
        cleaner.extract_many(["a", "b"], titles=["a"])
    with pytest.raises(ValueError, match="at least 1"):
        cleaner.clean_many(["a"], threads=0)


@pytest.mark.parametrize("many", [False, True])
def test_a_panic_is_an_exception(many):
    with pytest.raises(dechaff.PanicError, match="asked for by a test"):
        _dechaff.panic_in(many)
    assert dechaff.Cleaner().clean(TEXT) == STORY


@pytest.mark.parametrize("start", multiprocessing.get_all_start_methods())
def test_errors_and_panics_leave_a_worker_alive(start, tmp_path):
    # In a process of its own, since under pytest a spawned worker would import pytest.
    (tmp_path / "pool.py").write_text(POOL)
    run = subprocess.run([sys.executable, "-B", "pool.py", start], cwd=tmp_path, capture_output=True, timeout=120)
    assert run.stdout.decode().split() == ["PanicError", "DechaffError", "ValueError", "same", "worker"], run.stderr.decode()


POOL = """\
import concurrent.futures, multiprocessing, os, sys
import dechaff
from dechaff import _dechaff

def refuse():
    dechaff.Cleaner(rules="nowhere.yaml")

if __name__ == "__main__":
    cleaner = dechaff.Cleaner()
    cleaner.clean_many(["a"] * 100)
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context(sys.argv[1])) as pool:
        worker = pool.submit(os.getpid).result()
        for fails in (pool.submit(_dechaff.panic_in, True), pool.submit(refuse), pool.submit(cleaner.clean_many, ["\\ud800"])):
            print(type(fails.exception()).__name__)
        assert pool.submit(cleaner.clean, "Post a Comment").result() == cleaner.clean("Post a Comment")
        print("same worker" if pool.submit(os.getpid).result() == worker else "another worker")
"""


def test_threads_share_a_cleaner(rules):
    cleaner = dechaff.Cleaner(rules=rules)
    given = [f"{number}: {TIP}" if number % 2 else f"{number}: {TEXT}" for number in range(64)]
    expected = [cleaner.clean(text, URL) for text in given]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda text: cleaner.clean(text, URL), given * 5)) == expected * 5
        many = threads.map(lambda _: cleaner.clean_many(given, [URL] * len(given)), range(16))
        assert all(cleaned == expected for cleaned in many)
        # Made at one time by many, it is compiled once.
        made = threads.map(lambda _: dechaff.Cleaner(rules=rules)._engine.compiled, range(16))
        assert set(made) == {cleaner._engine.compiled}


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
