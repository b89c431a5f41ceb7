"""Every use case asks for access, by the one decision of the core."""

import ast
import inspect
from collections.abc import Iterator
from textwrap import dedent
from types import FunctionType, ModuleType
from typing import Any

import attrs
import pytest

from adapters.app import App
from faraday_core.kernel import access
from faraday_core.preferences.visibility import may_see_profile

ASKS = {
    access.may,
    access.require,
    access.require_own,
    access.require_in_person,
    access.require_somewhere,
    access.reach_of,
    access.may_grant,
    may_see_profile,
}
# Who calls these has not signed in yet, proves by a token who they are, or is the machinery.
NO_ACTOR = {
    "AuthService.register",
    "AuthService.login",
    "AuthService.refresh",
    "PasswordService.forget",
    "PasswordService.reset",
    "EmailService.verify",
    "SessionService.identify",
    "TokenService.identify",
    "TokenService.touch",
    "KeyService.load",
    "KeyService.read",
    "KeyService.jwks",
    "RateLimitService.take",
    "IdempotencyService.ask",
    "IdempotencyService.answered",
    "IdempotencyService.failed",
}
# These are parts of a use case, given the unit in which it has asked.
WITHIN_A_UNIT = {"PasswordService.mail_token", "EmailService.ask", "TokenService.issue"}
# In which tenant to ask: it looks into the actor's own alone. As whom: with less than they have.
BEFORE_A_UNIT = {"OrganizationService.tenant_of", "AccessService.narrow"}


def use_cases() -> Iterator[tuple[str, type, Any]]:
    for field in attrs.fields(attrs.resolve_types(App)):
        service = field.type
        assert isinstance(service, type)
        if not service.__name__.endswith("Service"):
            continue
        for name, method in vars(service).items():
            if not name.startswith("_") and inspect.iscoroutinefunction(method):
                yield f"{service.__name__}.{name}", service, method


EVERY = {name: (service, method) for name, service, method in use_cases()}


@pytest.mark.parametrize("name", sorted({*EVERY} - NO_ACTOR - WITHIN_A_UNIT - BEFORE_A_UNIT))
def test_a_use_case_takes_the_actor_first_and_asks(name: str) -> None:
    service, method = EVERY[name]

    assert "actor" == list(inspect.signature(method).parameters)[1]
    assert asks(service, method, set())


def test_the_exceptions_are_all_there_are() -> None:
    without = {
        name
        for name, (_, method) in EVERY.items()
        if "actor" not in inspect.signature(method).parameters
    }

    assert without <= NO_ACTOR | WITHIN_A_UNIT
    assert {*EVERY} >= NO_ACTOR | WITHIN_A_UNIT


def asks(service: type, function: Any, seen: set[object]) -> bool:
    """Whether it calls the decision, or something that does."""
    if function in ASKS:
        return True
    if function in seen or not isinstance(function, FunctionType):
        return False
    seen.add(function)
    return any(asks(whose, called, seen) for whose, called in called_by(service, function))


def called_by(service: type, function: FunctionType) -> Iterator[tuple[type, object]]:
    """Each with the class whose methods it calls as its own."""
    hints = attrs.fields_dict(attrs.resolve_types(service)) if attrs.has(service) else {}
    for node in ast.walk(ast.parse(dedent(inspect.getsource(function)))):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id=name):
                yield service, function.__globals__.get(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                yield service, vars(service).get(name)
            case ast.Attribute(
                value=ast.Attribute(value=ast.Name(id="self"), attr=field), attr=name
            ) if field in hints:
                whose: Any = hints[field].type  # a class, as all that a service is made of
                yield whose, getattr(whose, name, None)


def test_the_walk_would_find_a_use_case_that_does_not_ask() -> None:
    class Careless:
        async def act(self, actor: object) -> None:
            return None

    assert not asks(attrs.frozen(Careless), Careless.act, set())
    assert isinstance(access, ModuleType)
