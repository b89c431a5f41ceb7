"""From a batch to rows of the core, as several formats need it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from adapters.rosters import roles
from adapters.rosters.columns import Batch, Make, R
from adapters.rosters.values import Addresses
from faraday_core.roster.rows import (
    JOIN,
    DepartmentRow,
    EnrollmentRow,
    GuardianRow,
    OrganizationRow,
    RoleRow,
    Row,
    Standing,
    UserRow,
)

_DEPARTMENT = "department"


def rows_of(cls: type[R]) -> Make:
    """Each row is one row of this class."""

    def make(batch: Batch) -> Iterator[Sequence[Row]]:
        yield batch.rows(cls)

    return make


def enrollments(batch: Batch) -> Iterator[Sequence[Row]]:
    """Of a format in which they have no ids."""
    yield batch.rows(EnrollmentRow, source_id=repeat(None))


def organizations(batch: Batch) -> Iterator[Sequence[Row]]:
    """Those of the type `department` apart from all others."""
    are_departments = [kind == _DEPARTMENT for kind in batch.column("type")]
    yield batch.rows(OrganizationRow, [not is_one for is_one in are_departments])
    yield batch.rows(DepartmentRow, are_departments)


def users(batch: Batch, addresses: Addresses) -> Sequence[Row]:
    """People, their names and addresses made up from what there is."""
    return batch.rows(
        UserRow,
        full_name=_full_names(batch),
        given_name=[name or None for name in batch.column("given_name")],
        family_name=[name or None for name in batch.column("family_name")],
        email=_emails(batch, addresses),
        standing=_standings(batch),
    )


def _full_names(batch: Batch) -> Sequence[str]:
    """Given and family name, letter by letter; for want of any, what the person signs in by."""
    given, family = batch.texts("given_name"), batch.texts("family_name")
    names = list(map(" ".join, zip(given, family, strict=True)))
    if "" in given or "" in family:
        pairs = zip(names, given, family, strict=True)
        names = [name if one and other else one or other for name, one, other in pairs]
    if whole := batch.values.get("full_name"):
        names = [str(full) if full else name for full, name in zip(whole, names, strict=True)]
    if not all(names) or any(map(str.isspace, names)):
        others = zip(batch.column("username"), batch.column("email"), strict=True)
        names = [
            name if name.strip() else str(username or email or "")
            for name, (username, email) in zip(names, others, strict=True)
        ]
    for index in batch.waived:
        names[index] = ""
    return names


def _emails(batch: Batch, addresses: Addresses) -> Sequence[object]:
    emails = batch.column("email")
    if None not in emails:
        return emails
    return [
        email or (addresses.valid(username) if "@" in username else None)
        for email, username in zip(emails, batch.texts("username"), strict=True)
    ]


def _standings(batch: Batch) -> Sequence[object]:
    """`is_enabled`: what OneRoster says beside the row's own status."""
    enabled = batch.column("is_enabled")
    standings = batch.values.get("standing") or [Standing.ACTIVE] * batch.size
    if False not in enabled:
        return standings
    return [
        Standing.INACTIVE if is_on is False and there is Standing.ACTIVE else there
        for is_on, there in zip(enabled, standings, strict=True)
    ]


def inline_roles(batch: Batch) -> Sequence[Row]:
    """The role that a person's own row names, at each of the organisations that it names."""
    if "role" not in batch.values:
        return []
    words, ids, standings = batch.texts("role"), batch.texts("source_id"), _standings(batch)
    _tell(batch)
    lists = batch.column("organizations")
    at, places = _spread(lists, [index for index in batch.sound() if words[index]])
    given = {word: roles.granted(word) for word in set(words)}
    return batch.rows_at(
        RoleRow,
        at,
        standing=[_role_standing(standings[index]) for index in at],
        user=[ids[index] for index in at],
        role=[given[words[index]] for index in at],
        organization=places,
        inline=repeat(True),  # noqa: FBT003 -- it is the value of a column
    )


def _spread(lists: Sequence[object], indexes: Iterable[int]) -> tuple[list[int], list[str | None]]:
    """Each part of these lists, with the index of the row that it is part of."""
    at: list[int] = []
    parts: list[str | None] = []
    for index in indexes:
        joined = lists[index]
        if not joined:
            at.append(index)
            parts.append(None)
            continue
        for part in str(joined).split(JOIN):
            at.append(index)
            parts.append(part)
    return at, parts


def _role_standing(of_user: object) -> Standing:
    """A person who rests keeps their roles; of one who is gone they end."""
    return Standing.DELETED if of_user is Standing.DELETED else Standing.ACTIVE


def own_roles(batch: Batch) -> Iterator[Sequence[Row]]:
    """Roles that have a file of their own."""
    words = batch.texts("role")
    _tell(batch)
    yield batch.rows(RoleRow, role=[roles.granted(word) if word else "" for word in words])


def _tell(batch: Batch) -> None:
    """Of roles that mean more than what is given for them."""
    words = batch.texts("role")
    if not any(map(roles.is_granted_less, set(words) - {""})):
        return
    for index in batch.sound():
        if (word := words[index]) and roles.is_granted_less(word):
            detail = f"{word} is not given by files, and becomes teacher"
            batch.warn(index, batch.headings["role"], "role_not_granted", detail)


def inline_guardians(batch: Batch) -> Sequence[Row]:
    """The guardians whom a child's own row names."""
    lists = batch.column("guardian")
    if not any(lists):
        return []
    words, ids = batch.texts("role"), batch.texts("source_id")
    children = {word for word in set(words) if not word or roles.granted(word) == roles.STUDENT}
    named = [index for index in batch.sound() if lists[index] and words[index] in children]
    at, guardians = _spread(lists, named)
    return batch.rows_at(
        GuardianRow,
        at,
        standing=repeat(Standing.ACTIVE),
        user=[ids[index] for index in at],
        guardian=guardians,
        relation=_relations(batch, named),
        inline=repeat(True),  # noqa: FBT003 -- it is the value of a column
    )


def _relations(batch: Batch, named: Iterable[int]) -> Iterable[str | None]:
    """What each of these guardians is, where as many words stand beside them."""
    words = batch.column("relations")
    if not any(words):
        return repeat(None)
    lists = batch.column("guardian")
    found: list[str | None] = []
    for index in named:
        count = len(str(lists[index]).split(JOIN))
        told = str(words[index] or "").split(JOIN)
        known = [word if word in roles.GUARDIANS else None for word in told]
        found += known if len(known) == count else [None] * count
    return found


def guardians() -> Make:
    """Of a file of relations: who is a child's guardian by one is that by their role, too. A
    doctor is neither."""
    seen: set[str] = set()

    def make(batch: Batch) -> Iterator[Sequence[Row]]:
        relations = batch.texts("relation")
        are_guardians = [
            word in roles.GUARDIANS or index in batch.faults
            for index, word in enumerate(relations)
        ]
        for index in batch.sound():
            if not are_guardians[index]:
                detail = f"{relations[index]} is no guardian, and is left out"
                batch.warn(index, batch.headings["relation"], "role_not_granted", detail)
        yield batch.rows(GuardianRow, are_guardians)
        people = batch.texts("guardian")
        named = [one if is_one else "" for one, is_one in zip(people, are_guardians, strict=True)]
        yield batch.rows(
            RoleRow, firsts(named, seen, batch), user=people, role=repeat(roles.GUARDIAN)
        )

    return make


def firsts(names: Iterable[object], seen: set[str], batch: Batch) -> list[bool]:
    """Which sound rows are the first to name something."""
    marks = []
    for index, name in enumerate(names):
        is_new = bool(name) and index not in batch.faults and name not in seen
        if is_new:
            seen.add(str(name))
        marks.append(is_new)
    return marks
