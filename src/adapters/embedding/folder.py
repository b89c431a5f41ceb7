"""Models in the data folder: which there are, and whether each is what it was when it was made."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from attrs import frozen

FOLDER: Final = "models"
MINILM: Final = "minilm-int8"
STATIC: Final = "minilm-static"
MANIFEST: Final = "manifest.json"
_MOST_OF_A_MANIFEST: Final = 64 << 10  # bytes


class DamagedModel(Exception):
    """One line: which file, and what is wrong with it."""


@frozen
class Model:
    name: str
    folder: Path
    dim: int
    recipe: str  # of which weights it was made, and how: the same on each machine of a school
    files: Mapping[str, str]  # name to SHA-256

    @property
    def fingerprint(self) -> str:
        """Vectors of two models with the same can be compared."""
        return f"{self.name}-{self.recipe}"

    @property
    def size(self) -> int:
        """In bytes."""
        paths = (self.folder / name for name in self.files)
        return sum(path.stat().st_size for path in paths if path.is_file())

    def check(self) -> None:
        """Raises DamagedModel."""
        for name, digest in self.files.items():
            path = self.folder / name
            if not path.is_file():
                raise DamagedModel(f"{path} is missing. `faraday models install` makes it anew.")
            if sha256_of(path) != digest:
                raise DamagedModel(f"{path} is damaged. `faraday models install` makes it anew.")


def installed(data_dir: Path) -> list[Model]:
    """Those whose manifest can be read; whether the files are whole, `check` tells.

    Raises DamagedModel.
    """
    folder = data_dir / FOLDER
    manifests = sorted(folder.glob(f"*/{MANIFEST}")) if folder.is_dir() else []
    return [_read(manifest) for manifest in manifests]


def find(data_dir: Path, name: str) -> Model | None:
    """Raises DamagedModel."""
    manifest = data_dir / FOLDER / name / MANIFEST
    return _read(manifest) if manifest.is_file() else None


def traces_of(data_dir: Path) -> frozenset[tuple[str, int]]:
    """Other ones as soon as a model is installed, or made anew."""
    manifests = (data_dir / FOLDER).glob(f"[!.]*/{MANIFEST}")  # none that is being written
    return frozenset((path.parent.name, path.stat().st_mtime_ns) for path in manifests)


def all_there(data_dir: Path) -> bool:
    return {name for name, _ in traces_of(data_dir)} >= {MINILM, STATIC}


@contextmanager
def writing(data_dir: Path, name: str, dim: int, recipe: str) -> Iterator[Path]:
    """A folder to write a model's files into; it takes its place as a whole or not at all."""
    folder = data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(mkdtemp(prefix=f".{name}-", dir=folder))
    try:
        yield made
        files = {path.name: sha256_of(path) for path in sorted(made.iterdir())}
        told = {"name": name, "dim": dim, "recipe": recipe, "files": files}
        (made / MANIFEST).write_text(json.dumps(told))
        made.chmod(0o755)
        place = folder / name
        if place.exists():
            old = Path(mkdtemp(prefix=f".{name}-old-", dir=folder))
            place.rename(old / name)
            made.rename(place)
            shutil.rmtree(old)
        else:
            made.rename(place)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(manifest: Path) -> Model:
    try:
        with manifest.open("rb") as file:
            told: Mapping[str, Any] = json.loads(file.read(_MOST_OF_A_MANIFEST))
        files = {_plain(name): str(digest) for name, digest in dict(told["files"]).items()}
        name, recipe = _plain(told["name"]), _plain(told["recipe"])
        return Model(name, manifest.parent, int(told["dim"]), recipe, files)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise DamagedModel(
            f"{manifest} cannot be read. `faraday models install` makes it anew."
        ) from error


def _plain(name: object) -> str:
    """A name of a file of that folder, of no other."""
    if not isinstance(name, str) or Path(name).name != name:
        raise ValueError(name)
    return name
