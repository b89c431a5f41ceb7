"""How dates, numbers and amounts are written in somebody's language."""

from faraday_core.preferences.ports import Formats


def formats() -> Formats:
    """By Babel, where it is installed."""
    try:
        from adapters.formatting.babel_formats import BabelFormats  # noqa: PLC0415 -- as the next says
    except ImportError:  # a library user may not have it
        from adapters.formatting.absent import NoFormats  # noqa: PLC0415 -- as the last said

        return NoFormats()
    return BabelFormats()
