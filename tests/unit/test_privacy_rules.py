"""Nothing is stored of which nobody has said whose it is, who is given it, and how it ends."""

import pytest
import sqlalchemy as sa

from adapters.persistence.tables import TABLES, metadata, users
from faraday_core.kernel.entity import Owner
from faraday_core.privacy.holding import Personal
from faraday_core.privacy.rules import DERIVED, HOLDINGS, personal, retained

BY_TABLE = {holding.table: holding for holding in HOLDINGS}
PERSONAL = {holding.table: holding for holding in personal()}
KINDS = {table.name: kind for kind, table in TABLES.items()}


def test_every_table_has_a_rule_and_only_one() -> None:
    assert {*metadata.tables} == {*BY_TABLE} | {*DERIVED}
    assert len(HOLDINGS) == len(BY_TABLE)


def without_rule(table: sa.Table) -> set[str]:
    return {column.name for column in table.columns} - {*BY_TABLE[table.name].columns}


@pytest.mark.parametrize("name", sorted(BY_TABLE))
def test_every_column_is_given_to_its_person_or_left_out_for_a_reason(name: str) -> None:
    stored = {column.name for column in metadata.tables[name].columns}

    assert not without_rule(metadata.tables[name]), "a column without a rule"
    assert {*BY_TABLE[name].columns} - {"version", "tenant_id"} <= stored, "a rule of no column"


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_a_column_that_is_added_is_missed(name: str) -> None:
    table = metadata.tables[name].to_metadata(sa.MetaData())
    table.append_column(sa.Column("religion", sa.Text))

    assert {"religion"} == without_rule(table)


def test_all_that_is_a_persons_is_in_the_export_or_left_out_with_a_reason() -> None:
    for kind, table in TABLES.items():
        if getattr(kind, "owner", None) is Owner.PERSON:
            holding = PERSONAL[table.name]
            assert kind is holding.kind
            assert holding.file or all(holding.left_out.values())
            assert bool(holding.file) == bool(holding.shown)


def test_no_password_and_no_token_is_given_to_anybody() -> None:
    shown = {(holding.table, name) for holding in PERSONAL.values() for name in holding.shown}

    assert not [one for one in shown if any(w in one[1] for w in ("hash", "secret", "token"))]


def test_each_file_holds_one_kind_of_thing() -> None:
    files = [holding.file for holding in PERSONAL.values() if holding.file]

    assert len(files) == len({*files})
    assert {
        "user.json",
        "profile.json",
        "preferences.json",
        "sessions.json",
        "memberships.json",
        "consents.json",
        "disclosures.json",
    } <= {*files}


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_what_lies_in_tenants_goes_with_the_accounts_row(name: str) -> None:
    table, holding = metadata.tables[name], PERSONAL[name]
    if "tenant_id" in table.c:
        assert {*holding.by} == {*_referring(table, "CASCADE")}


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_what_points_to_somebody_else_points_to_nobody_once_they_are_erased(name: str) -> None:
    assert {*PERSONAL[name].cleared} == {*_referring(metadata.tables[name], "SET NULL")}


def test_whatever_is_kept_for_a_time_is_found_by_an_index() -> None:
    for holding, rule in retained():
        table = metadata.tables[holding.table]
        assert [index for index in table.indexes if index.columns[0].name == rule.column]


def _referring(table: sa.Table, ondelete: str) -> list[str]:
    return [
        column.name
        for key in table.foreign_key_constraints
        for column in key.columns
        if key.referred_table is users and key.ondelete == ondelete
    ]


def test_a_rule_of_a_person_names_its_own_kind() -> None:
    assert all(KINDS[holding.table] is holding.kind for holding in personal())
    assert all(isinstance(holding, Personal) for holding in PERSONAL.values())
