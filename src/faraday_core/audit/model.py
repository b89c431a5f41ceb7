from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, ClassVar, Final

from attrs import field, frozen

from faraday_core.kernel.actor import Actor
from faraday_core.kernel.entity import Owner
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Text
from faraday_core.kernel.secrets import keyed_hash

# The chain of what happened in nobody's tenant. A nil UUID, so that it is a key like all others.
PLATFORM_CHAIN: Final = "00000000-0000-0000-0000-000000000000"
CHAIN_STARTED: Final = "audit.start_chain"


@frozen
class PersonalKey:
    """What is sealed of a person is sealed by this; `id`: the pseudonym by which sealed entries
    name them. Nobody's tenant's, since a person may be in several."""

    owner: ClassVar = Owner.PLATFORM

    id: str
    user_id: str
    key: bytes = field(repr=False)  # sealed
    created_at: datetime
    version: int = 1


@frozen
class AuditEntry:
    """One act. `sequence` and `seal` are its place in the chain, as soon as it has one. From then
    on it names people by their pseudonyms, and what is personal is sealed by their keys."""

    id: str
    at: datetime
    actor_id: str | None
    action: str
    target_type: str
    target_id: str | None
    organization_id: str | None
    request_id: str | None
    ip_address: str | None
    details: Mapping[str, str | int | bool | None]
    sequence: int | None = None
    seal: bytes | None = None
    seal_key: str | None = None
    sealed_origin: bytes | None = None  # by the actor's key: the address and the request
    sealed_details: bytes | None = None  # by the target's, if that is a person


@frozen
class AuditEntryView:
    """An entry as administrators see it."""

    id: str
    at: datetime
    actor_id: str | None
    action: str
    target_type: str
    target_id: str | None
    organization_id: str | None
    request_id: str | None
    ip_address: str | None
    details: Mapping[str, str | int | bool | None]


@frozen
class AuditFilter:
    """`action`: that one. `person_id`: who did it, or whom it was done to. `since`, `until`: its
    first and its last day, in UTC."""

    action: Annotated[str, Text(1, 100)] | None = None
    person_id: Annotated[str, Text(1, 64)] | None = None
    since: date | None = None
    until: date | None = None

    __attrs_post_init__ = obey_rules


@frozen
class AuditHead:
    """How long a tenant's chain is and how it ends, signed and kept apart from the entries, so
    that a cut tail shows."""

    owner: ClassVar = Owner.TENANT

    id: str  # the chain's: its tenant's id
    entries: int
    seal: bytes
    seal_key: str
    signature: bytes
    version: int = 1


@frozen
class BadEntry:
    chain: str
    sequence: int
    id: str | None
    problem: str


@frozen
class Verdict:
    """`entries`: all there are; `unsealed`: those of the last second, which no seal holds yet."""

    entries: int
    unsealed: int
    ok: bool
    first_bad: BadEntry | None = None


def entry_of(  # noqa: PLR0917 -- in the order of the entry's fields
    actor: Actor,
    id: str,
    at: datetime,
    action: str,
    target: tuple[str, str | None],
    organization_id: str | None,
    details: Mapping[str, str | int | bool | None],
) -> AuditEntry:
    """What storage writes when a unit accounts for an act. `target`: its type and its id."""
    return AuditEntry(
        id,
        at,
        actor.user_id,
        action,
        *target,
        organization_id or actor.organization_id,
        actor.origin.request_id,
        actor.origin.ip_address,
        {**details, **_by(actor)},
    )


def _by(actor: Actor) -> Mapping[str, str | None]:
    """By what somebody acts who is not there in person: a part of the machinery, or a token."""
    if actor.name:
        return {"by": actor.name}
    return {} if actor.scopes is None else {"by_token": actor.token_id}


def view_of(entry: AuditEntry) -> AuditEntryView:
    return AuditEntryView(
        entry.id,
        entry.at,
        entry.actor_id,
        entry.action,
        entry.target_type,
        entry.target_id,
        entry.organization_id,
        entry.request_id,
        entry.ip_address,
        entry.details,
    )


def seal_of(key: bytes, chain: str, sequence: int, before: bytes, entry: AuditEntry) -> bytes:
    """The seal hangs on the entry as it is stored, its place, and the seal before it."""
    told = [
        f"action={entry.action!r}",
        f"actor_id={entry.actor_id!r}",
        f"at={entry.at.isoformat().replace('+00:00', 'Z')!r}",
        f"id={entry.id!r}",
        f"ip_address={entry.ip_address!r}",
        f"organization_id={entry.organization_id!r}",
        f"request_id={entry.request_id!r}",
        f"target_id={entry.target_id!r}",
        f"target_type={entry.target_type!r}",
        *(f"details.{name}={_repr(value)}" for name, value in sorted(entry.details.items())),
    ]
    sealed = ((part or b"").hex() for part in (entry.sealed_origin, entry.sealed_details))
    return keyed_hash(key, chain, str(sequence), before.hex(), *told, *sealed)


def _repr(value: object) -> str:
    """Of a member of an enumeration, as of the text that storage keeps of it."""
    return repr(str(value)) if isinstance(value, str) else repr(value)


def signature_of(key: bytes, chain: str, entries: int, seal: bytes) -> bytes:
    return keyed_hash(key, "head", chain, str(entries), seal.hex())
