"""The OpenAPI 3.1 document, from the same operations that the binder calls."""

from collections.abc import Iterable
from http import HTTPStatus
from types import NoneType
from typing import Any, Final, get_args, get_origin

import attrs

from adapters.http.content import Content
from adapters.http.documents import CsvDocument, HtmlDocument
from adapters.http.downloads import Download
from adapters.http.event_stream import EventStream
from adapters.http.file_upload import is_file_upload
from adapters.http.form import MEDIA_TYPE, is_upload
from adapters.http.merge_patch import MergePatch, Replacement, media_types
from adapters.http.problems import Problem
from adapters.http.routes import ONE_ORGANIZATION, Operation, Source
from adapters.http.schemas import Schema, Schemas
from adapters.http.streams import LineStream
from faraday_core.kernel.parsing import Parser

_PLACES: Final = {Source.PATH: "path", Source.QUERY: "query"}
_SIGNED_IN: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_ERRORS: Final = {
    Source.ACTOR: _SIGNED_IN,
    Source.IDENTITY: _SIGNED_IN,
    Source.PATH: (HTTPStatus.NOT_FOUND,),
    Source.HEADER: (HTTPStatus.PRECONDITION_FAILED,),
    Source.BODY: (
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    ),
}
_ALWAYS: Final = (
    HTTPStatus.BAD_REQUEST,  # what is no HTTP, as where the line of the request is too long
    HTTPStatus.UNPROCESSABLE_ENTITY,  # an unknown query parameter
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_TEXTS: Final = (EventStream, CsvDocument, HtmlDocument)
_FILES: Final = (Download, *_TEXTS)
_DESCRIPTION: Final = """Schools, their people, and who may see what. Sign in by `POST
/auth/login`; what it answers as `access_token` goes into the header `Authorization: Bearer …`.
Errors are problem details (RFC 9457) with a stable `code`."""


def document(operations: Iterable[Operation], parser: Parser, version: str) -> Schema:
    schemas = Schemas(parser)
    paths: dict[str, Schema] = {}
    for operation in operations:
        described = _operation(operation, schemas)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Faraday", "version": version, "description": _DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": schemas.classes,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def _operation(operation: Operation, schemas: Schemas) -> Schema:
    summary, _, description = (operation.handler.__doc__ or "").partition("\n")
    described: Schema = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": summary,
        "parameters": _parameters(operation, schemas),
        "responses": _success(operation, schemas) | _errors(operation, schemas),
        "security": [{"token": []}] if operation.signed_in else [],
    }
    if description.strip():
        described["description"] = " ".join(description.split())
    for body in operation.reads(Source.BODY):
        required = not operation.terms.optional_body
        content = _body(body.kind, schemas, operation)
        described["requestBody"] = {"required": required, "content": content}
    return described


def _success(operation: Operation, schemas: Schemas) -> Schema:
    status = operation.status
    success: Schema = {"description": status.phrase}
    if operation.result is Content:
        picture = {"schema": {"type": "string", "format": "binary"}}
        success["content"] = dict.fromkeys(Content.MEDIA_TYPES, picture)
    elif operation.result in _FILES:
        form = {} if operation.result in _TEXTS else {"format": "binary"}
        success["content"] = {operation.result.MEDIA_TYPE: {"schema": {"type": "string"} | form}}
    elif operation.result is not NoneType:
        success["content"] = {"application/json": {"schema": schemas.shown(operation.result)}}
    headers = {}
    if operation.terms.location:
        headers["Location"] = {"schema": {"type": "string"}, "description": "Where it is."}
    if hasattr(operation.result, "tag"):
        headers["ETag"] = {"schema": {"type": "string"}, "description": "RFC 9110, 8.8.3"}
    if headers:
        success["headers"] = headers
    found: Schema = {str(status.value): success}
    if "ETag" in headers and operation.method == "GET" and not operation.terms.always_whole:
        found["304"] = {"description": HTTPStatus.NOT_MODIFIED.phrase}
    return found


def _errors(operation: Operation, schemas: Schemas) -> Schema:
    content = {"application/problem+json": {"schema": schemas.shown(Problem)}}
    statuses = {*_ALWAYS, *operation.terms.refusals}
    for source, of_source in _ERRORS.items():
        if operation.reads(source):
            statuses.update(of_source)
    if operation.terms.idempotent:
        statuses.add(HTTPStatus.CONFLICT)
    return {
        str(status.value): {"description": status.phrase, "content": content}
        for status in sorted(statuses)
    }


def _parameters(operation: Operation, schemas: Schemas) -> list[Schema]:
    found: list[Schema] = [
        {
            "name": parameter.name,
            "in": place,
            "required": parameter.required,
            "schema": {"type": "string", "format": "uuid"}
            if source is Source.PATH
            else schemas.read(parameter.kind),
        }
        for source, place in _PLACES.items()
        for wanted in operation.reads(source)
        for parameter in wanted.fields()
    ]
    if operation.reads(Source.HEADER):
        found.append(_header("If-Match", "The state that the change is meant for, by its ETag."))
    conditional = hasattr(operation.result, "tag") and not operation.terms.always_whole
    if operation.method == "GET" and conditional:
        found.append(_header("If-None-Match", "States that are known already, by their ETags."))
    if operation.signed_in:
        detail = "The one organisation, with what is below it, that the request is narrowed to."
        found.append(_header(ONE_ORGANIZATION, detail) | {"schema": _ID})
    if operation.terms.idempotent:
        detail = "Sent again with the same key, the request is done once and answered alike."
        found.append(_header("Idempotency-Key", detail) | {"schema": _KEY})
    return found


_ID: Final = {"type": "string", "format": "uuid"}
_KEY: Final = {"type": "string", "minLength": 1, "maxLength": 255}


def _header(name: str, description: str) -> Schema:
    schema = {"type": "string"}
    return {"name": name, "in": "header", "description": description, "schema": schema}


def _body(kind: Any, schemas: Schemas, operation: Operation) -> Schema:  # an annotation
    if kind is LineStream:
        largest = operation.terms.largest_body
        return {LineStream.MEDIA_TYPE: {"schema": {"type": "string", "maxLength": largest}}}
    if is_upload(kind) or is_file_upload(kind):
        return {MEDIA_TYPE: {"schema": _form(get_args(kind)[0], schemas, operation)}}
    if get_origin(kind) is MergePatch:
        (fields,) = get_args(kind)
        schema = schemas.merged(fields)
    else:
        fields = get_args(kind)[0] if get_origin(kind) is Replacement else kind
        schema = schemas.read(fields)
    return {media_type: {"schema": schema} for media_type in media_types(kind)}


def _form(fields: Any, schemas: Schemas, operation: Operation) -> Schema:  # an annotation
    largest = operation.terms.largest_file
    file = {"type": "string", "format": "binary", "maxLength": largest}
    whole = schemas.merged(fields)
    needed = [field.name for field in attrs.fields(fields) if field.default is attrs.NOTHING]
    properties = {"file": file} | whole["properties"]
    return whole | {"properties": properties, "required": ["file", *needed]}
