from datetime import UTC, datetime

from attrs import evolve

from faraday_core.audit.model import AuditEntry, seal_of
from faraday_core.kernel.actor import Role

ENTRY = AuditEntry(
    "019f0000-0000-7000-8000-000000000001",
    datetime(2026, 9, 1, 8, tzinfo=UTC),
    "019f0000-0000-8000-8000-00000000000a",
    "user.create",
    "user",
    None,
    "019f0000-0000-7000-8000-0000000000aa",
    None,
    None,
    {"role": "teacher", "by": None, "count": 2, "whole": True},
    sealed_origin=b"\x01\x02",
)
KEY = b"k" * 32


def test_a_seal_is_the_one_that_earlier_versions_made() -> None:
    made = "33a045dfd34fffefedf945edae98ec00da1b8e1981de5af197f5b3b609f44cae"
    assert made == seal_of(KEY, "chain", 7, b"before", ENTRY).hex()


def test_a_seal_is_of_what_storage_keeps_of_an_entry() -> None:
    told = evolve(ENTRY, details={**ENTRY.details, "role": Role.TEACHER})
    assert seal_of(KEY, "chain", 7, b"before", ENTRY) == seal_of(KEY, "chain", 7, b"before", told)


def test_a_seal_hangs_on_each_field_on_its_place_and_on_the_seal_before() -> None:
    entries = [
        ENTRY,
        evolve(ENTRY, id=ENTRY.id[:-1] + "2"),
        evolve(ENTRY, at=ENTRY.at.replace(hour=9)),
        evolve(ENTRY, actor_id=None),
        evolve(ENTRY, action="user.change"),
        evolve(ENTRY, target_type="team"),
        evolve(ENTRY, target_id="019f0000-0000-8000-8000-00000000000a"),
        evolve(ENTRY, organization_id=None),
        evolve(ENTRY, request_id="one"),
        evolve(ENTRY, ip_address="one"),
        evolve(ENTRY, details={}),
        evolve(ENTRY, sealed_origin=None),
        evolve(ENTRY, sealed_origin=None, sealed_details=b"\x01\x02"),
    ]
    seals = {seal_of(KEY, "chain", 7, b"before", entry) for entry in entries}
    seals |= {
        seal_of(KEY, "chains", 7, b"before", ENTRY),
        seal_of(KEY, "chain", 8, b"before", ENTRY),
        seal_of(KEY, "chain", 7, b"other", ENTRY),
        seal_of(KEY[:-1] + b"l", "chain", 7, b"before", ENTRY),
    }
    assert len(entries) + 4 == len(seals)
