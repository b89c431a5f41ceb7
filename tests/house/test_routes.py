"""Every route is documented, bounded and says how it refuses."""

import attrs
import pytest

from adapters.app import App
from adapters.http.openapi import document
from adapters.http.problems import STATUS
from adapters.http.routes import Operation, Source
from adapters.http.server import operations
from faraday_core.kernel import errors
from faraday_core.kernel.parsing import Parser

SERVICES = {field.type for field in attrs.fields(attrs.resolve_types(App)) if field.type}
EVERY = {f"{one.method} {one.path}": one for one in operations(SERVICES)}
DESCRIPTION = document(EVERY.values(), Parser(), "test")


@pytest.mark.parametrize("route", EVERY)
def test_a_route_is_documented(route: str) -> None:
    operation = EVERY[route]
    described = DESCRIPTION["paths"][operation.path][operation.method.lower()]

    assert described["summary"].endswith(".")
    assert described["operationId"] == operation.name
    assert described["tags"]
    assert [{"token": []}] * operation.signed_in == described["security"]
    for status, response in described["responses"].items():
        if status >= "400":
            assert "application/problem+json" in response["content"], status


@pytest.mark.parametrize("route", EVERY)
def test_a_route_is_bounded(route: str) -> None:
    """Every string that it reads has a longest length, or is one of a few, or an id."""
    unbounded = list(_unbounded(EVERY[route]))

    assert [] == unbounded


def _unbounded(operation: Operation):  # type: ignore[no-untyped-def]  # names
    described = DESCRIPTION["paths"][operation.path][operation.method.lower()]
    for parameter in described["parameters"]:
        if parameter["in"] != "header":
            yield from _strings(parameter["name"], parameter["schema"])
    for content in described.get("requestBody", {}).get("content", {}).values():
        yield from _strings("body", content["schema"])


def _strings(name: str, schema: dict):  # type: ignore[no-untyped-def,type-arg]  # JSON
    if "$ref" in schema:
        schema = DESCRIPTION["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for option in schema.get("anyOf", ()):
        yield from _strings(name, option)
    for field, inner in schema.get("properties", {}).items():
        yield from _strings(f"{name}/{field}", inner)
    of_a_form = schema.get("format") in {"uuid", "password", "date", "date-time"}
    bounded = {"maxLength", "enum"} & schema.keys() or of_a_form
    if schema.get("type") == "string" and not bounded:
        yield name


TEN_AT_MOST = {"list_devices", "list_devices_of_user", "list_imports_of_user"}


def test_a_route_that_lists_has_a_page() -> None:
    for operation in EVERY.values():
        if str(operation.result).startswith("faraday_core.kernel.paging.Page"):
            names = operation.query_names
            assert {"limit", "cursor"} <= names or operation.name in TEN_AT_MOST, operation.name


def test_a_route_with_an_id_may_answer_404_and_one_with_a_body_422() -> None:
    for operation in EVERY.values():
        described = DESCRIPTION["paths"][operation.path][operation.method.lower()]["responses"]
        if operation.reads(Source.PATH):
            assert "404" in described
        if operation.reads(Source.BODY):
            assert {"400", "413", "415", "422"} <= described.keys()
        if operation.signed_in:
            assert "401" in described


def test_every_error_of_the_core_has_its_status() -> None:
    kinds = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.FaradayError)
        and kind is not errors.FaradayError
    }

    assert kinds <= {*STATUS}
