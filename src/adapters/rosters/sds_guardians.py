"""Microsoft School Data Sync v1: parents and guardians, in two files beside the six (Microsoft
Learn, "Parent and Guardian Sync File Format")."""

from collections.abc import Iterator, Sequence
from typing import Final

from adapters.rosters import roles
from adapters.rosters.columns import Batch, Need, Table, column
from adapters.rosters.making import guardians, users
from adapters.rosters.values import Addresses, one_of
from faraday_core.identity.addresses import email_key
from faraday_core.roster.rows import Row

_OTHER: Final = "other"  # what a relation without a word is
_RELATIONS: Final = (*roles.GUARDIANS, "aide", "doctor", "child", "administrator", _OTHER)


def guardian_tables(addresses: Addresses) -> Sequence[Table]:
    """A relation names its guardian by the address, and so a guardian is known by the address who
    has no id."""
    ids: dict[str, str] = {}  # by the address, where it is another one
    return _contacts(addresses, ids), _relations(addresses, ids)


def _contacts(addresses: Addresses, ids: dict[str, str]) -> Table:
    columns = [
        column("email", "Email", parse=addresses.parse, need=Need.ID),
        column("given_name", "First Name"),
        column("family_name", "Last Name"),
        column("source_id", "SIS ID"),
    ]

    def make(batch: Batch) -> Iterator[Sequence[Row]]:
        keys = [email_key(email) if email else "" for email in batch.texts("email")]
        known = [id or key for id, key in zip(batch.texts("source_id"), keys, strict=True)]
        ids.update((key, id) for key, id in zip(keys, known, strict=True) if key != id)
        batch.values["source_id"] = known
        yield users(batch, addresses)

    return Table("User.csv", columns, make, {"Phone"})


def _relations(addresses: Addresses, ids: dict[str, str]) -> Table:
    columns = [
        column("user", "SIS ID", need=Need.COLUMN),
        column("guardian", "Email", parse=addresses.parse, need=Need.COLUMN),
        column("relation", "Role", parse=one_of(_RELATIONS), empty=_OTHER),
    ]
    make_rows = guardians()

    def make(batch: Batch) -> Iterator[Sequence[Row]]:
        keys = [email_key(email) if email else "" for email in batch.texts("guardian")]
        batch.values["guardian"] = [ids.get(key, key) for key in keys]
        yield from make_rows(batch)

    return Table("Guardianrelationship.csv", columns, make)
