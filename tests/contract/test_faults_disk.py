"""A disk that fills up under a running server: told, nothing half done, well again by itself."""

import http.client
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from attrs import frozen

from adapters.persistence.embedded.cluster import Cluster
from tests.contract.test_processes import SIGN_IN, ask, signed_in
from tests.pictures import picture
from tests.room import (
    SEGMENT,
    children,
    cluster_of_small_files,
    no_file_beyond,
    parent,
)
from tests.roster_sets import folder_of, school, zip_of
from tests.serving import Answer, Serving, faraday, faraday_serve
from tests.waiting import wait_until
from tests.world import PASSWORD

PUPILS = 9_000  # their rows are more than fit in one file of `SEGMENT`


@frozen
class Site:
    """A server of its own, on a PostgreSQL of its own; somebody has signed in."""

    serving: Serving
    data_dir: Path
    cluster: Cluster
    token: str

    @property
    def url(self) -> str:
        return self.serving.url

    @property
    def postgres(self) -> int:
        return int(self.cluster.pid_file.read_text().split()[0])

    @property
    def of_postgres(self) -> list[int]:
        """Its processes, and the one that keeps it running."""
        return [parent(self.postgres), self.postgres, *children(self.postgres)]

    def ask(self, route: str, body: object = None) -> Answer:
        return ask(self.url, route, body, token=self.token)

    def remember(self) -> Answer:
        """A memory of some weight, which nothing makes any smaller."""
        context = {"assistant": token_urlsafe(45_000)}
        return self.ask("POST /api/v1/memories", {"content": token_hex(8), "context": context})

    def remembered(self) -> int:
        return self.count("user_memories")

    def count(self, table: str) -> int:
        with psycopg.connect(self.cluster.url()) as superuser:
            query = f"select count(*) from {table}".encode()  # noqa: S608 -- ours
            (found,) = superuser.execute(query).fetchone() or ()
        return int(found)

    def send(self, route: str, content: bytes, name: str, **fields: str) -> Answer:
        """A form with a file."""
        method, path = route.split(" ")
        edge = "an-edge"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
            for field, value in fields.items()
        ]
        opened = (
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        )
        body = "".join((*parts, opened)).encode() + content + f"\r\n--{edge}--\r\n".encode()
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=20)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": f"multipart/form-data; boundary={edge}",
        }
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers), response.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="faraday-disk-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)  # PostgreSQL's user is to get in
        data_dir = Path(name) / "data"
        data_dir.mkdir()
        cluster = cluster_of_small_files(data_dir)
        with faraday_serve(data_dir=data_dir) as serving:
            made = faraday("organizations", "create", "--name", "District", data_dir=data_dir)
            assert 0 == made.returncode, made.stderr
            given = ("--email", SIGN_IN["email"], "--full-name", "Pat Doe", "--role", "org_admin")
            made = faraday(
                *("users", "create", *given, "--organization", "District", "--password-stdin"),
                data_dir=data_dir,
                stdin=PASSWORD,
            )
            assert 0 == made.returncode, made.stderr
            yield Site(serving, data_dir, cluster, signed_in(serving.url)["access_token"])
            assert 0 == serving.stop()
            assert "request failed" not in serving.log.read_text()


def is_told(answer: Answer) -> None:
    assert (503, "disk_full") == (answer.status, answer.code), answer.body
    assert int(answer.headers["Retry-After"]) > 0


def test_a_device_without_room_is_told_and_what_was_there_can_be_read(site: Site) -> None:
    """The file that is written to is /dev/full, whose kernel says so of each write (full(4))."""
    url = f"{site.cluster.url()}&application_name=tests"
    with psycopg.connect(url, autocommit=True) as superuser:
        of = (
            "select pg_relation_filepath(reltoastrelid) from pg_class where relname ="
            " 'user_memories'"
        )
        (path,) = superuser.execute(of).fetchone() or ("",)
        file = site.cluster.data / path
        assert 0 == file.stat().st_size
        file.unlink()
        file.symlink_to("/dev/full")
        is_told(site.remember())
        for route in ("/readyz", "/livez", "/api/v1/memories", "/api/v1/auth/me"):
            assert 200 == site.ask(f"GET {route}").status

        superuser.execute("truncate user_memories cascade")  # into a new file

    assert 201 == site.remember().status


def test_a_table_that_cannot_grow_refuses_and_loses_nothing(site: Site) -> None:
    before = site.remembered()
    with no_file_beyond(SEGMENT, site.of_postgres):
        answers = [site.remember() for _ in range(50)]
        refused = [answer for answer in answers if answer.status != 201]
        kept = before + len(answers) - len(refused)
        assert refused
        for answer in refused:
            is_told(answer)
        assert kept == site.remembered()
        assert 200 == site.ask("GET /api/v1/memories").status

    assert 201 == site.remember().status
    assert kept + 1 == site.remembered()


def test_a_log_that_cannot_be_written_takes_postgresql_down_and_it_comes_back(site: Site) -> None:
    """It stops at once rather than acknowledge what it could not keep."""
    before = site.remembered()
    with no_file_beyond(8192, site.of_postgres):
        answer = site.remember()
        assert (503, True) == (answer.status, answer.code in {"unavailable", "disk_full"})
        assert int(answer.headers["Retry-After"]) > 0
        wait_until(lambda: site.ask("GET /readyz").status == 503)
        for route in ("GET /api/v1/auth/me", "GET /api/v1/memories"):
            answer = site.ask(route)
            assert (503, "unavailable") == (answer.status, answer.code)
        assert 200 == site.ask("GET /livez").status

    wait_until(lambda: site.ask("GET /readyz").status == 200, seconds=20)
    assert before == site.remembered()
    assert 201 == site.remember().status


# Files


def test_what_is_sent_to_a_full_data_folder_is_refused_and_leaves_nothing(
    site: Site,
) -> None:
    objects = site.data_dir / "objects"
    roster = zip_of(school(30), site.data_dir / "set.zip").read_bytes()

    def avatar() -> Answer:
        return site.send("POST /api/v1/users/profile/avatar", picture(), "me.png")

    def upload() -> Answer:
        return site.send("POST /api/v1/imports", roster, "set.zip", format="oneroster")

    assert 201 == avatar().status
    planned(site, upload())
    kept = {file for file in objects.rglob("*") if file.is_file()}
    with no_file_beyond(100, [site.serving.process.pid]):
        is_told(avatar())
        is_told(upload())
        assert kept == {file for file in objects.rglob("*") if file.is_file()}
        assert 200 == site.ask("GET /api/v1/auth/me").status

    assert 201 == avatar().status
    assert "planned" == planned(site, upload())["status"]


def planned(site: Site, answer: Answer) -> Any:  # JSON
    """The import, when nothing is under way any more."""
    assert 202 == answer.status, answer.body
    path = f"/api/v1/imports/{answer.json['id']}"

    def ended() -> Any:  # JSON
        view = site.ask(f"GET {path}").json
        return view if view["status"] != "planning" and not view["progress"] else None

    return wait_until(ended, seconds=60)


# An import


def test_an_import_for_which_there_is_no_room_is_one_line_and_nothing_is_done(
    site: Site, tmp_path: Path
) -> None:
    roster = folder_of(school(PUPILS), tmp_path / "set")
    given = ("import", "run", "oneroster", str(roster), "--organization", "District")
    before = site.count("users")
    with no_file_beyond(SEGMENT, site.of_postgres):
        done = faraday(*given, "--quiet", data_dir=site.data_dir)
    assert (1, "") == (done.returncode, done.stdout)
    assert "faraday: The database's disk is full; nothing was done.\n" == done.stderr
    assert before == site.count("users")
    (run,) = site.ask("GET /api/v1/imports?status=failed").json["items"]
    assert "disk_full" == run["problem"]["code"]

    folder_of(school(30), tmp_path / "set")
    done = faraday(*given, "--json", data_dir=site.data_dir)
    assert 0 == done.returncode, done.stderr
    assert ("applied", before + 31) == (json.loads(done.stdout)["status"], site.count("users"))
