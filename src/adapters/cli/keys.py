from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.identity.key_service import Jwks


@click.group()
def keys() -> None:
    """The keys that access tokens are signed with."""


@keys.command("rotate")
@json_option
@data_dir_option
def rotate(data_dir: Path | None, *, as_json: bool) -> None:
    """Sign with a new key from now on; tokens of the old one hold until they expire."""

    async def rotated(app: "App") -> str:
        return await app.keys.rotate(operator_here())

    kid = ask(data_dir, rotated, as_json=as_json)
    if as_json:
        print_json({"kid": kid})
    else:
        click.echo(f"Tokens are signed with {kid} from now on.")


@keys.command("list")
@json_option
@data_dir_option
def list_keys(data_dir: Path | None, *, as_json: bool) -> None:
    """List the keys that are accepted now, the newest first."""
    from adapters.cli.tables import print_table

    async def found(app: "App") -> "Jwks":
        return await app.keys.jwks()

    jwks = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(jwks)
    else:
        rows = ((key.kid, key.alg, key.x) for key in jwks.keys)
        print_table(("kid", "algorithm", "public key"), rows, empty="There is none yet.")
