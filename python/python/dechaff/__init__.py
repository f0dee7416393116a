"""Strips the chaff from scraped text: cookie banners, comment widgets, share bars, doubled bodies.

>>> import dechaff
>>> cleaner = dechaff.Cleaner()
>>> article = cleaner.clean("Post a Comment")
"""

import os
from pathlib import Path
from typing import Iterable, List, NamedTuple, Optional, Sequence, Tuple, Type, Union

from . import _dechaff
from ._dechaff import DechaffError, PanicError

__all__ = ["Cleaned", "Cleaner", "DechaffError", "PanicError", "Removal", "Rule"]

_Path = Union[str, "os.PathLike[str]"]
_File = Tuple[str, str]
_State = Tuple[str, List[_File], Optional[_File]]

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_dechaff.before_fork,
        after_in_parent=_dechaff.after_fork_in_parent,
        after_in_child=_dechaff.after_fork_in_child,
    )


class Removal(NamedTuple):
    """A part of the text that went. ``text[start:end]`` is what it was."""

    rule: str
    category: str
    start: int
    end: int


class Cleaned(NamedTuple):
    """A cleaned text and what went of the original, ordered by place.

    ``outcome`` is ``untouched``, ``cleaned``, ``too-much`` or ``unsettled`` (both left the text as it was), or
    ``no-article`` (a page of which no line is more likely content than not).
    """

    text: str
    removals: Tuple[Removal, ...]
    outcome: str


class Rule(NamedTuple):
    """What a rule says of itself. A rule for all languages names none."""

    id: str
    category: str
    level: str
    about: str
    languages: Tuple[str, ...]


class Cleaner:
    """Cleans texts by the built-in rules and your own. Make one, use it from any thread, pickle it to any worker.

    ``level`` is ``careful``, ``normal`` or ``eager``; where it is not given, what the config says, else ``normal``.
    ``rules`` is a rule file, a folder of them, or a list of both. ``config`` is the path of a ``dechaff.yaml``; none
    is looked for. All files are read here and now, and travel with the pickle.

    Calls release the GIL. ``DechaffError`` says what is wrong with a rule, config or text.
    """

    __slots__ = ("_engine",)
    _engine: _dechaff.Engine

    def __init__(
        self,
        level: Optional[str] = None,
        rules: Union[None, _Path, Sequence[_Path]] = None,
        config: Optional[_Path] = None,
    ) -> None:
        paths = [] if rules is None else [rules] if isinstance(rules, (str, os.PathLike)) else list(rules)
        files, read = _dechaff.read_recipe([Path(path) for path in paths], None if config is None else Path(config))
        self._engine = _dechaff.Engine(level, files, read)

    @property
    def level(self) -> str:
        """How much is removed."""
        return self._engine.level

    @property
    def rules(self) -> Tuple[Rule, ...]:
        """The rules at work, ordered by id."""
        rules = self._engine.rules()
        return tuple(Rule(name, sort, level, about, tuple(tongues)) for name, sort, level, about, tongues in rules)

    def clean(self, text: str, url: Optional[str] = None) -> str:
        """The text without its chaff. ``url`` says where it is from; one without a host counts as none."""
        return self._engine.clean(text, url, False, None)

    def extract(self, text: str, title: Optional[str] = None, url: Optional[str] = None) -> str:
        """The article of a whole page. Of a page that seems to have none, what the command prints: see ``explain``."""
        return self._engine.clean(text, url, True, title)

    def explain(
        self, text: str, url: Optional[str] = None, *, page: bool = False, title: Optional[str] = None
    ) -> Cleaned:
        """As ``clean``, or with ``page=True`` as ``extract``, with what went, by which rule, in code points."""
        kept, removals, outcome = self._engine.explain(text, url, page, title)
        return Cleaned(kept, tuple(Removal(*removal) for removal in removals), outcome)

    def clean_many(
        self,
        texts: Iterable[str],
        urls: Optional[Iterable[Optional[str]]] = None,
        threads: Optional[int] = None,
    ) -> List[str]:
        """``clean`` of each, in order, on ``threads`` threads: as many as the process may use cores, by default.

        Lists, generators, columns of pandas and polars, arrays of NumPy and Arrow will do. Of ``urls``, as many as
        there are texts, each may be missing (``None``, NaN); a text may not.
        """
        return self._engine.clean_many(texts, urls, False, None, threads)

    def extract_many(
        self,
        texts: Iterable[str],
        titles: Optional[Iterable[Optional[str]]] = None,
        urls: Optional[Iterable[Optional[str]]] = None,
        threads: Optional[int] = None,
    ) -> List[str]:
        """``extract`` of each, as ``clean_many``."""
        return self._engine.clean_many(texts, urls, True, titles, threads)

    def _state(self) -> _State:
        return (self._engine.level, *self._engine.recipe)

    def __reduce__(self) -> Tuple[object, Tuple[Type["Cleaner"], str, List[_File], Optional[_File]], object]:
        # A class that is derived may have attributes of its own.
        return (_restore, (type(self), *self._state()), getattr(self, "__dict__", None))

    def __eq__(self, other: object) -> bool:
        return self._state() == other._state() if isinstance(other, Cleaner) else NotImplemented

    def __hash__(self) -> int:
        level, files, config = self._state()
        return hash((level, tuple(files), config))

    def __repr__(self) -> str:
        return f"<dechaff.Cleaner level={self.level!r} files={len(self._engine.recipe[0])}>"


def _restore(kind: Type[Cleaner], level: str, files: List[_File], config: Optional[_File]) -> Cleaner:
    cleaner = kind.__new__(kind)
    cleaner._engine = _dechaff.Engine(level, files, config)
    return cleaner
