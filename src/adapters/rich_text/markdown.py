"""CommonMark by markdown-it-py, and of what it makes only what nh3 (Rust's ammonia) lets pass."""

from functools import cache
from typing import Final

import nh3
from attrs import frozen
from markdown_it import MarkdownIt

TAGS: Final = frozenset(
    {"p", "br", "em", "strong", "s", "a", "ul", "ol", "li", "blockquote", "code", "pre", "hr"}
    | {f"h{level}" for level in range(1, 7)}
)
SCHEMES: Final = frozenset({"http", "https", "mailto"})
MOST_NESTED: Final = 20  # quotes in lists in quotes


@frozen
class MarkdownHtml:
    def html(self, markdown: str) -> str:
        rendered: str = _markdown().render(markdown)
        return nh3.clean(
            rendered,
            tags={*TAGS},
            attributes={"a": {"href"}, "*": set()},
            url_schemes={*SCHEMES},
            # Where the link leads learns nothing of where it stood, and cannot reach back.
            link_rel="nofollow noopener noreferrer",
            strip_comments=True,
        ).strip()


@cache
def _markdown() -> MarkdownIt:
    """HTML in it is text; a picture would tell its server who looks, and when."""
    return (
        MarkdownIt("commonmark", {"html": False, "maxNesting": MOST_NESTED})
        .enable("strikethrough")
        .disable("image")
    )
