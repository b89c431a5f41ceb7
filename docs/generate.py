"""Writes the pages that follow from the code: `python -m docs.generate`. A test holds them to it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import attrs
import click
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from adapters.cli.main import faraday
from adapters.persistence.tables import metadata
from adapters.persistence.tables.declaring import guards_of
from adapters.settings import Settings
from adapters.settings.model import setting_of
from faraday_core.kernel.access import ALLOWED, AT_DEPARTMENTS, TO_WHO_BELONGS, Action
from faraday_core.kernel.actor import Role
from faraday_core.privacy.holding import Holding, Nobodys, Personal, Sealed
from faraday_core.privacy.rules import DERIVED, HOLDINGS, retained

DOCS = Path(__file__).parent
SOURCE = DOCS.parent / "src"
NOTE = "<!-- Written by `python -m docs.generate`; change the code, not this page. -->\n"


def pages() -> dict[str, str]:
    return {
        "configuration.md": configuration(),
        "errors.md": errors(),
        "schema.md": schema(),
        "roles.md": roles(),
        "command-line.md": command_line(),
        "personal-data.md": personal_data(),
    }


def configuration() -> str:
    lines = [
        NOTE,
        "# Configuration",
        "",
        "Settings are environment variables. A secret may also come from a file: `NAME_FILE` names it. A wrong value",
        "stops the start with one line; an unknown name that begins with `FARADAY_` is a warning. What is in force, and",
        "why, says `faraday config explain`.",
        "",
        "| variable | default | meaning | example |",
        "| --- | --- | --- | --- |",
    ]
    for attribute in attrs.fields(Settings):
        setting = setting_of(attribute)
        name = f"`{setting.name}`" + (" (secret)" if setting.secret else "")
        default = f"`{setting.default}`" if setting.default else ""
        lines.append(f"| {name} | {default} | {setting.help} | `{setting.example}` |")
    return "\n".join([*lines, ""])


def errors() -> str:
    lines = [
        NOTE,
        "# Error codes",
        "",
        "A refusal is a problem document (RFC 9457) with a stable `code`; a 422 carries all faults of the request, each",
        "with its own code and its place. The command line says the same with `--json`. These are all codes there are,",
        "with where they are raised.",
        "",
        "| code | raised in |",
        "| --- | --- |",
    ]
    found: dict[str, set[str]] = {}
    for code, file in _codes():
        found.setdefault(code, set()).add(file)
    lines += [
        f"| `{code}` | {', '.join(sorted(files))} |" for code, files in sorted(found.items())
    ]
    return "\n".join([*lines, ""])


def _codes() -> Iterator[tuple[str, str]]:
    """Class attributes and keywords called `code`, and the second argument of a Fault."""
    for path in sorted(SOURCE.rglob("*.py")):
        where = f"`{path.relative_to(SOURCE)}`"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for value in _said(node):
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value, where


def _said(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Assign(targets=[ast.Name(id="code")], value=value):
            yield value
        case ast.keyword(arg="code", value=value):
            yield value
        case ast.Call(func=ast.Name(id="Fault" | "_Refused"), args=[*_, code, _]):
            yield code
        case ast.Return(value=ast.Tuple(elts=[code, _])) if _is_code(code):
            yield code
        case ast.Call(func=ast.Name(id="unique"), keywords=keywords):
            yield from (keyword.value for keyword in keywords if keyword.arg == "name")


def _is_code(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "_" in node.value


def schema() -> str:
    lines = [
        NOTE,
        "# Schema",
        "",
        "A tenant is a top-level organisation with all below it. A tenant's table has the primary key",
        "`(tenant_id, id)`, a person's `(user_id, id)`; every unique rule begins so, and foreign keys between them carry",
        "it. Row-level security is on for each; the policies are named below.",
        "",
    ]
    dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        lines += [f"## {table.name}", "", "| column | type | |", "| --- | --- | --- |"]
        lines += [_column(column, dialect) for column in table.columns]
        indexes = sorted(f"`{index.name}`" for index in table.indexes)
        policies = [g.split()[2] for g in guards_of(table) if g.startswith("create policy")]
        lines += ["", f"Indexes: {', '.join(indexes) or 'its key alone'}.", ""]
        lines += [f"Policies: {', '.join(f'`{name}`' for name in policies) or 'none'}.", ""]
    return "\n".join(lines)


def _column(column: sa.Column[object], dialect: sa.Dialect) -> str:
    kind = column.type.compile(dialect=dialect).lower()
    notes = ["key"] if column.primary_key else []
    notes += [] if column.nullable else ["not null"]
    notes += [f"→ `{key.target_fullname}`" for key in sorted(column.foreign_keys, key=str)]
    return f"| `{column.name}` | {kind} | {', '.join(notes)} |"


def roles() -> str:
    lines = [
        NOTE,
        "# Roles and permissions",
        "",
        "A role is held at a node (an organisation, department or team) and holds for all below it. What is one's own,",
        "one may manage, whatever one's roles.",
        "",
        f"Whoever holds a role at a node, or in one of its departments and teams, has `{TO_WHO_BELONGS}` for that very node; a",
        f"`{Role.TEACHER}` of a team has `{Action.READ_MEMBERS}` for it. A single permission may be added to somebody's role at a",
        "node, or taken from it: at an organisation any that an `org_admin` has, at a department or team those marked *.",
        "",
        "| role | permissions |",
        "| --- | --- |",
    ]
    for role, actions in ALLOWED.items():
        told = (f"`{action}`{' *' * (action in AT_DEPARTMENTS)}" for action in sorted(actions))
        lines.append(f"| `{role}` | {', '.join(told) or 'what they belong to'} |")
    return "\n".join([*lines, ""])


def personal_data() -> str:
    lines = [
        NOTE,
        "# What is held about people",
        "",
        "Table by table: what the export gives of it, what it leaves out and why, what erasure does, and how long it is",
        "kept. `privacy.md` says what for. The product itself goes by these rules (`faraday_core/privacy/rules.py`); a",
        "test fails where a table or a column is not named in them.",
        "",
        "| table | in the export | left out of it, and why | erasure | kept |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [f"| {' | '.join(_held(holding))} |" for holding in HOLDINGS]
    lines += [f"| `{table}` | | {what} | removed | with it |" for table, what in DERIVED.items()]
    lines += [
        "",
        "A person's files (their picture, their exports) lie under `people/<id>/` in the object store, and mails that",
        "have become files below `mail/` in the data directory: the export holds the former, erasure removes all.",
        "",
        "## Retention",
        "",
        "`FARADAY_RETENTION` sets the days, as in `sessions=7,accounts=730`; 0 keeps a kind as long as the account.",
        "`faraday privacy retention --dry-run` says what would go. A server removes it every hour.",
        "",
        "| kind | days | counted from |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| `{rule.kind}` | {rule.days} | `{holding.table}.{rule.column}` |"
        for holding, rule in retained()
    ]
    return "\n".join([*lines, ""])


def _held(holding: Holding) -> tuple[str, str, str, str, str]:
    table = f"`{holding.table}`"
    match holding:
        case Nobodys():
            return table, "", f"holds nobody's: {holding.because}", "nothing to do", ""
        case Sealed():
            names = ", ".join(f"`{name}`" for name in holding.personal)
            erased = f"the key is destroyed under which {names} are sealed"
            return table, f"`{holding.file}`", "", erased, holding.kept
        case Personal():
            shown = ", ".join(f"`{name}`" for name in holding.shown)
            given = f"`{holding.file}`: {shown}" if holding.file else ""
            left = "; ".join(f"`{name}`: {why}" for name, why in holding.left_out.items())
            cleared = ", ".join(f"`{name}`" for name in holding.cleared)
            erased = "removed" + (
                f"; in others' rows {cleared} points to nobody" if cleared else ""
            )
            rule = holding.retention
            days = f"{rule.days} days" if rule and rule.days else holding.kept
            return table, given, left, erased, days


def command_line() -> str:
    lines = [
        NOTE,
        "# The command line",
        "",
        "Data goes to stdout, errors and progress to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done in part.",
        "",
    ]
    for path, command in _commands(faraday, "faraday"):
        context = click.Context(command, info_name=path)
        lines += [f"## {path}", "", "```text", command.get_help(context), "```", ""]
    return "\n".join(lines)


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name in sorted(command.commands):
        yield from _commands(command.commands[name], f"{path} {name}")


def main() -> None:
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
