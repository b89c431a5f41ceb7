from html import escape

from attrs import frozen


@frozen
class PlainHtml:
    """Paragraphs and nothing else, where what reads Markdown is not installed."""

    def html(self, markdown: str) -> str:
        paragraphs = (part.strip() for part in markdown.split("\n\n"))
        return "\n".join(f"<p>{escape(part)}</p>" for part in paragraphs if part)
