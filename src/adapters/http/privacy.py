from datetime import datetime
from http import HTTPStatus

from attrs import frozen

from adapters.http.downloads import Download
from adapters.http.routes import BASE, Routes, Terms
from faraday_core.identity.model import UserView
from faraday_core.kernel.access import require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.privacy.consent_service import ConsentService
from faraday_core.privacy.erasure_service import ErasureService
from faraday_core.privacy.export_service import ExportService
from faraday_core.privacy.guardian_service import GuardianService
from faraday_core.privacy.model import (
    BirthDateFields,
    ErasureRequest,
    ErasureView,
    Export,
    ExportStatus,
)
from faraday_core.privacy.record_service import RecordService
from faraday_core.records.model import (
    ConsentFields,
    ConsentView,
    DisclosureView,
    GuardianView,
    NewGuardian,
    RectificationView,
)

routes = Routes("privacy")

_EXPORT = BASE + "/users/me/export/{id}"
_EXPORT_OF_CHILD = BASE + "/users/{user_id}/export/{id}"


@frozen
class ExportView:
    """A copy of one's data, or of one's child's; `download_url`: where it is, once it is made."""

    id: str
    status: ExportStatus
    created_at: datetime
    expires_at: datetime
    download_url: str | None


@routes.on(
    "POST /users/me/export",
    Terms(status=HTTPStatus.ACCEPTED, location=_EXPORT, refusals=(HTTPStatus.CONFLICT,)),
)
async def ask_export(actor: Actor, exports: ExportService) -> ExportView:
    """Have a copy made of everything that is held about oneself.

    It is made soon, and there for a day. While one is being made, the answer is that one.
    """
    return _view_of(await exports.ask(actor))


@routes.on("GET /users/me/export/{export_id}")
async def get_export(actor: Actor, exports: ExportService, export_id: str) -> ExportView:
    """Whether a copy of one's data is made yet."""
    return _view_of(await exports.get(actor, export_id))


@routes.on("GET /users/me/export/{export_id}/download")
async def download_export(actor: Actor, exports: ExportService, export_id: str) -> Download:
    """That copy: a zip of JSON files, with a manifest and a page to read it by."""
    content = await exports.content(actor, export_id)
    return Download(content, "faraday-export.zip")


@routes.on(
    "POST /users/{user_id}/export",
    Terms(status=HTTPStatus.ACCEPTED, location=_EXPORT_OF_CHILD, refusals=(HTTPStatus.CONFLICT,)),
)
async def ask_export_of_child(actor: Actor, exports: ExportService, user_id: str) -> ExportView:
    """Have a copy made of everything that is held about one's child.

    For a guardian whom the school has confirmed, of a child below the age. It is made soon, and
    there for a day.
    """
    return _view_of(await exports.ask(actor, user_id), user_id)


@routes.on("GET /users/{user_id}/export/{export_id}")
async def get_export_of_child(
    actor: Actor, exports: ExportService, user_id: str, export_id: str
) -> ExportView:
    """Whether a copy of one's child's data is made yet."""
    return _view_of(await exports.get(actor, export_id, user_id), user_id)


@routes.on("GET /users/{user_id}/export/{export_id}/download")
async def download_export_of_child(
    actor: Actor, exports: ExportService, user_id: str, export_id: str
) -> Download:
    """That copy; to fetch it is a disclosure, which the child sees, too."""
    content = await exports.content(actor, export_id, user_id)
    return Download(content, "faraday-export.zip")


@routes.on("DELETE /users/me", Terms(status=HTTPStatus.ACCEPTED, refusals=(HTTPStatus.CONFLICT,)))
async def ask_erasure(actor: Actor, erasures: ErasureService, body: ErasureRequest) -> ErasureView:
    """Have oneself erased.

    Sign-in is refused from now on. Until `erase_after` an administrator can call it off; then all
    that is held about one is removed.
    """
    return await erasures.ask(actor, password=body.password)


@routes.on(
    "POST /users/{user_id}/restore",
    Terms(status=HTTPStatus.OK, refusals=(HTTPStatus.CONFLICT,)),
)
async def restore_user(actor: Actor, erasures: ErasureService, user_id: str) -> UserView:
    """Call somebody's erasure off: they can sign in again."""
    return await erasures.restore(actor, user_id)


@routes.on("GET /users/me/rectifications")
async def list_rectifications(
    actor: Actor, records: RecordService, page: PageRequest
) -> Page[RectificationView]:
    """What was corrected in what is held about oneself: when, by whom, and what it was before."""
    return await records.rectifications(actor, page)


@routes.on("GET /users/me/disclosures")
async def list_disclosures(
    actor: Actor, records: RecordService, page: PageRequest
) -> Page[DisclosureView]:
    """Who else was shown what is held about oneself, and what for."""
    return await records.disclosures(actor, require_own(actor), page)


@routes.on("GET /users/{user_id}/disclosures")
async def list_disclosures_of_user(
    actor: Actor, records: RecordService, user_id: str, page: PageRequest
) -> Page[DisclosureView]:
    """The same of one's child, or of somebody whom one administers."""
    return await records.disclosures(actor, user_id, page)


@routes.on("GET /users/me/consents")
async def list_consents(
    actor: Actor, consents: ConsentService, page: PageRequest
) -> Page[ConsentView]:
    """What one has agreed to, or a guardian for one, withdrawn or not."""
    return await consents.list(actor, require_own(actor), page)


@routes.on(
    "POST /users/me/consents",
    Terms(location=BASE + "/users/me/consents/{id}", idempotent=True),
)
async def give_consent(actor: Actor, consents: ConsentService, body: ConsentFields) -> ConsentView:
    """Agree to something optional. A child cannot: their guardian does."""
    return await consents.give(actor, require_own(actor), body)


@routes.on("GET /users/me/consents/{consent_id}")
async def get_consent(actor: Actor, consents: ConsentService, consent_id: str) -> ConsentView:
    """One of one's own consents."""
    return await consents.get(actor, require_own(actor), consent_id)


@routes.on("DELETE /users/me/consents/{consent_id}")
async def withdraw_consent(actor: Actor, consents: ConsentService, consent_id: str) -> None:
    """Agree to it no longer."""
    await consents.withdraw(actor, require_own(actor), consent_id)


@routes.on("GET /users/{user_id}/consents")
async def list_consents_of_user(
    actor: Actor, consents: ConsentService, user_id: str, page: PageRequest
) -> Page[ConsentView]:
    """The same of one's child, or of somebody whom one administers."""
    return await consents.list(actor, user_id, page)


@routes.on(
    "POST /users/{user_id}/consents",
    Terms(location=BASE + "/users/{user_id}/consents/{id}", idempotent=True),
)
async def give_consent_for_child(
    actor: Actor, consents: ConsentService, user_id: str, body: ConsentFields
) -> ConsentView:
    """Agree to something optional for one's child."""
    return await consents.give(actor, user_id, body)


@routes.on("GET /users/{user_id}/consents/{consent_id}")
async def get_consent_of_user(
    actor: Actor, consents: ConsentService, user_id: str, consent_id: str
) -> ConsentView:
    """One consent of one's child, or of somebody whom one administers."""
    return await consents.get(actor, user_id, consent_id)


@routes.on("DELETE /users/{user_id}/consents/{consent_id}")
async def withdraw_consent_for_child(
    actor: Actor, consents: ConsentService, user_id: str, consent_id: str
) -> None:
    """Agree to it no longer."""
    await consents.withdraw(actor, user_id, consent_id)


@routes.on("GET /users/{user_id}/guardians")
async def list_guardians(
    actor: Actor, guardians: GuardianService, user_id: str, page: PageRequest
) -> Page[GuardianView]:
    """Who a child's guardians are, as the school has confirmed."""
    return await guardians.list(actor, user_id, page)


@routes.on(
    "POST /users/{user_id}/guardians",
    Terms(location=BASE + "/users/{user_id}/guardians/{id}", idempotent=True),
)
async def confirm_guardian(
    actor: Actor, guardians: GuardianService, user_id: str, body: NewGuardian
) -> GuardianView:
    """Confirm that somebody is a child's guardian."""
    return await guardians.confirm(actor, user_id, body.guardian_id)


@routes.on("GET /users/{user_id}/guardians/{guardian_id}")
async def get_guardian(
    actor: Actor, guardians: GuardianService, user_id: str, guardian_id: str
) -> GuardianView:
    """One of them."""
    return await guardians.get(actor, user_id, guardian_id)


@routes.on("DELETE /users/{user_id}/guardians/{guardian_id}")
async def remove_guardian(
    actor: Actor, guardians: GuardianService, user_id: str, guardian_id: str
) -> None:
    """They are so no longer."""
    await guardians.remove(actor, user_id, guardian_id)


@routes.on("PUT /users/{user_id}/birth-date")
async def set_birth_date(
    actor: Actor, records: RecordService, user_id: str, body: BirthDateFields
) -> BirthDateFields:
    """Say when somebody was born, by which they are a child or not."""
    return await records.set_birth_date(actor, user_id, body)


def _view_of(export: Export, child_id: str | None = None) -> ExportView:
    done = export.status is ExportStatus.DONE
    where = _EXPORT_OF_CHILD if child_id else _EXPORT
    return ExportView(
        export.id,
        export.status,
        export.created_at,
        export.expires_at,
        where.format(user_id=child_id, id=export.id) + "/download" if done else None,
    )
