from functools import cache


def is_common(password: str) -> bool:
    """Whether it is one of the 30,000 most used passwords; told in lower case."""
    return password in _common()


@cache
def _common() -> frozenset[str]:
    # Here, since reading the list takes a moment, and not every start needs it.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    return frozenset(FREQUENCY_LISTS["passwords"])
