"""What HTTP offers administrators and support staff, at the command line."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from attrs import frozen

from adapters import compose
from adapters.persistence import embedded
from adapters.settings import Settings
from faraday_core.identity.session_model import SignIn
from faraday_core.identity.token_model import NewToken
from faraday_core.kernel.ids import uuid7
from tests.serving import faraday
from tests.world import ORIGIN, PASSWORD


@frozen
class Installed:
    data_dir: Path
    url: str

    def run(self, *arguments: str, stdin: str = "") -> Any:  # a completed process
        return faraday(*arguments, data_dir=self.data_dir, stdin=stdin)

    def json(self, *arguments: str, stdin: str = "", code: int = 0) -> Any:  # whatever JSON holds
        done = self.run(*arguments, "--json", stdin=stdin)
        assert code == done.returncode, done.stderr + done.stdout
        return json.loads(done.stdout)

    def person(self, role: str, name: str = "Pat Doe") -> Mapping[str, Any]:
        email = f"{uuid4().hex}@example.org"
        given = ("--email", email, "--full-name", name, "--role", role, "--password-stdin")
        at = ("--organization", "North School")
        made: Mapping[str, Any] = self.json("users", "create", *given, *at, stdin=f"{PASSWORD}\n")
        return made


@pytest.fixture(scope="module")
def installed() -> Iterator[Installed]:
    with tempfile.TemporaryDirectory(prefix="faraday-cli-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)  # ours
        data_dir = Path(name) / "data"
        data_dir.mkdir()
        server = embedded.start(data_dir, durable=False)
        try:
            found = Installed(data_dir, server.url)
            found.json("organizations", "create", "--name", "District")
            create = ("organizations", "create", "--name", "North School", "--parent", "District")
            found.json(*create)
            yield found
        finally:
            server.release()


async def sign_in(installed: Installed, email: str) -> SignIn:
    async with compose.embedded(installed.data_dir, settings=Settings()) as app:
        return await app.auth.login(
            email=email, password=PASSWORD, device_name="A phone", origin=ORIGIN
        )


async def token_of(installed: Installed, email: str) -> str:
    async with compose.embedded(installed.data_dir, settings=Settings()) as app:
        signed_in = await app.auth.login(email=email, password=PASSWORD, origin=ORIGIN)
        claims = await app.keys.read(signed_in.access_token)
        actor = (await app.sessions.identify(claims)).acting(ORIGIN)
        return (await app.tokens.create(actor, NewToken("Timetable", ["*"]))).id


def test_a_person_is_given_another_name_and_address(installed: Installed) -> None:
    person, email = installed.person("teacher"), f"{uuid4().hex}@example.org"

    changed = installed.json(
        "users", "change", person["id"], "--name", "Pat Roe", "--email", email
    )

    assert ("Pat Roe", email, False) == (
        changed["full_name"],
        changed["email"],
        changed["email_verified"],
    )
    assert person["id"] == installed.json("users", "show", email)["id"]
    taken = installed.person("teacher")["email"]
    refused = installed.json("users", "change", email, "--email", taken, code=1)
    assert "email_taken" == refused["code"]
    wrong = installed.json("users", "change", email, "--email", "nonsense", code=1)
    assert ["/email"] == [fault["pointer"] for fault in wrong["errors"]]
    assert 2 == installed.run("users", "change", email).returncode


async def test_a_persons_devices_are_listed_named_and_ended(installed: Installed) -> None:
    email = installed.person("teacher")["email"]
    await sign_in(installed, email)
    (device,) = installed.json("devices", "list", email)["items"]
    assert "A phone" == device["name"]

    named = installed.json("devices", "name", email, device["id"], "Lost in the bus")
    assert "Lost in the bus" == named["name"]
    assert ["Lost in the bus"] == [
        one["device_name"] for one in installed.json("sessions", "list", email)["items"]
    ]
    assert "Lost in the bus" in installed.run("devices", "list", email).stdout
    assert installed.json("devices", "end", email, device["id"])["ended"]

    assert [] == installed.json("devices", "list", email)["items"]
    assert [] == installed.json("sessions", "list", email)["items"]
    gone = installed.json("devices", "end", email, device["id"], code=1)
    assert "not_found" == gone["code"]


async def test_a_persons_own_tokens_are_listed_and_ended(installed: Installed) -> None:
    person = installed.person("teacher")
    id = await token_of(installed, person["email"])

    (listed,) = installed.json("tokens", "list", "--user", person["email"])["items"]
    assert (id, "Timetable", ["*"]) == (listed["id"], listed["name"], listed["scopes"])
    assert installed.json("tokens", "end", person["email"], id)["ended"]

    assert (
        "They have no tokens.\n" == installed.run("tokens", "list", "--user", person["id"]).stdout
    )
    entry = installed.json("audit", "tail", "--user", person["id"], "--limit", "1")["items"][0]
    assert ("token.delete", person["id"]) == (entry["action"], entry["target_id"])
    assert 2 == installed.run("tokens", "list").returncode
    gone = installed.json("tokens", "end", person["email"], id, code=1)
    assert "not_found" == gone["code"]


def test_the_audit_log_is_looked_through_at_the_command_line(installed: Installed) -> None:
    person = installed.person("teacher")
    installed.json("users", "unlock", person["id"])

    def acts(*arguments: str) -> list[str]:
        found = installed.json("audit", "tail", "--user", person["id"], *arguments)
        return [entry["action"] for entry in found["items"]]

    assert ["user.unlock", "user.create"] == acts()
    assert ["user.unlock"] == acts("--action", "user.unlock")
    assert [] == acts("--until", "2020-01-01")
    assert ["user.unlock", "user.create"] == acts("--since", "2020-01-01")


def test_a_school_says_who_is_a_child_and_whose(installed: Installed) -> None:
    child, guardian = installed.person("student"), installed.person("guardian")

    assert {"born_on": "2018-03-01"} == installed.json(
        "users", "born", child["email"], "2018-03-01"
    )
    confirmed = installed.json("privacy", "confirm-guardian", child["email"], guardian["email"])
    assert (child["id"], guardian["id"]) == (confirmed["child_id"], confirmed["guardian_id"])
    (listed,) = installed.json("users", "guardians", child["id"])["items"]
    assert guardian["id"] == listed["guardian_id"]
    assert installed.json("privacy", "end-guardian", child["email"], guardian["email"])["ended"]
    assert [] == installed.json("users", "guardians", child["id"])["items"]


def test_consents_and_disclosures_are_read(installed: Installed, tmp_path: Path) -> None:
    person = installed.person("teacher")
    with psycopg.connect(installed.url) as connection:
        connection.execute(
            "insert into consents (user_id, id, version, purpose, text_version, granted_at)"
            " values (%s, %s, 1, 'photos', '3', now())",
            (person["id"], uuid7()),
        )
    installed.json("privacy", "export", person["id"], str(tmp_path / "pat.zip"))

    (consent,) = installed.json("privacy", "consents", person["email"])["items"]
    (disclosed,) = installed.json("privacy", "disclosures", person["email"])["items"]

    assert ("photos", "3") == (consent["purpose"], consent["text_version"])
    assert ("export", None) == (disclosed["what"], disclosed["reader_id"])
    assert "the operator" in installed.run("privacy", "disclosures", person["email"]).stdout


def test_open_invitations_are_listed_and_withdrawn(installed: Installed) -> None:
    email = f"{uuid4().hex}@example.org"
    at = ("--organization", "North School", "--role", "teacher")
    installed.json("invite", email, *at)
    open_now = installed.json("invitations", "list", "North School")["items"]
    (invitation,) = [one for one in open_now if one["email"] == email]

    installed.json("invitations", "withdraw", "North School", invitation["id"])

    left = installed.json("invitations", "list", "North School")["items"]
    assert email not in {one["email"] for one in left}
    gone = installed.json("invitations", "withdraw", "North School", invitation["id"], code=1)
    assert "not_found" == gone["code"]


def test_who_was_made_without_a_password_is_mailed_again(installed: Installed) -> None:
    given = ("--email", f"{uuid4().hex}@example.org", "--full-name", "Sam", "--role", "teacher")
    made = installed.json("users", "create", *given, "--organization", "North School")

    assert made["id"] == installed.json("users", "resend-invitation", made["email"])["id"]
    refused = installed.json(
        "users", "resend-invitation", installed.person("teacher")["id"], code=1
    )
    assert "has_password" == refused["code"]


def test_organizations_departments_and_teams_are_shown_changed_and_deleted(
    installed: Installed,
) -> None:
    school = installed.json("organizations", "create", "--name", "East", "--parent", "District")
    other = installed.json("organizations", "create", "--name", "Annexe", "--parent", "District")
    at = ("--organization", school["id"])
    maths = installed.json("departments", "create", "--name", "Maths", *at)
    algebra = installed.json("departments", "create", "--name", "Algebra", *at)
    team = installed.json("teams", "create", "--name", "7a", "--department", maths["id"])

    renamed = installed.json(
        "organizations", "change", "East", "--name", "East School", "--description", "By the sea."
    )
    assert ("East School", "By the sea.", school["parent_organization_id"]) == (
        renamed["name"],
        renamed["description"],
        renamed["parent_organization_id"],
    )
    moved = installed.json("organizations", "change", other["id"], "--below", school["id"])
    assert school["id"] == moved["parent_organization_id"]
    below = installed.json("departments", "change", algebra["id"], "--below", maths["id"])
    assert (maths["id"], "Algebra") == (below["parent_department_id"], below["name"])
    moved = installed.json("teams", "change", team["id"], "--below", algebra["id"])
    assert algebra["id"] == moved["department_id"]
    assert "Algebra" in installed.run("departments", "show", algebra["id"]).stdout
    assert 2 == installed.run("teams", "change", team["id"]).returncode

    for group, node in (("teams", team["id"]), ("departments", maths["id"])):
        assert installed.json(group, "archive", node)["archived_at"]
        assert installed.json(group, "restore", node)["archived_at"] is None
    refused = installed.json("departments", "delete", maths["id"], code=1)
    assert "not_empty" == refused["code"]
    assert team["id"] == installed.json("teams", "delete", team["id"])["id"]
    assert "not_found" == installed.json("teams", "show", team["id"], code=1)["code"]
    installed.json("organizations", "delete", other["id"])
    wrong = installed.json("organizations", "change", "East School", "--name", "", code=1)
    assert ["/name"] == [fault["pointer"] for fault in wrong["errors"]]


def test_what_a_school_asks_of_profiles_is_shown_and_set(installed: Installed) -> None:
    set_ = ("--require", "bio", "--require", "phone", "--no-badges")

    asked = installed.json("profiles", "requirements", "North School", *set_)

    assert (["bio", "phone"], False) == (asked["required_fields"], asked["badges"])
    badges = installed.json("profiles", "requirements", "North School", "--badges")
    assert (["bio", "phone"], True) == (badges["required_fields"], badges["badges"])
    assert "bio, phone" in installed.run("profiles", "requirements", "North School").stdout
    none = installed.json("profiles", "requirements", "North School", "--none")
    assert [] == none["required_fields"]
    wrong = installed.json("profiles", "requirements", "North School", "--require", "x", code=1)
    assert "/required_fields/0" in {fault["pointer"] for fault in wrong["errors"]}


def test_the_classes_of_who_takes_part_in_none(installed: Installed) -> None:
    person = installed.person("student")

    assert [] == installed.json("users", "classes", person["email"])["items"]
    assert "There is none.\n" == installed.run("users", "classes", person["id"]).stdout
