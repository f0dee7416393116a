"""A block for datatrove's pipelines that cleans each document.

``LocalPipelineExecutor([JsonlReader(...), DechaffFormatter(), JsonlWriter(...)])``
"""

import contextlib
from typing import Any, ContextManager, Iterable, Iterator, Optional

from datatrove.pipeline.formatters.base import BaseFormatter
from datatrove.utils.typeshelper import StatHints

from . import Cleaner


class DechaffFormatter(BaseFormatter):
    """Cleans ``doc.text``, by the rules of the site that ``doc.metadata["url"]`` names, too.

    ``cleaner`` is ``Cleaner()`` where none is given; it travels with the pipeline, its rules in it. ``page=True`` does
    what ``Cleaner.extract`` does, with ``doc.metadata["title"]``.

    ``drop=True`` drops documents that are nothing but noise: of which nothing is left, or, with ``page=True``, in which
    there is no article. ``exclusion_writer``, any of datatrove's writers, gets them as they came, with ``noise`` or
    ``no-article`` as their ``filter_reason``; it implies ``drop``.

    Statistics: ``total``, ``forwarded``, ``dropped`` and ``cleaned`` count documents; ``removed_RULE`` counts what a
    rule removed, ``characters_removed`` its length in code points.
    """

    name = "dechaff"

    def __init__(
        self,
        cleaner: Optional[Cleaner] = None,
        page: bool = False,
        drop: bool = False,
        exclusion_writer: Any = None,
    ) -> None:
        super().__init__()
        self.cleaner = Cleaner() if cleaner is None else cleaner
        self.page = page
        self.drop = drop or exclusion_writer is not None
        self.exclusion_writer = exclusion_writer

    def format(self, text: str) -> str:
        """The text alone, of no site."""
        return self.cleaner.explain(text, page=self.page).text

    def run(self, data: Iterable[Any], rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """Documents in, the same documents cleaned out."""
        writing: ContextManager[Any] = self.exclusion_writer or contextlib.nullcontext()
        with writing as writer:
            for doc in data:
                self.stat_update(StatHints.total)
                with self.track_time():
                    reason = self._clean(doc)
                if reason is None:
                    self.stat_update(StatHints.forwarded)
                    self.update_doc_stats(doc)
                    yield doc
                    continue
                self.stat_update(StatHints.dropped, f"dropped_{reason}")
                if writer is not None:
                    doc.metadata["filter_reason"] = reason
                    writer.write(doc, rank)

    def _clean(self, doc: Any) -> Optional[str]:
        """Cleans it, or says why it is to be dropped and leaves it."""
        url, title = (doc.metadata.get(key) for key in ("url", "title"))
        cleaned = self.cleaner.explain(
            doc.text,
            url if isinstance(url, str) else None,
            page=self.page,
            title=title if self.page and isinstance(title, str) else None,
        )
        if self.drop and cleaned.outcome == "no-article":
            return "no-article"
        if cleaned.removals:
            self.stat_update("cleaned")
        for removal in cleaned.removals:
            self.stat_update(f"removed_{removal.rule}")
            self.stat_update("characters_removed", value=removal.end - removal.start, unit="removal")
        if self.drop and doc.text.strip() and not cleaned.text.strip():
            return "noise"
        doc.text = cleaned.text
        return None
