import socket
from contextlib import ExitStack
from pathlib import Path

import click

from adapters.cli.asking import data_dir_option, refusals, settings_of


@click.command()
@click.option("--host", help="The address to listen at; the same as FARADAY_HOST.")
@click.option("--port", type=click.IntRange(0, 65535), help="The same as FARADAY_PORT.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes on the one port.")
@click.option("--demo", is_flag=True, help="Load a small school, and print a sign-in per role.")
@click.option(
    "--fetch-models",
    is_flag=True,
    help="Do `faraday models install` beside the server, where it has not been done.",
)
@data_dir_option
def serve(
    host: str | None,
    port: int | None,
    workers: int | None,
    data_dir: Path | None,
    *,
    demo: bool,
    fetch_models: bool,
) -> None:
    """Start the server, on an embedded PostgreSQL unless FARADAY_DATABASE_URL names one."""
    from attrs import evolve

    from adapters.cli.banner import print_banner
    from adapters.compose import upgrade
    from adapters.embedding.folder import all_there
    from adapters.http.listening import bound_socket
    from adapters.installation import CannotStart, opened
    from adapters.logs import configure_logs
    from adapters.serving.demo import load_demo
    from adapters.serving.fetching import fetching_models
    from adapters.serving.workers import serve as run_server

    with refusals():
        settings = settings_of(data_dir)
        settings = evolve(
            settings,
            host=host or settings.host,
            port=settings.port if port is None else port,
            workers=workers or settings.workers,
        )
        configure_logs(settings)
        # Before anything is started: a port in use is the commonest fault there is.
        try:
            at = bound_socket(settings.host, settings.port)
        except (OSError, socket.gaierror) as error:
            reason = error.strerror or str(error)
            raise CannotStart(
                f"The server cannot listen at {settings.host}:{settings.port}: {reason}. "
                "Another port is chosen by --port or FARADAY_PORT."
            ) from error
        with at, opened(settings) as installation:
            upgrade(installation)
            sign_ins = load_demo(installation) if demo else []
            with ExitStack() as beside:

                def started() -> None:
                    log = None
                    if fetch_models and not all_there(installation.data_dir):
                        log = beside.enter_context(fetching_models(installation))
                    print_banner(installation, at, sign_ins, models_log=log)

                run_server(installation, at, started)
