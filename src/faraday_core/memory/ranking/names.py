"""What of their context the memories can be asked for by: the values, by field."""

from collections.abc import Collection, Iterator

from faraday_core.memory.ranking.places import NAMED

Name = tuple[str, str]  # a field, and the terms of a value of it


class Names:
    def __init__(self) -> None:
        self._slots: dict[Name, set[int]] = {}
        self._values: dict[str, int] = {}  # how many different ones a field has
        self._by_first_term: dict[str, set[Name]] = {}

    def put(self, slot: int, names: Collection[Name]) -> None:
        for name in names:
            slots = self._slots.get(name)
            if slots is None:
                slots = self._slots[name] = set()
                self._values[name[0]] = self._values.get(name[0], 0) + 1
                self._by_first_term.setdefault(_first_term(name), set()).add(name)
            slots.add(slot)

    def drop(self, slot: int, names: Collection[Name]) -> None:
        for name in names:
            slots = self._slots[name]
            slots.discard(slot)
            if not slots:
                del self._slots[name]
                self._values[name[0]] -= 1
                first = self._by_first_term[_first_term(name)]
                first.discard(name)
                if not first:
                    del self._by_first_term[_first_term(name)]

    def slots(self, name: Name) -> Collection[int]:
        return self._slots.get(name, ())

    def in_question(self, terms: Collection[str]) -> list[Name]:
        """Those that it names. A field of which it names each value tells nothing apart."""
        named = list(self._occurring(terms))
        count: dict[str, int] = {}
        for field, _ in named:
            count[field] = count.get(field, 0) + 1
        return [name for name in named if count[name[0]] < self._values[name[0]]]

    def _occurring(self, terms: Collection[str]) -> Iterator[Name]:
        """A speaker goes by the first name, all else by the whole."""
        for term in terms:
            for name in self._by_first_term.get(term, ()):
                field, value = name
                if field in NAMED and (field == "speaker" or terms_within(value, terms)):
                    yield name


def terms_within(value: str, terms: Collection[str]) -> bool:
    return all(term in terms for term in value.split(" "))


def _first_term(name: Name) -> str:
    return name[1].split(" ", 1)[0]
