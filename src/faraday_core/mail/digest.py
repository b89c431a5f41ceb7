"""Several mails as one, for a reader who has waited for them."""

from collections.abc import Iterable, Sequence

from faraday_core.mail.model import Mail, MailKind, QueuedMail

Waited = tuple[QueuedMail, Mail]

# Whoever is invited looks for that very mail, and for the one token in it.
_ALONE = frozenset({MailKind.ACCOUNT, MailKind.INVITATION})


def gathered(waited: Iterable[Waited]) -> Sequence[Sequence[Waited]]:
    """Those that go out as one, in the order in which they came: to one address of a reader."""
    groups: dict[object, list[Waited]] = {}
    for queued, mail in waited:
        alone = queued.kind in _ALONE
        groups.setdefault(queued.id if alone else (queued.user_id, mail.to), []).append(
            (queued, mail)
        )
    return [*groups.values()]


def as_one(mails: Sequence[Mail]) -> Mail:
    """All of them, each below its subject."""
    parts = [
        f"{mail.subject}\n{'=' * len(mail.subject)}\n\n{mail.text.strip()}\n" for mail in mails
    ]
    return Mail(mails[0].to, f"{len(mails)} messages for you", "\n\n".join(parts))
