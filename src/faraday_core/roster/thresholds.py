"""How much of a school one import may change without being asked whether that is meant: a set that
was cut off must not empty it."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from attrs import frozen

from faraday_core.kernel.errors import Conflict
from faraday_core.roster.importing import Comparison

MOST_REMOVED: Final = 0.10  # of a kind
MOST_UPDATED: Final = 0.75
FEW: Final = 20  # things of a kind, of which any number may change


class Change(StrEnum):
    REMOVE = "remove"
    UPDATE = "update"


_DONE: Final = {Change.REMOVE: "removed", Change.UPDATE: "changed"}


@frozen
class Threshold:
    """One that an import would cross. `count`: how many of the `known` things of the kind would be
    removed or updated. `share`: of these, from 0 to 1. `limit`: the share up to which nobody asks.
    """

    kind: str
    what: Change
    count: int
    known: int
    share: float
    limit: float

    @property
    def said(self) -> str:
        kind, share = self.kind.replace("_", " "), f"{self.share:.0%}"
        return (
            f"{self.count:,} of {self.known:,} {kind} would be {_DONE[self.what]}"
            f" ({share}; more than {self.limit:.0%} is a large change)"
        )


def crossed(found: Comparison) -> Sequence[Threshold]:
    return [
        Threshold(str(kind), what, part, counts.known, round(part / counts.known, 4), most)
        for kind, counts in found.counts.items()
        for what, part, most in (
            (Change.REMOVE, counts.remove, MOST_REMOVED),
            (Change.UPDATE, counts.update, MOST_UPDATED),
        )
        if counts.known >= FEW and part > counts.known * most
    ]


def threshold_of(told: Mapping[str, Any]) -> Threshold:  # JSON
    return Threshold(**{**told, "what": Change(told["what"])})


def require_small(found: Comparison) -> None:
    """Raises Conflict (`large_change`)."""
    if large := crossed(found):
        detail = f"{'; '.join(one.said for one in large)}. Accept it, if that is meant."
        raise Conflict(detail, code="large_change")
