"""Language tags (BCP 47, which is RFC 5646 and RFC 4647)."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from attrs import frozen

LONGEST: Final = 35  # characters, which RFC 5646, 4.4.1, has every program hold
LAST_RESORT: Final = "en"  # in which every text is there

# ISO 639-1, and the few that were taken back and are still met.
_ISO_639_1: Final = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da
de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz
ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la
lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj
om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv
sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_TWO_LETTERS: Final = frozenset(_ISO_639_1.split())
# RFC 5646, 2.1. Its languages of four letters are reserved, and of five to eight there is none.
_TAG: Final = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3}){0,3})"
    r"(?P<script>-[a-z]{4})?"
    r"(?P<region>-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)"
    r"(?P<extensions>(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*)"
    r"(?P<private>-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE | re.ASCII,
)


@frozen
class LanguageTag:
    """Well-formed, its language one that there is, none of its subtags twice where that counts."""

    def broken_by(self, value: str) -> tuple[str, str] | None:
        if len(value) > LONGEST:
            return "too_long", f"takes at most {LONGEST} characters"
        return None if _is_tag(value) else ("invalid_value", "is no language tag, as de-AT is one")

    def schema(self) -> Mapping[str, Any]:  # whatever JSON holds
        return {"minLength": 2, "maxLength": LONGEST}


def _is_tag(value: str) -> bool:
    found = _TAG.fullmatch(value)
    if found is None:
        return False
    language = found["language"].lower().split("-")[0]
    if len(language) == 2 and language not in _TWO_LETTERS:  # noqa: PLR2004 -- ISO 639-1
        return False
    variants = found["variants"].lower().split("-")[1:]
    singletons = re.findall(r"-([0-9a-wyz])(?=-)", found["extensions"].lower())
    return len({*variants}) == len(variants) and len({*singletons}) == len(singletons)


def canonical(tag: str) -> str:
    """In the letter case that RFC 5646, 2.1.1, recommends: zh-Hant-TW."""
    parts = tag.split("-")
    written = [parts[0].lower()]
    for before, part in pairwise(parts):
        if len(before) == 1:  # behind a singleton, nothing is a region or a script
            written += [rest.lower() for rest in parts[len(written) :]]
            break
        written.append(_cased(part))
    return "-".join(written)


def _cased(part: str) -> str:
    match len(part), part.isalpha():
        case 2, True:
            return part.upper()
        case 4, True:
            return part.title()
        case _:
            return part.lower()


def fallbacks(tag: str, *others: str) -> tuple[str, ...]:
    """The tag itself, and what it is looked up by in turn where there is no text in it (RFC 4647,
    3.4); then `others`, and last the language in which every text is there."""
    chain: list[str] = []
    for wanted in (tag, *others, LAST_RESORT):
        parts = wanted.split("-")
        while parts:
            chain.append("-".join(parts))
            parts.pop()
            if len(parts) > 1 and len(parts[-1]) == 1:  # a singleton goes with what it opened
                parts.pop()
    return tuple(dict.fromkeys(chain))
