import sys
from pathlib import Path

import click

from adapters.cli.asking import data_dir_option, json_option, print_json, refusals, settings_of


@click.command()
@json_option
@data_dir_option
def doctor(data_dir: Path | None, *, as_json: bool) -> None:
    """Look at everything that a server needs, and say what is wrong with it."""
    from adapters.cli.tables import print_table
    from adapters.serving.examination import examine

    with refusals(as_json=as_json):
        findings = examine(settings_of(data_dir))
    healthy = all(finding.ok for finding in findings)
    if as_json:
        print_json({"ok": healthy, "findings": findings})
    else:
        rows = (("ok" if f.ok else "WRONG", f.what, f.detail) for f in findings)
        print_table(("", "what", "found"), rows, empty="")
    sys.exit(0 if healthy else 1)
