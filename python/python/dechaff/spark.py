"""Cleans a column of a Spark DataFrame.

``clean_column(df).write.parquet(...)``. It needs pyspark 3.4 or later, with pandas and pyarrow, and dechaff where the
executors run.
"""

from typing import Any, Iterator, List, Optional, Tuple

from . import Cleaner

_kept: Optional[Cleaner] = None


def clean_column(
    df: Any,
    text: str = "text",
    url: Optional[str] = None,
    output: str = "text",
    *,
    cleaner: Optional[Cleaner] = None,
    page: bool = False,
    title: Optional[str] = None,
) -> Any:
    """``df`` with the column ``text`` cleaned, as the column ``output``. A null stays null.

    ``url`` and ``title`` are columns too, of strings. ``cleaner`` is ``Cleaner()`` where none is given; it travels with
    the task, its rules in it. ``page=True`` does what ``Cleaner.extract`` does. Columns may be fields of structs, named
    with dots. The plan has a pandas UDF: only these columns go to Python.

    ``TypeError`` says that a column is not of strings.
    """
    from pandas import Series
    from pyspark.sql.functions import col, lit, pandas_udf
    from pyspark.sql.types import StringType

    for name in (text, url, title):
        if name is not None:
            kind = df.select(col(name)).schema[0].dataType
            if not isinstance(kind, StringType):
                raise TypeError(f"column '{name}' must be of strings, not {kind.simpleString()}")
    works = Cleaner() if cleaner is None else cleaner

    def batches(batches: Iterator[Tuple[Series, ...]]) -> Iterator[Series]:
        _keep(works)
        for columns in batches:
            texts, urls, titles = (_strings(column) for column in columns)
            yield Series(_cleaned(works, texts, urls, titles, page), dtype=object)

    cleaned = pandas_udf(batches, "string")
    none = lit(None).cast("string")
    return df.withColumn(output, cleaned(col(text), *(none if name is None else col(name) for name in (url, title))))


def _keep(cleaner: Cleaner) -> None:
    """A worker process has many tasks of one job; what is compiled for the first is there for the next."""
    global _kept
    _kept = cleaner


def _strings(column: Any) -> List[Optional[str]]:
    return [None if gone else value for value, gone in zip(column.tolist(), column.isna().tolist())]


def _cleaned(
    cleaner: Cleaner, texts: List[Optional[str]], urls: List[Optional[str]], titles: List[Optional[str]], page: bool
) -> List[Optional[str]]:
    there = [at for at, text in enumerate(texts) if text is not None]
    given = [text for text in texts if text is not None]
    from_urls, with_titles = [urls[at] for at in there], [titles[at] for at in there]
    if page:
        done = cleaner.extract_many(given, with_titles, from_urls, _cores())
    else:
        done = cleaner.clean_many(given, from_urls, _cores())
    cleaned: List[Optional[str]] = [None] * len(texts)
    for at, text in zip(there, done):
        cleaned[at] = text
    return cleaned


def _cores() -> int:
    """So many as Spark gives a task."""
    from pyspark import TaskContext

    task = TaskContext.get()
    return 1 if task is None else max(1, int(task.cpus()))
