"""Everything that a use case may answer besides its result.

FaradayError
├── NotSignedIn          no proof of who asks, or none that holds
├── Forbidden            to be seen, but not to be done
├── NotFound             not there, or not to be seen
├── Invalid              wrong content, with all its faults
├── Conflict             against what is there
├── StaleVersion         against what has changed since it was seen
├── TooMany              asked or guessed too often
└── Unavailable          not now: overloaded, or a part that it needs is away
"""

from collections.abc import Iterable

from attrs import frozen


class FaradayError(Exception):
    """A refusal with a stable `code`, which each edge translates: to a status, an exit code."""

    code = "error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code:
            self.code = code


class NotSignedIn(FaradayError):
    code = "not_signed_in"


class Forbidden(FaradayError):
    code = "forbidden"


class NotFound(FaradayError):
    """Not there, or not to be seen by this actor: an outsider must not learn which."""

    code = "not_found"


class Conflict(FaradayError):
    code = "conflict"


class StaleVersion(FaradayError):
    """Somebody else saved first."""

    code = "stale_version"


class TooMany(FaradayError):
    """`retry_after`: whole seconds until it is worth asking again."""

    code = "rate_limited"

    def __init__(self, detail: str, *, retry_after: int, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after = max(1, retry_after)


class Unavailable(FaradayError):
    """`retry_after`: whole seconds until it is worth asking again."""

    code = "unavailable"

    def __init__(self, detail: str, *, retry_after: int = 1, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after = max(1, retry_after)


@frozen
class Fault:
    """One thing that is wrong with what was sent.

    `pointer`: RFC 6901 into the body, "/name"; of a query parameter "?name".
    """

    pointer: str
    code: str
    detail: str


class Invalid(FaradayError):
    """Wrong content. Carries every fault, so that a form is mended in one go.

    Its own code is that of its faults, where they have but one.
    """

    code = "invalid"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        codes = {fault.code for fault in self.faults}
        if len(codes) == 1:
            self.code = codes.pop()
        super().__init__(
            "; ".join(f"{fault.pointer or '/'} {fault.detail}" for fault in self.faults)
        )
