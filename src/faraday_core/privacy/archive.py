"""A zip with a manifest and a page to read it by, written to disk row by row."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from html import escape
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from attrs import asdict, frozen

PART: Final = 8 << 20  # bytes of the file that are read, and kept, at a time

Row = Mapping[str, Any]  # as JSON has it
Rows = AsyncIterator[Sequence[Row]]


@frozen
class WrittenFile:
    name: str
    sha256: str
    rows: int


class Archive:
    """However much there is, no more of it is in memory than one page of rows."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 -- closed on leaving, as this class is
        self._zip = ZipFile(self._file, "w", ZIP_DEFLATED)
        self._written: list[tuple[WrittenFile, str]] = []

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()
        self._file.close()

    async def add_rows(self, name: str, what: str, pages: Rows, *, single: bool) -> None:
        """A JSON list; where there is one row at most, that alone, or {}."""
        digest, rows = hashlib.sha256(), 0
        with self._zip.open(name, "w") as out:

            def write(text: str) -> None:
                content = text.encode()
                digest.update(content)
                out.write(content)

            if not single:
                write("[")
            async for page in pages:
                told = [json.dumps(row, ensure_ascii=False, indent=1) for row in page]
                between = ",\n" if rows and told else "\n" if told and not single else ""
                await asyncio.to_thread(write, between + ",\n".join(told))
                rows += len(told)
            write(("" if rows else "{}") if single else "\n]")
            write("\n")
        self._written.append((WrittenFile(name, digest.hexdigest(), rows), what))

    async def add_file(self, name: str, what: str, content: bytes) -> None:
        await asyncio.to_thread(self._zip.writestr, name, content)
        written = WrittenFile(name, hashlib.sha256(content).hexdigest(), 1)
        self._written.append((written, what))

    async def close(self, title: str) -> None:
        """Write the page to read it by, and the manifest."""
        page = _index(title, self._written).encode()
        await self.add_file("index.html", "This page.", page)
        files = [asdict(written) for written, _ in self._written]
        manifest = json.dumps({"files": files}, ensure_ascii=False, indent=1)
        self._zip.writestr("manifest.json", manifest)
        await asyncio.to_thread(self._zip.close)

    async def parts(self) -> AsyncIterator[bytes]:
        """The whole file, once it is closed."""
        self._file.seek(0)
        while part := await asyncio.to_thread(self._file.read, PART):
            yield part


_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}}
table{{border-collapse:collapse}}td,th{{padding:.3em 1em .3em 0;text-align:left;vertical-align:top;
border-bottom:1px solid #ccc}}</style></head>
<body><h1>{title}</h1>
<p>Each file holds what its line says, as JSON: any text editor opens it.
<code>manifest.json</code> lists the files with a checksum (SHA-256) each.</p>
<table><thead><tr><th>File</th><th>What it holds</th><th>Entries</th></tr></thead>
<tbody>
{rows}
</tbody></table></body></html>
"""


def _index(title: str, written: Sequence[tuple[WrittenFile, str]]) -> str:
    rows = "\n".join(
        f'<tr><td><a href="{escape(file.name)}">{escape(file.name)}</a></td>'
        f"<td>{escape(what)}</td><td>{file.rows}</td></tr>"
        for file, what in written
    )
    return _PAGE.format(title=escape(title), rows=rows)
