"""Sets that a school's system leaves, in a folder or on an SFTP server, are taken from there."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest
from attrs import frozen

from adapters.installation import CannotStart
from adapters.roster_drops.folder import FolderDrop
from adapters.roster_drops.sftp import SftpDrop, SftpServer, sftp_server
from adapters.roster_drops.watching import Watch, drop_of, drop_timers
from adapters.settings import WrongSetting, read_settings
from faraday_core.kernel.actor import NOBODY, WORKER, Role
from faraday_core.kernel.errors import Forbidden, Unavailable
from faraday_core.kernel.paging import PageRequest
from faraday_core.people.model import UserFilter
from faraday_core.roster.drops import Drop
from faraday_core.roster.reading import Format
from faraday_core.roster.requests import ImportRequest
from faraday_core.roster.runs import Mode
from tests.roster_sets import folder_of, school, zip_of
from tests.world import OPERATOR, World

PASSWORD = "Tall-Ships-1897"


@frozen
class Sftp:
    port: int
    host_key: str
    folder: Path
    user_key: Path

    def server(self, **more: object) -> SftpServer:
        url = f"sftp://school@127.0.0.1:{self.port}/in"
        given = {"host_key": self.host_key, "key": self.user_key} | more
        return sftp_server(url, **given)  # type: ignore[arg-type]  # by name


class _School(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("school", PASSWORD)


@asynccontextmanager
async def sftp_serving(folder: Path) -> AsyncIterator[Sftp]:
    """A real server, which shows `folder` as its whole file system."""
    (folder / "root" / "in").mkdir(parents=True)
    host, user = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    user.write_private_key(str(folder / "key"))
    user.write_public_key(str(folder / "key.pub"))
    root = str(folder / "root").encode()
    listener = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=_School,
        server_host_keys=[host],
        authorized_client_keys=str(folder / "key.pub"),
        sftp_factory=lambda connection: asyncssh.SFTPServer(connection, chroot=root),
    )
    public = host.export_public_key().decode().strip()
    async with listener:
        yield Sftp(listener.get_port(), public, folder / "root" / "in", folder / "key")


def watch(world: World, drop: Drop, mode: Mode = Mode.STRICT) -> Watch:
    request = ImportRequest(world.places["north"], Format.ONEROSTER, "drop", mode)
    return Watch(world.app, drop, request, settled_after=0)


async def pupils(world: World) -> int:
    wanted = UserFilter(world.places["north"], source_system="oneroster")
    return len((await world.app.users.list(OPERATOR, wanted, PageRequest(100))).items)


@pytest.fixture(params=["folder", "sftp"])
async def place(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[Path, Drop]]:
    """Where a school lays its sets, and how the product sees that."""
    if request.param == "folder":
        (tmp_path / "in").mkdir()
        yield tmp_path / "in", FolderDrop(tmp_path / "in")
    else:
        async with sftp_serving(tmp_path) as sftp:
            yield sftp.folder, SftpDrop(sftp.server())


async def test_sets_are_taken_and_filed_away_with_a_report(
    world: World, place: tuple[Path, Drop]
) -> None:
    folder, drop = place
    folder_of(school(3), folder / "monday")
    zip_of(school(4), folder / "tuesday.zip")
    (folder / "notes.pdf").write_bytes(b"of no interest")
    taken = await watch(world, drop).look(WORKER)

    assert [("monday", None, 0), ("tuesday.zip", None, 0)] == [
        (one.name, one.problem, one.refused) for one in taken
    ]
    assert 5 == await pupils(world)
    assert {"notes.pdf", "done"} == {path.name for path in folder.iterdir()}
    kept = sorted(path.name.partition("-")[2] for path in (folder / "done").iterdir())
    assert ["monday", "monday.html", "tuesday.zip", "tuesday.zip.html"] == kept
    assert () == await watch(world, drop).look(WORKER)
    assert [] == world.mailer.sent


async def test_an_administrator_is_mailed_where_rows_were_refused_or_nothing_was_taken(
    world: World, place: tuple[Path, Drop]
) -> None:
    folder, drop = place
    admin = await world.person(Role.ORG_ADMIN, "north")
    await world.settle()
    before = len(world.mailer.sent)
    folder_of(school(3, wrong=2), folder / "strict")
    (strict,) = await watch(world, drop).look(WORKER)
    folder_of(school(3, wrong=2), folder / "tolerant")
    (tolerant,) = await watch(world, drop, Mode.TOLERANT).look(WORKER)
    (folder / "broken.zip").write_bytes(
        zip_of(school(3), folder.parent / "x.zip").read_bytes()[:400]
    )
    (broken,) = await watch(world, drop).look(WORKER)
    await world.settle()

    assert (True, False, True) == tuple(bool(o.problem) for o in (strict, tolerant, broken))
    mails = world.mailer.sent[before:]
    assert 3 * [admin.email] == [mail.to for mail in mails]
    assert ["not imported", "refused rows", "not imported"] == [
        next(part for part in ("not imported", "refused rows") if part in mail.subject)
        for mail in mails
    ]
    assert not any("Wanda" in mail.text for mail in mails)
    filed = {where: sorted(path.suffix for path in (folder / where).iterdir() if path.is_file())
             for where in ("done", "failed")}  # fmt: skip
    assert {"done": [".html"], "failed": [".html", ".txt", ".zip"]} == filed


async def test_what_is_still_being_written_is_left_for_later(
    world: World, place: tuple[Path, Drop]
) -> None:
    folder, drop = place
    path = folder_of(school(3), folder / "set")
    seen = {one.name: one.state for one in await drop.waiting()}
    (path / "users.csv").write_text(school(4)["users.csv"])
    request = watch(world, drop).request
    take = world.app.roster_drops.take
    first = await take(WORKER, drop, request, lambda _: b"", seen)
    assert ((), True) == (first.taken, "set" in first.seen)

    second = await take(WORKER, drop, request, lambda _: b"", first.seen)
    assert ["set"] == [one.name for one in second.taken]
    with pytest.raises(Forbidden):
        await take(NOBODY, drop, request, lambda _: b"", {})


async def test_a_link_in_a_folder_leads_nowhere(world: World, place: tuple[Path, Drop]) -> None:
    folder, drop = place
    outside = folder_of(school(3), folder.parent / "outside")
    os.symlink(outside, folder / "link")
    os.symlink(outside / "users.csv", folder / "users.csv")

    assert [] == [*await drop.waiting()]


# A server


async def test_a_server_with_another_key_is_told_nothing(tmp_path: Path) -> None:
    async with sftp_serving(tmp_path) as sftp:
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
        with pytest.raises(Unavailable, match="another key"):
            await SftpDrop(sftp.server(host_key=other)).waiting()
        by_password = sftp.server(key=None, password=PASSWORD)
        assert [] == [*await SftpDrop(by_password).waiting()]
        for wrong in (sftp.server(key=None), sftp.server(key=None, password="wrong")):
            with pytest.raises(Unavailable):
                await SftpDrop(wrong).waiting()
        assert PASSWORD not in repr(by_password)
    with pytest.raises(Unavailable):
        await SftpDrop(sftp.server()).waiting()  # it is gone


async def test_the_server_of_the_product_takes_from_the_place_that_is_set(
    world: World, tmp_path: Path
) -> None:
    folder_of(school(3), tmp_path / "in" / "set")
    settings = read_settings(
        {
            "FARADAY_ROSTER_DROP": f"file://{tmp_path}/in",
            "FARADAY_ROSTER_DROP_ORGANIZATION": world.places["north"],
        }
    )
    (timer,) = drop_timers(world.app, settings)
    assert ("take rosters", 300.0) == (timer.name, timer.every)
    assert [] == drop_timers(world.app, read_settings({}))
    for missing in ({}, {"FARADAY_ROSTER_DROP_ORGANIZATION": "x"}):
        server = {"FARADAY_ROSTER_DROP": "sftp://a@b.example/c"} | missing
        with pytest.raises(CannotStart):
            drop_timers(world.app, read_settings(server))
    assert isinstance(drop_of(settings), FolderDrop)


@pytest.mark.parametrize("url", ["ftp://a@b/c", "sftp://b/c", "sftp://a:secret@b/c", "file:in"])
def test_a_place_that_is_none_is_refused_without_showing_a_secret(url: str) -> None:
    with pytest.raises(WrongSetting) as refusal:
        read_settings({"FARADAY_ROSTER_DROP": url})

    assert "secret@" not in str(refusal.value)
