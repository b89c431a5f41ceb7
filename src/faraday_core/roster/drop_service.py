import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

from faraday_core.kernel.access import Action, require_somewhere
from faraday_core.kernel.actor import WORKER, Actor, Role
from faraday_core.kernel.errors import Conflict, FaradayError, Unavailable
from faraday_core.kernel.paging import PageRequest
from faraday_core.mail.mail_service import Outgoing
from faraday_core.mail.model import Mail, MailKind
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.people.model import UserFilter
from faraday_core.people.user_service import UserService
from faraday_core.roster.drops import Drop, Report
from faraday_core.roster.import_ports import ImportsStorage
from faraday_core.roster.import_service import ImportService
from faraday_core.roster.requests import ImportRequest, ImportView
from faraday_core.roster.runs import RunStatus

MOST_TOLD: Final = 20  # administrators

Render = Callable[[ImportView], bytes]


@frozen
class Taken:
    """What became of a set. `view`: None where it could not even be begun. `problem`: why it is
    filed as failed; None where it is done."""

    name: str
    view: ImportView | None
    problem: str | None

    @property
    def refused(self) -> int:
        counts = self.view.counts.values() if self.view else ()
        return sum(kind["refuse"] for kind in counts)


@frozen
class Round:
    """`taken`: in this one. `seen`: what lay there, for the next one: a set is taken when two
    rounds find it alike."""

    taken: tuple[Taken, ...] = ()
    seen: Mapping[str, str] = field(factory=dict)


@frozen
class DropService:
    """Takes sets from where a school's system leaves them, and tells an administrator of what was
    not taken as it should."""

    storage: ImportsStorage
    imports: ImportService
    organizations: OrganizationService
    users: UserService
    outgoing: Outgoing

    async def take(
        self,
        actor: Actor,
        drop: Drop,
        request: ImportRequest,
        render: Render,
        before: Mapping[str, str],
        *,
        accept_large_change: bool = False,
    ) -> Round:
        """Import what has lain there unchanged since the round `before`, one set after the other,
        and file each away. `request`: how; its path is that of nothing yet. `render`: a report.

        Raises Forbidden, Unavailable.
        """
        require_somewhere(actor, Action.RUN_IMPORTS)
        taken, seen = [], {}
        for waiting in await drop.waiting():
            if before.get(waiting.name) != waiting.state:
                seen[waiting.name] = waiting.state
                continue

            async def imported(path: Path) -> ImportView:
                asked = evolve(request, path=str(path))
                return await self.imports.run(
                    actor, asked, accept_large_change=accept_large_change
                )

            one = await self._take(drop, waiting.name, imported, render)
            taken.append(one)
            if one.problem or one.refused:
                await self._tell(request.organization_id, one)
        return Round(tuple(taken), seen)

    async def _take(
        self,
        drop: Drop,
        name: str,
        imported: Callable[[Path], Awaitable[ImportView]],
        render: Render,
    ) -> Taken:
        with tempfile.TemporaryDirectory(prefix="faraday-drop-") as folder:
            try:
                view = await imported(await drop.fetch(name, Path(folder)))
            except Unavailable:
                raise  # it lies there still, and is taken another time
            except FaradayError as error:
                if isinstance(error, Conflict) and error.code == "import_running":
                    raise Unavailable(error.detail, retry_after=60) from error
                await drop.file_away(name, done=False, report=_said(error.detail))
                return Taken(name, None, error.detail)
        problem = str(view.problem["detail"]) if view.problem else None
        done = view.status is RunStatus.APPLIED
        await drop.file_away(name, done=done, report=Report(".html", render(view)))
        return Taken(name, view, None if done else problem or "It was not applied.")

    async def _tell(self, organization_id: str, taken: Taken) -> None:
        """The administrators of the organisation, or else of the tenant that it lies in; when they
        want to hear of it, as their preferences have it."""
        tenant = await self.organizations.tenant_of(WORKER, organization_id)
        for at in dict.fromkeys((organization_id, tenant)):
            wanted = UserFilter(at, Role.ORG_ADMIN)
            found = await self.users.list(WORKER, wanted, PageRequest(MOST_TOLD))
            if found.items:
                break
        for user in found.items:
            if user.email is None:
                continue
            async with self.storage.begin(WORKER, tenant=tenant) as unit:
                mail = _mail_of(taken, user.full_name, user.email)
                await self.outgoing.queue(
                    unit, mail, user_id=user.id, kind=MailKind.IMPORT, by_mail_alone=False
                )


def _said(detail: str) -> Report:
    return Report(".txt", f"{detail}\n".encode())


def _mail_of(taken: Taken, name: str, address: str) -> Mail:
    """Without the rows themselves: they are about people, and a mail is read by others, too."""
    if taken.problem:
        what, subject = "Nothing of it was taken over:", "A roster was not imported"
        said = taken.problem
    else:
        what, subject = "It was taken over, but for some rows:", "A roster has refused rows"
        said = f"{taken.refused} rows were refused."
    lines = [f"Hello {name},", "", "A roster was found at the place that is watched.", what, ""]
    lines += [f"  {said}", ""]
    if taken.view:
        lines += ["Where, what is wrong and what would be right:", ""]
        lines += [f"  faraday import report {taken.view.run_id} --html report.html", ""]
    lines += ["The files lie beside it, in the folder of what is done or has failed.", ""]
    return Mail(to=address, subject=subject, text="\n".join(lines))
