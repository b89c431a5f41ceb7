"""What a deployment plugs in to reach people by `push` or `sms`: a package of its own, which names
a factory as an entry point.

    [project.entry-points."faraday.senders"]
    sms = "our_school.sms:make_sender"

The factory takes nothing and answers a `Sender`; its settings are its own to read.
"""

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from adapters.installation import CannotStart
from faraday_core.notifications.planning import PLUGGED
from faraday_core.notifications.ports import Sender
from faraday_core.preferences.quiet_hours import Channel

GROUP: Final = "faraday.senders"


def senders() -> Mapping[Channel, Sender]:
    """Raises CannotStart."""
    return dict(map(_plugged, entry_points(group=GROUP)))


def _plugged(entry: EntryPoint) -> tuple[Channel, Sender]:
    if entry.name not in PLUGGED:
        names = " and ".join(PLUGGED)
        raise CannotStart(f"{entry.value} sends by {entry.name!r}: only {names} are plugged in.")
    try:
        made: Sender = entry.load()()
    except Exception as error:  # whatever is wrong with it is for its operator to read
        raise CannotStart(
            f"{entry.value}, which sends by {entry.name}, fails: {error}."
        ) from error
    return Channel(entry.name), made
