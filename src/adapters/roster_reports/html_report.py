"""One page that needs nothing beside itself, on a screen and on paper."""

from collections.abc import Iterator
from html import escape
from typing import Final

from adapters.terminal_text import harmless
from faraday_core.roster.report import ReportRow, rows_of
from faraday_core.roster.requests import ImportView

_KINDS: Final = ("create", "update", "unchanged", "remove", "refuse")
_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d8dee6;
  --page: #fff; --band: #f4f6f9; --mark: #9b1c2c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf2; --soft: #a3adbb; --line: #38414e;
  --page: #161b22; --band: #1f2630; --mark: #ff8a97; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.5rem; max-width: 72rem; color: var(--ink);
  background: var(--page); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
p { margin: .25rem 0; max-width: 46rem; }
.soft { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem .45rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; padding-right: 1.5rem; }
tbody tr:nth-child(even) { background: var(--band); }
td.file { min-width: 8rem; }
code { font: .9em ui-monospace, monospace; color: var(--mark); }
@media print { :root { --ink: #000; --soft: #444; --line: #999; --page: #fff; --band: #fff;
  --mark: #000; } body { padding: 0; max-width: none; font-size: 9.5pt; }
  thead { display: table-header-group; } tr { break-inside: avoid; }
  @page { margin: 15mm; } }
"""


def html_report(view: ImportView) -> bytes:
    return "".join(_page(view, [*rows_of(view)])).encode()


def _page(view: ImportView, rows: list[ReportRow]) -> Iterator[str]:
    total = sum(counts["refuse"] for counts in view.counts.values())
    title = f"Import of {view.started_at:%d %B %Y}"
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    yield f"<h1>{escape(title)}</h1>\n"
    yield f'<p class="soft">{_text(view.format)}, {_text(view.status)}, run {view.run_id}</p>\n'
    if view.problem:
        yield f"<p>{_text(view.problem['detail'])}</p>\n"
    if view.awaits_acceptance:
        told = "; ".join(one.said for one in view.thresholds)
        yield f"<p>A large change, which has to be accepted: {_text(told)}.</p>\n"
    if view.counts:
        yield '<h2>What came in</h2>\n<div class="wide"><table>\n<thead><tr><th>Kind</th>'
        yield "".join(f'<th class="number">{name.title()}</th>' for name in _KINDS)
        yield "</tr></thead>\n<tbody>\n"
        for kind, counts in view.counts.items():
            yield f"<tr><th>{_text(kind.replace('_', ' ').capitalize())}</th>"
            yield "".join(f'<td class="number">{counts[name]:,}</td>' for name in _KINDS)
            yield "</tr>\n"
        yield "</tbody></table></div>\n"
    yield "<h2>Refused rows</h2>\n"
    if not rows:
        yield "<p>None: every row was taken.</p>\n"
    else:
        yield from _refused(rows, total)
    yield "</body>\n</html>\n"


def _refused(rows: list[ReportRow], total: int) -> Iterator[str]:
    if total > len(rows):
        yield f"<p>The first {len(rows):,} of {total:,}.</p>\n"
    else:
        yield f"<p>{total:,} in all. Line 1 is the heading.</p>\n"
    yield '<div class="wide"><table>\n<thead><tr><th>File</th><th class="number">Line</th>'
    yield "<th>Column</th><th>What is wrong</th><th>What would be right</th></tr></thead>"
    yield "\n<tbody>\n"
    for row in rows:
        yield "<tr>"
        yield f'<td class="file">{_text(row.file)}</td><td class="number">{row.line}</td>'
        yield f"<td>{_text(row.column or '')}</td>"
        yield f"<td>{_text(row.wrong)} <code>{_text(row.code)}</code></td>"
        yield f"<td>{_text(row.right)}</td></tr>\n"
    yield "</tbody></table></div>\n"


def _text(text: str) -> str:
    return escape(harmless(text))
