"""`faraday`: the verbs, and what becomes of a refusal."""

import os
import sys
from typing import Final

import click

from adapters.cli import (
    access,
    audit,
    completion,
    config,
    database,
    departments,
    devices,
    doctor,
    export,
    imports,
    invitations,
    invite,
    keys,
    members,
    memories,
    models,
    nodes,
    organizations,
    people,
    preferences,
    privacy,
    profiles,
    records,
    rosters,
    serve,
    sessions,
    tokens,
    tui,
    users,
)

COMMANDS: Final = [
    serve.serve,
    users.users,
    invite.invite,
    invitations.invitations,
    sessions.sessions,
    devices.devices,
    tokens.tokens,
    organizations.organizations,
    departments.departments,
    departments.teams,
    members.members,
    models.models,
    rosters.classes,
    rosters.courses,
    rosters.academic_sessions,
    export.export,
    imports.imports,
    access.access,
    profiles.profiles,
    preferences.preferences,
    memories.memories,
    database.db,
    database.backup,
    database.restore,
    audit.audit,
    privacy.privacy,
    keys.keys,
    config.config,
    doctor.doctor,
    tui.tui,
    completion.completion,
]

# Each adds commands to a group of another file.
ADDED: Final = (nodes, people, records)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="faraday", message="faraday %(version)s")
def faraday() -> None:
    """The open backend for schools that bring AI into teaching.

    Without any setting, `faraday serve --demo` starts a server on an embedded PostgreSQL.
    """


for command in COMMANDS:
    faraday.add_command(command)


def main() -> None:
    """The console script."""
    try:
        faraday.main(prog_name="faraday", standalone_mode=True)
    except BrokenPipeError:
        # Whoever read it, as `head` does, has had enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
