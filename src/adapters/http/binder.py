"""From a request to a handler's arguments, and from its result to a response."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import attrs
from aiohttp import web

from adapters.http.authentication import Authenticator, SignedIn
from adapters.http.bodies import BodyReader
from adapters.http.content import Content
from adapters.http.documents import CsvDocument, HtmlDocument
from adapters.http.downloads import Download
from adapters.http.encoding import encoded
from adapters.http.event_stream import EventStream
from adapters.http.file_upload import remove_uploads
from adapters.http.idempotency import Idempotency
from adapters.http.limits import Limits
from adapters.http.routes import ONE_ORGANIZATION, Input, Operation, Source, as_asked
from faraday_core.kernel.actor import NOBODY, ActorChanged, Origin
from faraday_core.kernel.entity import ANY_STATE
from faraday_core.kernel.errors import FaradayError, Fault, Invalid, NotFound
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.parsing import Parser
from faraday_core.people.access_service import AccessService
from faraday_core.traffic.model import Answer

Arguments = dict[str, Any]  # each of its parameter's kind
Reader = Callable[[web.Request], Any]  # to its parameter's kind

_JSON = "application/json; charset=utf-8"
_MOST_KEPT = 64  # queries of an operation, read before
_LONGEST_KEPT = 200  # characters


@attrs.frozen
class Edge:
    """What all operations share."""

    services: Mapping[type, object]
    parser: Parser
    authenticator: Authenticator
    limits: Limits
    idempotency: Idempotency
    access: AccessService
    max_body_bytes: int


class Bound:
    """An operation with all that it needs to answer a request."""

    def __init__(self, operation: Operation, edge: Edge) -> None:
        self.operation = operation
        self._edge = edge
        self._fixed = {
            wanted.name: edge.services[wanted.kind] for wanted in operation.reads(Source.SERVICE)
        }
        self._body = next(iter(operation.reads(Source.BODY)), None)
        self._body_reader = BodyReader(operation, edge.parser, edge.max_body_bytes)
        # Much is done for a file before storage is asked, and so it is asked before that.
        self._fresh = bool(operation.reads(Source.IDENTITY)) or self._body_reader.takes_much
        self._readers = [(w.name, self._reader(w)) for w in operation.reads(Source.QUERY)]
        self._headers = [wanted.name for wanted in operation.reads(Source.HEADER)]
        self._paths = [(wanted.name, wanted.kind) for wanted in operation.reads(Source.PATH)]
        self._queries: dict[str, Arguments] = {}

    async def respond(self, request: web.Request, origin: Origin) -> web.Response:
        """Raises FaradayError, in the order in which the contract has them."""
        try:
            return await self._respond(request, origin)
        finally:
            remove_uploads(request)

    async def _respond(self, request: web.Request, origin: Origin) -> web.Response:
        if self.operation.terms.auth_rate:
            await self._edge.limits.take_sign_in(request, origin, self.operation.name)
        sender = None
        if self.operation.signed_in:
            sender = await self._edge.authenticator.sender(request, origin, anew=self._fresh)
        await self._edge.limits.take(request, origin, sender)
        try:
            body, arguments = await self._arguments(request)
        except FaradayError:
            if sender and not sender.confirmed:
                await self._edge.authenticator.renew(sender)  # 401 comes before what is wrong
            raise
        if self.operation.terms.idempotent and "Idempotency-Key" in request.headers:
            return await self._once(request, sender, origin, body, arguments)
        return await self._answer(request, sender, origin, arguments)

    async def _once(
        self,
        request: web.Request,
        sender: SignedIn | None,
        origin: Origin,
        body: bytes,
        arguments: Arguments,
    ) -> web.Response:
        if sender and not sender.confirmed:
            await self._edge.authenticator.renew(sender)
        actor = sender.actor if sender else NOBODY.acting_from(origin)

        async def answer() -> Answer:
            response = await self._answer(request, sender, origin, arguments)
            kept = {name: v for name, v in response.headers.items() if name in _KEPT_HEADERS}
            return Answer(response.status, kept, response.body)  # type: ignore[arg-type]  # bytes

        answered = await self._edge.idempotency.once(
            actor, self.operation.name, request.headers["Idempotency-Key"], body, answer
        )
        return web.Response(
            status=answered.status, headers=dict(answered.headers), body=answered.body
        )

    async def _answer(
        self, request: web.Request, sender: SignedIn | None, origin: Origin, arguments: Arguments
    ) -> web.Response:
        narrow = request.headers.get(ONE_ORGANIZATION)
        result = await self._run(sender, origin, arguments, narrow)
        if sender:
            await self._edge.authenticator.note_use(sender)
        return self._response(request, result)

    async def _run(
        self, sender: SignedIn | None, origin: Origin, arguments: Arguments, narrow: str | None
    ) -> Any:  # what the handler answers
        if sender is None:
            return await self._call(None, origin, arguments, None)
        try:
            result = await self._call(sender, origin, arguments, narrow)
        except ActorChanged:
            pass
        except FaradayError:
            if sender.confirmed:
                raise
        else:
            if sender.confirmed:
                return result
        # Who was remembered is another by now, or storage was never asked: ask, and do it then.
        await self._edge.authenticator.renew(sender)
        return await self._call(sender, origin, arguments, narrow)

    async def _call(
        self, sender: SignedIn | None, origin: Origin, arguments: Arguments, narrow: str | None
    ) -> Any:  # what the handler answers
        who: Arguments = {}
        actor = sender.actor if sender else None
        if actor and narrow is not None:
            actor = await self._edge.access.narrow(actor, narrow)
        for wanted in self.operation.inputs:
            if wanted.source is Source.ACTOR:
                who[wanted.name] = actor
            elif wanted.source is Source.IDENTITY and sender:
                who[wanted.name] = sender.identity
            elif wanted.source is Source.ORIGIN:
                who[wanted.name] = origin
        return await self.operation.handler(**self._fixed, **who, **arguments)

    async def _arguments(self, request: web.Request) -> tuple[bytes, Arguments]:
        arguments: Arguments = {}
        faults: list[Fault] = []
        body = b""
        if self._body:
            try:
                arguments[self._body.name], body = await self._body_reader.read(request)
            except Invalid as error:
                faults += error.faults
        try:
            arguments |= self._query(request)
        except Invalid as error:  # go on: a caller is told of all faults at once
            faults += error.faults
        if faults:
            raise Invalid(faults)
        for name, _ in self._paths:
            arguments[name] = _from_path(request.match_info[name])
        return body, arguments

    def _query(self, request: web.Request) -> Arguments:
        """What stands behind the question mark; most ask what was asked before. And headers."""
        asked = request.query_string
        if (kept := self._queries.get(asked)) is not None:
            return kept | {name: _seen_states(request) for name in self._headers}
        arguments: Arguments = {}
        unknown = request.query.keys() - self.operation.query_names if asked else ()
        faults = [
            Fault(f"?{name}", "unknown_parameter", "is no parameter of this route")
            for name in sorted(unknown)
        ]
        for name, read in self._readers:
            try:
                arguments[name] = read(request)
            except Invalid as error:
                faults += error.faults
        if faults:
            raise Invalid(faults)
        if len(asked) <= _LONGEST_KEPT:
            if len(self._queries) >= _MOST_KEPT:
                self._queries.clear()
            self._queries[asked] = arguments
        return arguments | {name: _seen_states(request) for name in self._headers}

    def _reader(self, wanted: Input) -> Reader:
        if attrs.has(wanted.kind):
            return self._object_reader(wanted)

        def read(request: web.Request) -> Any:  # of its kind
            if wanted.name in request.query:
                value, at = request.query[wanted.name], f"?{wanted.name}"
                return self._edge.parser.parse(wanted.kind, value, at=at, spelled_out=True)
            if wanted.required:
                raise Invalid([Fault(f"?{wanted.name}", "required", "is required")])
            return wanted.default

        return read

    def _object_reader(self, wanted: Input) -> Reader:
        fields = attrs.fields_dict(wanted.kind)
        names = {as_asked(name): name for name in fields}
        empty = None if any(f.default is attrs.NOTHING for f in fields.values()) else wanted.kind()

        def read(request: web.Request) -> Any:  # of its kind
            if empty is not None and not request.query_string:
                return empty
            given = {names[key]: value for key, value in request.query.items() if key in names}
            try:
                return self._edge.parser.parse(wanted.kind, given, spelled_out=True)
            except Invalid as error:
                raise Invalid(_at_parameter(fault) for fault in error.faults) from None

        return read

    def _response(self, request: web.Request, result: Any) -> web.Response:  # as the handler's
        operation = self.operation
        headers = {"Cache-Control": operation.terms.cache_control}
        if result is None:
            return web.Response(status=operation.status, headers=headers)
        if tag := getattr(result, "tag", None):
            headers["ETag"] = f'"{tag}"'
            known = _tags(request, "If-None-Match") or frozenset()
            read_only = request.method in {"GET", "HEAD"} and not operation.terms.always_whole
            if read_only and {tag, ANY_STATE} & known:
                return web.Response(status=304, headers=headers)
        if operation.terms.location:
            id = getattr(result, "id", None)  # a person's one second factor has none
            headers["Location"] = operation.terms.location.format(id=id, **request.match_info)
        if isinstance(result, Download | EventStream | CsvDocument | HtmlDocument):
            return result.response(headers)
        if isinstance(result, Content):
            return web.Response(headers=headers | result.headers, body=result.body)
        headers["Content-Type"] = _JSON
        # One that was there already, and that what was sent has become a part of.
        was_there = getattr(result, "is_new", True) is False
        status = HTTPStatus.OK if was_there else operation.status
        return web.Response(status=status, headers=headers, body=encoded(result))


_KEPT_HEADERS = frozenset({"Cache-Control", "Content-Type", "ETag", "Location"})


def _from_path(value: str) -> str:
    if not is_id(value):
        raise NotFound("There is no such thing here, or none that you may see.")
    return value


def _seen_states(request: web.Request) -> frozenset[str] | None:
    return _tags(request, "If-Match", strong=True)


def _tags(request: web.Request, header: str, *, strong: bool = False) -> frozenset[str] | None:
    """Entity tags, or `*` (RFC 9110, 8.8.3 and 13.1). `strong`: without those that are weak."""
    if header not in request.headers:
        return None
    tags = [tag.strip() for tag in ",".join(request.headers.getall(header)).split(",")]
    found = (tag for tag in tags if not (strong and tag.startswith("W/")))
    return frozenset(tag.removeprefix("W/").strip('"') for tag in found)


def _at_parameter(fault: Fault) -> Fault:
    return attrs.evolve(fault, pointer="?" + as_asked(fault.pointer.removeprefix("/")))
