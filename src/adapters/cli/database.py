from pathlib import Path

import click

from adapters.cli.asking import (
    data_dir_option,
    fail,
    json_option,
    print_json,
    refusals,
    settings_of,
)


@click.group()
def db() -> None:
    """The database's schema, and where it is."""


@db.command("upgrade")
@json_option
@data_dir_option
def upgrade_database(data_dir: Path | None, *, as_json: bool) -> None:
    """Bring the database up to date; two at once wait for each other."""
    from adapters.compose import migrating, upgrade
    from adapters.installation import opened
    from adapters.persistence import migrations

    with refusals(as_json=as_json), migrating(), opened(settings_of(data_dir)) as installation:
        upgrade(installation)
        revision = migrations.current(installation.database_url)
    if as_json:
        print_json({"revision": revision})
    else:
        click.echo(f"The database is at revision {revision}.")


@db.command("current")
@json_option
@data_dir_option
def show_current(data_dir: Path | None, *, as_json: bool) -> None:
    """Show the database's revision, and the one that this version needs."""
    from adapters.compose import migrating
    from adapters.installation import opened
    from adapters.persistence import migrations

    with refusals(as_json=as_json), migrating(), opened(settings_of(data_dir)) as installation:
        revision = migrations.current(installation.database_url)
    head = migrations.head()
    if as_json:
        print_json({"revision": revision, "head": head})
    else:
        click.echo(f"{revision or 'none yet'} (this version needs {head})")


@db.command("check")
@json_option
@data_dir_option
def check_database(data_dir: Path | None, *, as_json: bool) -> None:
    """Compare the database with what this version declares; exit code 1 where they differ."""
    from adapters.compose import migrating
    from adapters.installation import opened
    from adapters.persistence import migrations

    with refusals(as_json=as_json), migrating(), opened(settings_of(data_dir)) as installation:
        differences = migrations.check(installation.database_url)
    if differences:
        fail("schema_differs", "; ".join(differences), as_json=as_json)
    if as_json:
        print_json({"ok": True})
    else:
        click.echo("The database is as declared.")


@db.command("url")
@json_option
@data_dir_option
def show_url(data_dir: Path | None, *, as_json: bool) -> None:
    """Print the URL by which the database can be reached from this machine, as its owner, while a
    faraday process runs on it."""
    from adapters.installation import opened

    with refusals(as_json=as_json), opened(settings_of(data_dir)) as installation:
        if as_json:
            print_json({"url": installation.database_url})
        else:
            click.echo(installation.database_url)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@data_dir_option
def backup(file: Path, data_dir: Path | None, *, as_json: bool) -> None:
    """Write everything into FILE, for its owner alone; the server may go on meanwhile."""
    from adapters.installation import opened
    from adapters.serving.archive import write_backup

    with refusals(as_json=as_json), opened(settings_of(data_dir)) as installation:
        manifest = write_backup(installation, file)
    if as_json:
        print_json(manifest)
        return
    click.echo(f"{file} holds the database{' and the secret' if manifest.has_secret else ''}.")
    if not manifest.has_secret:
        click.echo("It does not hold FARADAY_SECRET_KEY: keep that apart.", err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@json_option
@data_dir_option
def restore(file: Path, data_dir: Path | None, *, as_json: bool) -> None:
    """Fill an empty data folder, or an empty database, from the FILE of a backup."""
    from adapters.serving.archive import restore_backup

    with refusals(as_json=as_json):
        manifest = restore_backup(settings_of(data_dir), file)
    if as_json:
        print_json(manifest)
    else:
        click.echo(f"Restored what was backed up at {manifest.created_at}.")
