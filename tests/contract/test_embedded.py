"""The PostgreSQL that is brought along, on folders of all kinds and through all kinds of ends."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.persistence.embedded import EmbeddedFailed, program, start
from adapters.persistence.embedded.cluster import LONGEST_SOCKET, cluster_in, first_fault
from adapters.persistence.embedded.keeper import GRACE, left_running, shared_of
from tests.waiting import wait_until

AS_ROOT = os.geteuid() == 0
USE = """
import os, sys
from pathlib import Path
from adapters.persistence.embedded import EmbeddedFailed, start
folder, kind, *uid = sys.argv[1:]
if uid:
    os.setuid(int(*uid))  # only now, since this user may not even get at the modules
try:
    used = start(Path(folder), durable=kind == "durable")
except EmbeddedFailed as failed:
    sys.exit(f"EmbeddedFailed: {failed}")
print(used.url, flush=True)
sys.stdin.read()
"""
ENDS_WITHIN = 20  # seconds


@contextmanager
def using(
    data_dir: Path,
    kind: str = "fast",
    uid: int | None = None,
    *,
    packages: Path | None = None,
    through: Sequence[str] = (),
) -> Iterator["subprocess.Popen[str]"]:
    """A process that uses the PostgreSQL of this folder until its input ends.

    `packages`: where it finds some before all others. `through`: a command that runs it.
    """
    given = [str(data_dir), kind, *([] if uid is None else [str(uid)])]
    process = subprocess.Popen(
        [*through, sys.executable, "-c", USE, *given],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": ":".join([*map(str, [packages] if packages else []), *sys.path])},
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def url_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def pid_file(data_dir: Path) -> Path:
    return cluster_in(data_dir).pid_file


def postgres_pid(data_dir: Path) -> int:
    return int(pid_file(data_dir).read_text().split()[0])


def keeper_pid(data_dir: Path) -> int:
    """The parent of PostgreSQL: the name of a program, which may have blanks, is in brackets."""
    line = Path(f"/proc/{postgres_pid(data_dir)}/stat").read_text()
    return int(line.rpartition(")")[2].split()[1])


def lives(pid: int) -> bool:
    """A zombie, whom nobody has waited for yet, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for_death(pid: int) -> None:
    wait_until(lambda: not lives(pid))


def wait_for_its_end(data_dir: Path, pid: int) -> None:
    wait_until(lambda: not lives(pid), seconds=ENDS_WITHIN)
    wait_until(lambda: not pid_file(data_dir).exists(), seconds=2)


def execute(url: str, statement: str) -> list[Any]:  # rows, of whatever columns
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def answers(url: str) -> bool:
    with suppress(psycopg.OperationalError):
        return [(1,)] == execute(url, "select 1")
    return False


def test_it_starts_is_shared_and_ends_with_its_last_user(data_dir: Path) -> None:
    first = start(data_dir, durable=False)
    pid = postgres_pid(data_dir)
    with using(data_dir) as process:
        second = url_of(process)
        assert first.url == second
        assert pid == postgres_pid(data_dir)

        first.release()
        execute(second, "create table kept (name text)")
        with pytest.raises(TimeoutError):  # the keeper's grace is a second
            wait_until(lambda: not lives(pid), seconds=2.5)

    wait_for_its_end(data_dir, pid)

    again = start(data_dir, durable=False)
    assert [(0,)] == execute(again.url, "select count(*) from kept")
    again_pid = postgres_pid(data_dir)
    again.release()
    wait_for_its_end(data_dir, again_pid)


@pytest.mark.parametrize(("there", "shared"), [(900, 128), (4_096, 256), (65_536, 512)])
def test_it_shares_a_part_of_the_memory_that_is_there(there: int, shared: int) -> None:
    assert shared == shared_of(there)


def test_what_was_committed_outlives_whoever_is_killed(data_dir: Path) -> None:
    """In turn: the process that uses it, PostgreSQL itself, its keeper."""
    with using(data_dir, "durable") as process:
        execute(url_of(process), "create table kept (name text)")
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    for name, victim in (("user", None), ("postgres", postgres_pid), ("keeper", keeper_pid)):
        used = start(data_dir)
        pid = postgres_pid(data_dir)
        execute(used.url, f"insert into kept values ('{name}')")  # noqa: S608 -- ours
        if victim:
            os.kill(victim(data_dir), signal.SIGKILL)
        used.release()
        if victim is postgres_pid:
            wait_for_death(pid)

    last = start(data_dir)
    pid = postgres_pid(data_dir)
    assert [("user",), ("postgres",), ("keeper",)] == execute(last.url, "select * from kept")
    last.release()
    wait_for_its_end(data_dir, pid)


def test_who_comes_while_a_keeper_waits_for_others_finds_postgresql_even_if_it_was_killed(
    data_dir: Path,
) -> None:
    used = start(data_dir, durable=False)
    os.kill(postgres_pid(data_dir), signal.SIGKILL)
    used.release()
    time.sleep(GRACE / 2)  # nothing shows that the keeper has seen the last one go

    again = start(data_dir, durable=False)

    pid = postgres_pid(data_dir)
    assert [(1,)] == execute(again.url, "select 1")
    again.release()
    wait_for_its_end(data_dir, pid)


def test_two_that_start_at_once_share_one(data_dir: Path) -> None:
    with using(data_dir) as one, using(data_dir) as other:
        urls = {url_of(one), url_of(other)}
        pid = postgres_pid(data_dir)
        assert 1 == len(urls)
        assert [(1,)] == execute(urls.pop(), "select 1")
    wait_for_its_end(data_dir, pid)


def test_threads_of_one_process_share_one(data_dir: Path) -> None:
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(start(data_dir, durable=False)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    pid = postgres_pid(data_dir)

    assert 3 == len(found)
    assert 1 == len({used.url for used in found})
    for used in found:
        used.release()
    wait_for_its_end(data_dir, pid)


def test_the_data_of_another_major_version_is_left_alone(data_dir: Path) -> None:
    data = cluster_in(data_dir).data
    data.mkdir()
    (data / "PG_VERSION").write_text("14\n")

    with pytest.raises(EmbeddedFailed, match="PostgreSQL 14") as caught:
        start(data_dir)

    assert "\n" not in str(caught.value)
    assert ["PG_VERSION"] == [file.name for file in data.iterdir()]


def test_what_is_no_postgresqls_folder_is_told(data_dir: Path) -> None:
    cluster_in(data_dir).data.mkdir()

    with pytest.raises(EmbeddedFailed, match="is damaged"):
        start(data_dir)


def test_a_folder_that_cannot_be_written_is_told_in_one_line(data_dir: Path) -> None:
    data_dir.chmod(0o555)
    other = pwd.getpwnam("nobody").pw_uid if AS_ROOT else None

    with using(data_dir, uid=other) as process:
        _, told = process.communicate(timeout=30)

    assert 1 == process.returncode
    assert told.startswith("EmbeddedFailed: ")
    assert 1 == told.count("\n")


def test_a_half_made_database_is_made_anew(data_dir: Path) -> None:
    unfinished = cluster_in(data_dir).folder / "data.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("half a ver")

    used = start(data_dir, durable=False)

    pid = postgres_pid(data_dir)
    assert [(1,)] == execute(used.url, "select 1")
    assert not unfinished.exists()
    used.release()
    wait_for_its_end(data_dir, pid)


def test_a_folder_that_its_user_cannot_pass_serves_and_keeps_its_mode(data_dir: Path) -> None:
    data_dir.chmod(0o700)

    used = start(data_dir, durable=False)

    cluster = cluster_in(data_dir)
    pid = postgres_pid(data_dir)
    assert [(1,)] == execute(used.url, "select 1")
    assert 0o700 == stat.S_IMODE(data_dir.stat().st_mode)
    assert os.geteuid() == data_dir.stat().st_uid
    used.release()
    wait_for_its_end(data_dir, pid)
    if not cluster.folder.is_relative_to(data_dir):
        shutil.rmtree(cluster.folder)


def test_a_path_longer_than_a_sockets_may_be_serves(data_dir: Path) -> None:
    folder = data_dir
    while len(os.fsencode(folder)) <= LONGEST_SOCKET:
        folder /= "a rather long name, with a comma"
    folder.mkdir(parents=True)

    used = start(folder, durable=False)

    pid = postgres_pid(folder)
    assert [(1,)] == execute(used.url, "select 1")
    sockets = cluster_in(folder).sockets
    assert 0o700 == stat.S_IMODE(sockets.stat().st_mode)
    used.release()
    wait_for_its_end(folder, pid)
    wait_until(lambda: not sockets.exists(), seconds=2)


def test_killed_in_mid_run_it_comes_back_under_those_who_use_it(data_dir: Path) -> None:
    used = start(data_dir)
    execute(used.url, "create table kept as select 7 as number")
    killed = postgres_pid(data_dir)

    os.kill(killed, signal.SIGKILL)

    wait_until(lambda: answers(used.url), seconds=ENDS_WITHIN)
    pid = postgres_pid(data_dir)
    assert killed != pid
    assert [(7,)] == execute(used.url, "select number from kept")
    used.release()
    wait_for_its_end(data_dir, pid)


def test_it_ends_with_its_last_user_also_where_its_keeper_was_killed(data_dir: Path) -> None:
    used = start(data_dir, durable=False)
    pid = postgres_pid(data_dir)

    os.kill(keeper_pid(data_dir), signal.SIGKILL)
    wait_until(lambda: keeper_pid(data_dir) in {1, os.getpid()} or not lives(keeper_pid(data_dir)))
    used.release()

    wait_for_its_end(data_dir, pid)


def test_it_ends_also_where_its_folder_was_removed(data_dir: Path) -> None:
    used = start(data_dir, durable=False)
    pid = postgres_pid(data_dir)

    shutil.rmtree(cluster_in(data_dir).folder)
    used.release()

    wait_until(lambda: not lives(pid), seconds=ENDS_WITHIN)


def test_a_number_that_is_another_programs_by_now_is_not_taken_for_it(data_dir: Path) -> None:
    cluster = cluster_in(data_dir)
    cluster.data.mkdir()
    cluster.pid_file.write_text(f"{os.getpid()}\n{cluster.data}\n")

    assert left_running(cluster.folder) is None


def test_a_disk_that_is_full_is_told_in_one_line(data_dir: Path) -> None:
    """As it is where no file may grow."""
    no_room = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh")

    with using(data_dir, through=no_room) as process:
        _, told = process.communicate(timeout=30)

    assert 1 == process.returncode
    assert told.startswith("EmbeddedFailed: No database could be made in ")
    assert 1 == told.count("\n")


def test_the_reason_that_is_told_is_the_first_and_not_what_came_of_it() -> None:
    said = """\
2026-11-24 17:46:00.083 UTC [15549] FATAL:  could not extend file: No space left on device
2026-11-24 17:46:00.083 UTC [15549] HINT:  Check free disk space.
2026-11-24 17:46:00.084 UTC [15549] PANIC:  cannot abort transaction 1
child process exited with exit code 134
initdb: removing data directory "/var/lib/faraday"
"""

    assert "could not extend file: No space left on device" == first_fault(said)
    assert "is not empty" == first_fault("initdb: warning\ninitdb: error: is not empty\n")


def test_root_may_come_to_what_another_user_made(data_dir: Path) -> None:
    used = start(data_dir, durable=False)
    pid = postgres_pid(data_dir)
    used.release()
    wait_for_its_end(data_dir, pid)
    folder = cluster_in(data_dir).folder
    owner = pwd.getpwnam("daemon").pw_uid if AS_ROOT else os.geteuid()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, -1)

    used = start(data_dir, durable=False)

    pid = postgres_pid(data_dir)
    assert [(1,)] == execute(used.url, "select 1")
    assert {owner} == {path.stat().st_uid for path in folder.rglob("*")}
    used.release()
    wait_for_its_end(data_dir, pid)


def test_programs_that_its_user_cannot_read_are_copied(data_dir: Path) -> None:
    hidden, package = data_dir / "hidden", program("postgres").parents[2]
    for part in package.parent.glob(f"{package.name}*"):
        shutil.copytree(part, hidden / part.name, symlinks=True)
    hidden.chmod(0o700)

    with using(data_dir, packages=hidden) as process:
        url = url_of(process)
        pid = postgres_pid(data_dir)
        assert [(1,)] == execute(url, "select 1")

    copies = [*cluster_in(data_dir).folder.glob("programs-*")]
    assert (1 if AS_ROOT else 0) == len(copies)
    wait_for_its_end(data_dir, pid)


def test_a_database_elsewhere_that_is_gone_is_told_and_not_made_anew(data_dir: Path) -> None:
    (data_dir / "postgres.location").write_text(f"{data_dir}/gone\n")

    with pytest.raises(EmbeddedFailed, match=f"the database is in {data_dir}/gone, .* is gone"):
        start(data_dir)

    assert not (data_dir / "postgres").exists()


@pytest.mark.parametrize("name", ["pg_dump", "pg_restore", "psql", "postgres", "initdb"])
def test_its_programs_are_there(name: str) -> None:
    found = subprocess.run(
        [program(name), "--version"], capture_output=True, check=True, text=True
    )

    assert "18.6" in found.stdout
