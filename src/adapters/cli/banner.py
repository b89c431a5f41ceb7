"""What the server says when it serves."""

import socket
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.embedding.folder import traces_of
from adapters.installation import Installation
from adapters.serving.demo import DemoSignIn


def print_banner(
    installation: Installation,
    at: socket.socket,
    sign_ins: Sequence[DemoSignIn],
    console: Console | None = None,
    *,
    models_log: Path | None = None,
) -> None:
    """`models_log`: where it is told how far the models are, where they are being fetched."""
    settings = installation.settings
    console = console or Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = 120  # a file is as wide as it needs to be
    scheme = "https" if settings.tls_cert else "http"
    host, port = at.getsockname()[:2]
    address = f"{scheme}://{_named(host)}:{port}"
    console.print(Text.assemble(("Faraday", "bold"), f" serves at {address}"))
    console.print(f"  API docs   {address}/docs")
    database = "the one of FARADAY_DATABASE_URL" if settings.database_url else "embedded"
    console.print(f"  Database   {database}; data in {installation.data_dir}", style="dim")
    if not settings.smtp_url and not settings.in_production:
        console.print(f"  Mails      {installation.mail_folder}", style="dim")
    if models_log:
        told = f"by words; by meaning once the models are here ({models_log})"
        console.print(f"  Memories   are found {told}", style="dim")
    elif not settings.embeddings and not traces_of(installation.data_dir):
        told = "by words; by meaning after `faraday models install`"
        console.print(f"  Memories   are found {told}", style="dim")
    if sign_ins:
        console.print(_table(sign_ins))
    console.print("  Ctrl-C ends it.", style="dim")


def _table(sign_ins: Sequence[DemoSignIn]) -> Table:
    table = Table(title="Sign in as", title_justify="left", title_style="bold")
    for heading in ("role", "where", "e-mail", "password"):
        table.add_column(heading, no_wrap=True)
    for sign_in in sign_ins:
        table.add_row(sign_in.role, sign_in.place, sign_in.email, sign_in.password)
    return table


def _named(host: str) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104 -- compared, not bound
        return "localhost"
    return f"[{host}]" if ":" in host else host
