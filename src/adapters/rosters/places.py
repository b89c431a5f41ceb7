"""Where files are: in a folder, in a zip, or alone. Nothing that leads out of there is read."""

import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final

from attrs import frozen

from faraday_core.roster.reading import UnreadableSource

MOST_FILES: Final = 1000
MOST_UNPACKED: Final = 4 << 30  # bytes
_LONGEST_DIRECTORY: Final = MOST_FILES * 1024  # bytes that a zip takes to name its files
_ZIP: Final = b"PK\x03\x04"
_END_OF_ZIP: Final = b"PK\x05\x06"
_END_READ: Final = 65_557  # bytes: the end's record with the longest remark
_ENCRYPTED: Final = 1
_DRIVE: Final = re.compile("[A-Za-z]:")


@frozen
class Entry:
    """A file. `name`: inside of the folder or zip."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]

    @property
    def plain_name(self) -> str:
        return PurePosixPath(self.name).name.lower()


def entries_of(path: Path) -> Sequence[Entry]:
    """All files that a source has, safe to be opened. Raises UnreadableSource."""
    with readable(path.name):
        if path.is_dir():
            return _in_folder(path)
        if not path.is_file():
            raise UnreadableSource(f"There is no file or folder {path.name}")
        if is_zip(path) and not is_workbook(path):
            return _in_zip(path)
        return [Entry(path.name, path.stat().st_size, lambda: path.open("rb"))]


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Says what hindered the reading. Raises UnreadableSource."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UnreadableSource(f"{name} is damaged, or no zip that can be read") from error
    except OSError as error:
        raise UnreadableSource(f"{name} cannot be read: {error.strerror or 'an error'}") from error


def is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_ZIP)) in {_ZIP, _END_OF_ZIP}


def is_workbook(path: Path) -> bool:
    """Whether it is a spreadsheet's file, which is a zip too."""
    _check_directory(path)
    with zipfile.ZipFile(path) as packed:
        return any(name.startswith("xl/workbook.") for name in packed.namelist())


def unpacked_size(path: Path | IO[bytes]) -> int:
    with zipfile.ZipFile(path) as packed:
        return sum(entry.file_size for entry in packed.infolist())


def _in_folder(folder: Path) -> Sequence[Entry]:
    entries = []
    home = folder.resolve()
    for path in sorted(folder.iterdir()):
        if path.is_symlink() and not path.resolve().is_relative_to(home):
            raise UnreadableSource(f"{path.name} is a link that leads out of the folder")
        if path.is_file() and not path.name.startswith("."):
            entries.append(Entry(path.name, path.stat().st_size, _opening(path)))
        if len(entries) > MOST_FILES:
            raise UnreadableSource(f"The folder holds more than {MOST_FILES} files")
    if sum(entry.size for entry in entries) > MOST_UNPACKED:
        raise UnreadableSource(f"The folder holds more than {MOST_UNPACKED >> 30} GiB")
    return entries


def _opening(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _in_zip(path: Path) -> Sequence[Entry]:
    _check_directory(path)
    with zipfile.ZipFile(path) as packed:
        listed = [entry for entry in packed.infolist() if not entry.is_dir()]
    if len(listed) > MOST_FILES:
        raise UnreadableSource(f"The zip holds more than {MOST_FILES} files")
    for entry in listed:
        _check(entry)
    if sum(entry.file_size for entry in listed) > MOST_UNPACKED:
        raise UnreadableSource(f"The zip would unpack to more than {MOST_UNPACKED >> 30} GiB")
    return [
        Entry(entry.filename, entry.file_size, _unpacking(path, entry))
        for entry in sorted(listed, key=lambda entry: entry.filename)
        if not _is_system(entry.filename)
    ]


def _check_directory(path: Path) -> None:
    """Before a zip's list of files is read: a list of millions would eat the memory."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_READ))
        end = file.read()
    at = end.rfind(_END_OF_ZIP)
    if at < 0:
        raise zipfile.BadZipFile
    if int.from_bytes(end[at + 12 : at + 16], "little") > _LONGEST_DIRECTORY:
        raise UnreadableSource(f"The zip holds more than {MOST_FILES} files")


def _check(entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.orig_filename.replace("\\", "/"))
    shown = path.name or "A file"
    if ".." in path.parts or path.is_absolute() or _DRIVE.match(str(path)):
        raise UnreadableSource(f"{shown}: its path in the zip leads out of it")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UnreadableSource(f"{shown} is a link; a zip of files is expected")
    if entry.flag_bits & _ENCRYPTED:
        raise UnreadableSource(f"{shown} is encrypted; a zip without a password is expected")
    if path.suffix.lower() in {".zip", ".7z", ".gz", ".rar"}:
        raise UnreadableSource(f"{shown} is an archive within the zip; CSV files are expected")


def _is_system(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name.startswith(".") or path.parts[0] == "__MACOSX"


def _unpacking(path: Path, entry: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        packed = zipfile.ZipFile(path)
        try:
            return packed.open(entry)
        finally:
            packed.close()  # the member keeps the file until it is closed itself

    return opened
