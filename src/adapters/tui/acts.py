"""What can be done for a person: the question that is asked in words, and the act."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from attrs import frozen

from adapters.tui.desk import SupportDesk
from adapters.tui.seen import Person, Place, RoleHeld

# All but platform_admin, whom the command line makes.
ROLES: Final = ("student", "guardian", "teacher", "department_head", "support", "org_admin")


@frozen
class Act:
    """`done`: what is told afterwards."""

    question: str
    do: Callable[[SupportDesk], Awaitable[None]]
    done: str


def unlock(person: Person) -> Act:
    return Act(
        f"Unlock {person.full_name}, so that they can try to sign in again?",
        lambda desk: desk.unlock(person.id),
        "Unlocked. They can sign in again.",
    )


def end_session(person: Person, session_id: str, device: object) -> Act:
    return Act(
        f"Sign {person.full_name} out on this device: {device}?",
        lambda desk: desk.end_session(person.id, session_id),
        "The session is ended.",
    )


def end_sessions(person: Person) -> Act:
    return Act(
        f"Sign {person.full_name} out everywhere?",
        lambda desk: desk.end_sessions(person.id),
        "They are signed out everywhere.",
    )


def send_reset(person: Person) -> Act:
    return Act(
        f"Mail {person.full_name} a link to set a new password by?",
        lambda desk: desk.send_reset(person.id),
        "The mail is on its way.",
    )


def resend_invitation(person: Person) -> Act:
    return Act(
        f"Mail {person.full_name} their invitation once more?",
        lambda desk: desk.resend_invitation(person.id),
        "The invitation is on its way.",
    )


def rename(person: Person, full_name: str) -> Act:
    return Act(
        f"Correct the name {person.full_name} to {full_name}?",
        lambda desk: desk.rename(person.id, full_name),
        "The name is corrected.",
    )


def hold_fields(person: Person, fields: Sequence[str]) -> Act:
    name = person.full_name
    return Act(
        f"Have imports leave these of {name} as they are: {', '.join(fields)}; and no others?"
        if fields
        else f"Let imports change whatever they say of {name} again?",
        lambda desk: desk.hold_fields(person.id, fields),
        "The next import goes by it.",
    )


def give_role(person: Person, role: str, place: Place) -> Act:
    return Act(
        f"Give {person.full_name} the role {role} at {place.name}, and so for all below it?",
        lambda desk: desk.give_role(person.id, role, place),
        "They hold the role now.",
    )


def end_role(person: Person, held: RoleHeld, at: object) -> Act:
    return Act(
        f"Take the role {held.role} at {at} from {person.full_name}?",
        lambda desk: desk.end_role(person.id, held),
        "They do not hold the role any more.",
    )


ActOn = Callable[[Person], Act]
