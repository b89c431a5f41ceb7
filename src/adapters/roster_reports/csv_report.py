import csv
import io
from typing import Final

from adapters.rosters.cells import neutral
from faraday_core.roster.report import rows_of
from faraday_core.roster.requests import ImportView

HEADINGS: Final = ("file", "line", "column", "code", "what is wrong", "what would be right")


def csv_report(view: ImportView) -> bytes:
    """RFC 4180 in UTF-8, begun by a BOM: spreadsheets read names rightly by that alone. No cell is
    one that a spreadsheet would run."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for row in rows_of(view):
        cells = (row.file, str(row.line), row.column or "", row.code, row.wrong, row.right)
        writer.writerow([neutral(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")
