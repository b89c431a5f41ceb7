"""One contract over a folder, a bucket on a real S3-speaking server, and memory."""

import asyncio
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import boto3
import pytest

from adapters.installation import CannotStart, Installation
from adapters.media import object_store
from adapters.objects.folder import FolderObjects
from adapters.objects.memory import MemoryObjects
from adapters.objects.s3 import S3Objects, bucket_of
from adapters.settings import WrongSetting, read_settings
from faraday_core.kernel.errors import NotFound, Unavailable
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.objects import ObjectStore, delete_all_of, objects_of
from tests.waiting import wait_until
from tests.world import SECRETS

SECRET = "a secret of the bucket's"
PAT, SAM = uuid7(), uuid7()


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """moto's, in a process of its own; where it listens."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    at = f"127.0.0.1:{port}"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://{at}/moto-api/") as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError):
            return False

    try:
        wait_until(answers, seconds=30)
        client = boto3.client(
            "s3",
            endpoint_url=f"http://{at}",
            region_name="us-east-1",
            aws_access_key_id="KEY",
            aws_secret_access_key=SECRET,
        )
        client.create_bucket(Bucket="files")
        client.close()
        yield at
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(params=["folder", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    match request.param:
        case "folder":
            yield FolderObjects(tmp_path / "objects")
        case "memory":
            yield MemoryObjects()
        case _:
            at = request.getfixturevalue("s3_server")
            # A prefix of its own, so that no test finds what another has left.
            objects = S3Objects(bucket_of(f"s3+http://KEY@{at}/files/{uuid7()}", SECRET))
            yield objects
            objects.close()


async def test_what_is_put_can_be_got(store: ObjectStore) -> None:
    await store.put("a/b.webp", b"\0\xff" * 1000)
    await store.put("a/empty", b"")

    assert b"\0\xff" * 1000 == await store.get("a/b.webp")
    assert b"" == await store.get("a/empty")


async def test_what_is_put_again_is_replaced(store: ObjectStore) -> None:
    await store.put("a/b", b"first")
    await store.put("a/b", b"second")

    assert b"second" == await store.get("a/b")
    assert ["a/b"] == await store.names("a/")


async def test_what_is_not_there_is_not_found(store: ObjectStore) -> None:
    with pytest.raises(NotFound):
        await store.get("a/b")
    await store.put("a/b/c", b"x")
    with pytest.raises(NotFound):
        await store.get("a/d")


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(store: ObjectStore) -> None:
    await store.put("a/b", b"x")
    await store.put("a/c", b"x")

    await store.delete(["a/b", "a/never"])
    await store.delete(["a/b"])
    await store.delete([])

    assert ["a/c"] == await store.names("")


async def test_names_are_listed_by_what_they_begin_with(store: ObjectStore) -> None:
    assert [] == await store.names("people/")
    for name in ("people/b/2", "people/a/1", "people/ab/1", "other/a"):
        await store.put(name, b"x")

    assert ["people/a/1", "people/ab/1", "people/b/2"] == await store.names("people/")
    assert ["people/a/1"] == await store.names("people/a/")
    assert ["people/a/1", "people/ab/1"] == await store.names("people/a")
    assert [] == await store.names("people/c/")


async def test_more_are_listed_and_deleted_than_one_answer_holds(store: ObjectStore) -> None:
    names = [f"a/{number:04}" for number in range(1010)]
    await asyncio.gather(*(store.put(name, b"") for name in names))

    assert names == await store.names("a/")
    await store.delete(names)
    assert [] == await store.names("")


async def test_all_of_a_person_goes_and_nothing_of_anybody_else(store: ObjectStore) -> None:
    for person in (PAT, SAM):
        await store.put(f"{objects_of(person)}avatars/1/x.webp", b"x")
        await store.put(f"{objects_of(person)}exports/1.zip", b"x")

    assert 2 == await delete_all_of(store, PAT)
    assert 0 == await delete_all_of(store, PAT)

    assert 2 == len(await store.names(""))
    assert await store.get(f"{objects_of(SAM)}exports/1.zip")


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../up", "a/../b", "a//b", "a/", ".new-1", "a/.b", "Ä", "a b", "a\\b",
     "a\0b", "A", "x" * 513],
)  # fmt: skip
async def test_a_name_that_could_lead_elsewhere_is_refused(store: ObjectStore, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        await store.put(name, b"x")
    with pytest.raises(ValueError, match="no name"):
        await store.get(name)
    with pytest.raises(ValueError, match="no name"):
        await store.delete([name])


async def test_twenty_at_once_leave_one_whole(store: ObjectStore) -> None:
    contents = [bytes([number]) * 5000 for number in range(20)]

    await asyncio.gather(*(store.put("a/b", content) for content in contents))

    assert await store.get("a/b") in contents
    assert ["a/b"] == await store.names("")


# --- A folder


async def test_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    store = FolderObjects(tmp_path / "objects")
    await store.put("a/b", b"x")

    file = tmp_path / "objects/a/b"
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert 0o700 == stat.S_IMODE(file.parent.stat().st_mode)


async def test_an_empty_folder_is_not_left_behind(tmp_path: Path) -> None:
    store = FolderObjects(tmp_path / "objects")
    await store.put("a/b/c", b"x")
    await store.put("a/d", b"x")

    await store.delete(["a/b/c"])
    assert [tmp_path / "objects/a/d"] == [*(tmp_path / "objects/a").iterdir()]

    await store.delete(["a/d"])
    assert [] == [*(tmp_path / "objects").iterdir()]


async def test_what_was_cut_off_while_it_was_written_is_no_object(tmp_path: Path) -> None:
    store = FolderObjects(tmp_path / "objects")
    await store.put("a/b", b"x")
    (tmp_path / "objects/a/.new-left").write_bytes(b"half")

    assert ["a/b"] == await store.names("a/")


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file, where the folder would be")
    store = FolderObjects(tmp_path / "objects")

    with pytest.raises(Unavailable):
        await store.put("a/b", b"x")


async def test_putting_and_deleting_beside_each_other_lose_nothing(tmp_path: Path) -> None:
    store = FolderObjects(tmp_path / "objects")

    async def come_and_go(number: int) -> None:
        for _ in range(20):
            await store.put(f"a/b/{number}", b"x")
            await store.delete([f"a/b/{number}"])
        await store.put(f"a/b/{number}", b"x")

    await asyncio.gather(*map(come_and_go, range(4)))

    assert [f"a/b/{number}" for number in range(4)] == await store.names("")


# --- A bucket


async def test_a_bucket_that_does_not_answer_is_unavailable() -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = S3Objects(bucket_of(f"s3+http://KEY@127.0.0.1:{port}/files", SECRET))

    with pytest.raises(Unavailable):
        await store.get("a/b")
    store.close()


async def test_a_bucket_that_is_not_there_is_unavailable_and_no_missing_object(
    s3_server: str,
) -> None:
    store = S3Objects(bucket_of(f"s3+http://KEY@{s3_server}/nowhere", SECRET))

    with pytest.raises(Unavailable):
        await store.get("a/b")
    with pytest.raises(Unavailable):
        await store.put("a/b", b"x")
    store.close()


def test_a_url_says_where_the_bucket_is() -> None:
    bucket = bucket_of("s3://K%2BEY@s3.example.org:9000/files/school?region=eu-central-1", SECRET)

    assert "https://s3.example.org:9000" == bucket.endpoint
    assert ("files", "school/", "eu-central-1") == (bucket.name, bucket.prefix, bucket.region)
    assert ("K+EY", SECRET) == (bucket.key, bucket.secret)
    assert SECRET not in repr(bucket)


# --- The setting


def installation(folder: Path, **environ: str) -> Installation:
    return Installation(read_settings(environ), folder, SECRETS, "")


def test_without_a_setting_it_is_a_folder_in_the_data_directory(tmp_path: Path) -> None:
    with object_store(installation(tmp_path)) as store:
        assert FolderObjects(tmp_path / "objects") == store


def test_a_folder_may_lie_elsewhere(tmp_path: Path) -> None:
    given = {"FARADAY_OBJECT_STORE_URL": f"file://{tmp_path}/a%20b"}

    with object_store(installation(tmp_path, **given)) as store:
        assert FolderObjects(tmp_path / "a b") == store


async def test_a_bucket_is_chosen_by_its_url(tmp_path: Path, s3_server: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    given = {
        "FARADAY_OBJECT_STORE_URL": f"s3+http://KEY@{s3_server}/files/{uuid7()}",
        "FARADAY_OBJECT_STORE_SECRET_FILE": str(secret),
    }

    with object_store(installation(tmp_path, **given)) as store:
        await store.put("a/b", b"x")
        assert b"x" == await store.get("a/b")


def test_a_key_without_its_secret_does_not_start(tmp_path: Path) -> None:
    given = {"FARADAY_OBJECT_STORE_URL": "s3://KEY@s3.example.org/files"}

    with pytest.raises(CannotStart, match="FARADAY_OBJECT_STORE_SECRET"), ExitStack() as stack:
        stack.enter_context(object_store(installation(tmp_path, **given)))


@pytest.mark.parametrize(
    "url",
    ["objects", "http://s3.example.org/files", "s3://KEY@s3.example.org", "s3:///files",
     "file:here", "file://host/there", "s3://KEY:secret@s3.example.org/files",
     "s3://s3.example.org:99999/files"],
)  # fmt: skip
def test_what_is_no_object_store_stops_the_start(url: str) -> None:
    with pytest.raises(WrongSetting, match="FARADAY_OBJECT_STORE_URL"):
        read_settings({"FARADAY_OBJECT_STORE_URL": url})


async def test_a_file_is_put_and_got_as_a_whole(store: ObjectStore, tmp_path: Path) -> None:
    given, got = tmp_path / "given", tmp_path / "got"
    content = bytes(range(256)) * 40_000  # in several parts, where there are such
    given.write_bytes(content)
    await store.put_file("a/b", given)
    given.write_bytes(b"another by now")
    await store.get_file("a/b", got)

    assert content == got.read_bytes() == await store.get("a/b")
    with pytest.raises(NotFound):
        await store.get_file("a/c", got)
    for name in ("../b", "/etc/passwd"):
        with pytest.raises(ValueError, match="no name"):
            await store.put_file(name, given)
