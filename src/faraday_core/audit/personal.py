"""What audit entries tell of people: sealed by a key of each person's own, which erasure destroys.

An entry that has its place in the chain names a person by the pseudonym of their key, and holds
where they came from and what was done to them as ciphertext. The chain covers both as they are
stored, so it verifies whether the key is there or not; and a pseudonym is a random number, which
nothing but the key's own row leads back to anybody.
"""

import json
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, field, frozen

from faraday_core.audit.model import AuditEntry, AuditEntryView, PersonalKey, view_of
from faraday_core.audit.ports import PersonalKeysReader, PersonalKeysUnit
from faraday_core.kernel.ids import id_from, is_id
from faraday_core.kernel.ports import Clock
from faraday_core.kernel.secrets import SealBroken, Sealer, SealerOf

_KEY: Final = 32  # bytes: 256 bit
_KEY_PURPOSE: Final = "personal key"
_PURPOSE: Final = "audit"
# Who sat at the machine's shell or what ran by itself is no secret of the person it was done to.
_OPEN: Final = "by"
_PERSON: Final = "user"  # the type of a target that is one


@frozen
class OpenKey:
    """A person's key, ready to be used. `pseudonym`: what entries call them by."""

    user_id: str
    pseudonym: str
    sealer: Sealer = field(repr=False)


@frozen
class PersonalKeys:
    """Makes people's keys, and seals and opens by them what audit entries tell."""

    sealer: Sealer
    sealer_of: SealerOf
    now: Clock

    async def of(self, unit: PersonalKeysUnit, user_ids: Collection[str]) -> Mapping[str, OpenKey]:
        """By their ids: the keys of those who have an account, made where they have none yet."""
        wanted = sorted({*user_ids})
        found = self._opened(await unit.personal_keys.of_people(wanted)) if wanted else {}
        if missing := [user_id for user_id in wanted if user_id not in found]:
            await unit.key_making.make([self._new(user_id) for user_id in missing])
            # Whoever has no account is left out; whose was made at the same moment is found.
            found |= self._opened(await unit.personal_keys.of_people(missing))
        return found

    async def known(
        self, reader: PersonalKeysReader, user_ids: Collection[str]
    ) -> Mapping[str, OpenKey]:
        """As `of`, without making any."""
        keys = await reader.personal_keys.of_people(sorted({*user_ids}))
        return {opened.user_id: opened for key in keys if (opened := self._if_whole(key))}

    async def behind(
        self, reader: PersonalKeysReader, entries: Iterable[AuditEntry]
    ) -> Mapping[str, OpenKey]:
        """By their pseudonyms: the keys of those whom these entries name and who are there."""
        named = {id for entry in entries for id in named_in(entry)}
        if not named:
            return {}
        keys = await reader.personal_keys.with_pseudonyms(sorted(named))
        return {opened.pseudonym: opened for key in keys if (opened := self._if_whole(key))}

    def protected(self, entry: AuditEntry, keys: Mapping[str, OpenKey]) -> AuditEntry:
        """The entry as it is chained. `keys`: of those whom it names, by their ids; whoever has
        none is erased by now, and so nobody that it could tell of."""
        actor, target = keys.get(entry.actor_id or ""), keys.get(entry.target_id or "")
        actor_gone = entry.actor_id is not None and actor is None
        target_gone = entry.target_type == _PERSON and entry.target_id is not None and not target
        open_details = {
            name: keys[str(value)].pseudonym if value in keys else value
            for name, value in entry.details.items()
            if name == _OPEN or _is_id(value)
        }
        if not (actor or target or actor_gone or target_gone):
            return evolve(entry, details={**entry.details, **open_details})
        about = {name: v for name, v in entry.details.items() if name not in open_details}
        origin = [entry.ip_address, entry.request_id]
        return evolve(
            entry,
            actor_id=actor.pseudonym if actor else _nobody() if actor_gone else None,
            target_id=_target_id(entry, target, gone=target_gone),
            request_id=None,
            ip_address=None,
            details=open_details,
            sealed_origin=None if actor_gone else _sealed(actor or target, origin),
            sealed_details=None if target_gone else _sealed(target or actor, about),
        )

    def view_of(self, entry: AuditEntry, keys: Mapping[str, OpenKey]) -> AuditEntryView:
        """The entry as it was written; of those who are erased, what is left. `keys`: those
        `behind` it."""
        actor, target = keys.get(entry.actor_id or ""), keys.get(entry.target_id or "")
        origin = _opened(actor or target, entry.sealed_origin)
        about = _opened(target or actor, entry.sealed_details)
        view = view_of(entry)
        ip_address, request_id = origin or (view.ip_address, view.request_id)
        return evolve(
            view,
            actor_id=actor.user_id if actor else view.actor_id,
            target_id=target.user_id if target else view.target_id,
            ip_address=ip_address,
            request_id=request_id,
            details={
                name: keys[str(value)].user_id if value in keys else value
                for name, value in {**view.details, **(about or {})}.items()
            },
        )

    def _new(self, user_id: str) -> PersonalKey:
        sealed = self.sealer.seal(secrets.token_bytes(_KEY), _KEY_PURPOSE)
        return PersonalKey(_nobody(), user_id, sealed, created_at=self.now())

    def _opened(self, keys: Sequence[PersonalKey]) -> dict[str, OpenKey]:
        """Raises SealBroken: without the secret nothing more can be sealed for them."""
        return {key.user_id: self._open(key) for key in keys}

    def _if_whole(self, key: PersonalKey) -> OpenKey | None:
        try:
            return self._open(key)
        except SealBroken:  # its secret is not at hand: what it seals cannot be shown
            return None

    def _open(self, key: PersonalKey) -> OpenKey:
        opened = self.sealer.open(key.key, _KEY_PURPOSE)
        return OpenKey(key.user_id, key.id, self.sealer_of(opened))


def named_in(entry: AuditEntry) -> Iterator[str]:
    """The ids in it that may be people's, or their pseudonyms."""
    for value in (entry.actor_id, entry.target_id, *entry.details.values()):
        if _is_id(value):
            yield str(value)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and is_id(value)


def _target_id(entry: AuditEntry, target: OpenKey | None, *, gone: bool) -> str | None:
    if target:
        return target.pseudonym
    return _nobody() if gone else entry.target_id


def _nobody() -> str:
    """A pseudonym: random, and made of nothing."""
    return id_from(secrets.token_bytes(16))


def _sealed(key: OpenKey | None, content: object) -> bytes | None:
    return key.sealer.seal(json.dumps(content).encode(), _PURPOSE) if key and content else None


def _opened(key: OpenKey | None, sealed: bytes | None) -> Any:  # a pair of texts, or a mapping
    if key is None or sealed is None:
        return None
    try:
        return json.loads(key.sealer.open(sealed, _PURPOSE))
    except SealBroken:  # sealed for the other one of the two, who is erased
        return None
