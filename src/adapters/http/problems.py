"""RFC 9457 for whatever goes wrong, and never a stack trace."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from attrs import asdict, frozen

from adapters.http.form import MalformedForm
from adapters.http.json_body import (
    BodyTooLarge,
    MalformedJson,
    RequestTimeout,
    UnsupportedMediaType,
)
from faraday_core.kernel.errors import (
    Conflict,
    FaradayError,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    StaleVersion,
    TooMany,
    Unavailable,
)
from faraday_core.memory.storing import DuplicateMemory
from faraday_core.profiles.pictures import UnsupportedImage


class HttpsRequired(FaradayError):
    code = "https_required"


class MethodNotAllowed(FaradayError):
    code = "method_not_allowed"


STATUS: Final[Mapping[type[FaradayError], HTTPStatus]] = {
    MalformedJson: HTTPStatus.BAD_REQUEST,
    MalformedForm: HTTPStatus.BAD_REQUEST,
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    HttpsRequired: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    RequestTimeout: HTTPStatus.REQUEST_TIMEOUT,
    Conflict: HTTPStatus.CONFLICT,
    DuplicateMemory: HTTPStatus.CONFLICT,
    StaleVersion: HTTPStatus.PRECONDITION_FAILED,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UnsupportedImage: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


@frozen
class Problem:
    """RFC 9457, 3. `code` is stable; `errors` are there where the status is 422."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: tuple[Fault, ...] = ()


@frozen
class ExistingProblem(Problem):
    """`existing_id`: what is there already."""

    existing_id: str = ""


def status_of(error: FaradayError, *, conditional: bool) -> HTTPStatus:
    """`conditional`: the request had a precondition; without one a late change is a conflict."""
    if isinstance(error, StaleVersion) and not conditional:
        return HTTPStatus.CONFLICT
    return STATUS[type(error)]


def problem_of(error: FaradayError, status: HTTPStatus, request_id: str) -> Problem:
    faults = error.faults if isinstance(error, Invalid) else ()
    problem = Problem(
        type="about:blank",
        title=status.phrase,
        status=status.value,
        detail=error.detail,
        code=error.code,
        request_id=request_id,
        errors=faults,
    )
    if isinstance(error, DuplicateMemory):
        told = asdict(problem, recurse=False)
        return ExistingProblem(**told, existing_id=error.existing_id)
    return problem


def internal_error(request_id: str) -> Problem:
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "Something went wrong here. Tell us the request's id and we can find out what."
    return Problem(
        "about:blank", status.phrase, status.value, detail, "internal_error", request_id
    )
