"""Sets of files that are drawn by dice: a small district, and one line in ten wrong somehow."""

import random
from collections.abc import Callable, Sequence
from typing import Final

from attrs import frozen

_DAYS: Final = ("", "2026-09-01", "2027-06-30")
_NO_DAY: Final = "2026-02-31"
_SELDOM: Final = 0.1
# How many of each there are; a reference may lead to one more.
_SIZE: Final = {"o": 6, "s": 3, "k": 4, "c": 5, "u": 12, "e": 20}
ADDRESSES: Final = (
    "", "", "", "", "no address",
    "adopted@example.org", "admin@example.org", "elsewhere@example.org", "nobody@example.org",
    *(f"a{n}@example.org" for n in range(12)),
)  # fmt: skip


@frozen
class Drawn:
    """Lines of OneRoster's files, as `imports.HEADINGS` has their columns."""

    dice: random.Random

    def files(self) -> dict[str, Sequence[str]]:
        made: dict[str, Sequence[str]] = {
            "orgs": self._lines("o", self._org),
            "academicSessions": self._lines("s", self._session),
            "courses": self._lines("k", self._course),
            "classes": self._lines("c", self._class),
            "users": self._lines("u", self._user),
            "enrollments": self._lines("e", self._enrollment),
            "demographics": self._lines("u", lambda id: [id, "", self._day()]),
        }
        if self._is(0.3):
            made["roles"] = self._lines("o", self._role)
        if self._is(0.3):
            made["deltas"] = ["users", "roles", "enrollments"]
        return made

    def _lines(self, kind: str, make: Callable[[str], Sequence[str]]) -> list[str]:
        """Some ids left out, one now and then with two contents, one row now and then twice."""
        ids = [f"{kind}{n}" for n in range(_SIZE[kind]) if not self._is(_SELDOM)]
        ids += [self.dice.choice(ids)] if self._is(0.3) else []
        lines = [",".join(f'"{cell}"' if "," in cell else cell for cell in make(id)) for id in ids]
        return [*lines, self.dice.choice(lines)] if self._is(0.3) else lines

    def _is(self, chance: float) -> bool:
        return self.dice.random() < chance

    def _maybe(self, text: str, chance: float = 0.5) -> str:
        return text if self._is(chance) else ""

    def _to(self, kind: str, chance: float = 1) -> str:
        """An id; now and then of nothing that is there."""
        return self._maybe(f"{kind}{self.dice.randrange(_SIZE[kind] + self._is(_SELDOM))}", chance)

    def _two(self, kind: str, chance: float) -> str:
        return ",".join(filter(None, (self._to(kind), self._to(kind, chance))))

    def _word(self, words: Sequence[str], wrong: str = "wizard") -> str:
        return wrong if self._is(_SELDOM / 3) else self.dice.choice(words)

    def _status(self) -> str:
        return self._word(["", "", "", "", "", "active", "tobedeleted", "inactive"])

    def _day(self) -> str:
        return self._word(_DAYS, _NO_DAY)

    def _org(self, id: str) -> Sequence[str]:
        kind = self._word(["school", "district", "department"])
        name = self._maybe(f"Org {id}", 0.95)
        return [id, self._status(), name, kind, self._maybe("X"), self._to("o", 0.6)]

    def _session(self, id: str) -> Sequence[str]:
        title, begins = self._maybe(f"Term {id}", 0.95), self._day() or _DAYS[1]
        return [id, self._status(), title, "term", begins, _DAYS[2], self._to("s", 0.4), "2027"]

    def _course(self, id: str) -> Sequence[str]:
        title, grades = self._maybe(f"Course {id}", 0.95), self._maybe("7,8")
        code, subject = self._maybe("C"), self._maybe("Physics")
        session, at = self._to("s", 0.5), self._to("o", 0.5)
        return [id, self._status(), session, title, code, grades, at, subject]

    def _class(self, id: str) -> Sequence[str]:
        title, course, code = self._maybe(f"Class {id}", 0.95), self._to("k"), self._maybe("A")
        sessions, at, room = self._two("s", 0.5), self._to("o"), self._maybe("Room 1")
        head = [id, self._status(), title, self._maybe("7"), course, code, "scheduled", room]
        return [*head, at, sessions, "", self._maybe("1")]

    def _user(self, id: str) -> Sequence[str]:
        role = self._word(["student", "student", "student", "teacher", "guardian", "aide"])
        given, family = self.dice.choice(["Kim", "Jo", "Ørsted"]), self._maybe("Doe", 0.9)
        email, guardian = self.dice.choice(ADDRESSES), self._to("u", 0.3)
        enabled = self._word(["true", "true", "false", ""])
        head = [id, self._status(), enabled, self._two("o", 0.3), role, self._maybe(id)]
        return [*head, given, family, email, guardian, self._maybe("7")]

    def _role(self, _: str) -> Sequence[str]:
        role = self._word(["student", "teacher"])
        return [self._status(), self._to("u"), role, self._day(), self._day(), self._to("o")]

    def _enrollment(self, id: str) -> Sequence[str]:
        role, primary = (
            self._word(["student", "student", "teacher"]),
            self._word(["true", "false"]),
        )
        days = [self._day(), self._day()]
        return [id, self._status(), self._to("c"), self._to("u"), role, primary, *days]
