from http import HTTPStatus

from attrs import evolve

from adapters.http.documents import CsvDocument, HtmlDocument
from adapters.http.event_stream import EventStream
from adapters.http.file_upload import FileUpload
from adapters.http.routes import BASE, Routes, Terms
from adapters.roster_reports import csv_report, html_report
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.roster.import_mapping_service import (
    ImportMappingFields,
    ImportMappingFilter,
    ImportMappingService,
    ImportMappingView,
)
from faraday_core.roster.import_service import ImportService
from faraday_core.roster.requests import ImportFilter, ImportView
from faraday_core.roster.upload_model import LARGEST_UPLOAD, ApplyFields, UploadFields
from faraday_core.roster.upload_service import ImportUploadService

routes = Routes("imports")

_HERE = BASE + "/imports/{id}"
_LATER = Terms(status=HTTPStatus.ACCEPTED, location=_HERE, refusals=(HTTPStatus.CONFLICT,))


@routes.on(
    "POST /imports",
    Terms(
        status=HTTPStatus.ACCEPTED, location=_HERE, largest_file=LARGEST_UPLOAD, idempotent=True
    ),
)
async def upload_import(
    actor: Actor, import_uploads: ImportUploadService, body: FileUpload[UploadFields]
) -> ImportView:
    """Upload a roster, and have a plan made of what it would do.

    The form holds `format` and `file`: a zip, or one file. The plan is read where `Location` says,
    as soon as its `status` is `planned`; nothing is changed before it is applied. The file is kept
    for a day at most.
    """
    return await import_uploads.upload(actor, body.fields, body.file, body.name)


@routes.on("GET /imports")
async def list_imports(
    actor: Actor, imports: ImportService, wanted: ImportFilter, page: PageRequest
) -> Page[ImportView]:
    """What was imported where the caller may read imports, the newest first.

    What was but planned is listed with `status=planned`; refused rows are shown with each alone.
    """
    return await imports.list(actor, wanted, page)


@routes.on("GET /imports/{import_id}")
async def get_import(actor: Actor, imports: ImportService, import_id: str) -> ImportView:
    """One plan or run: how far it is, what it does or did, and the rows that are refused."""
    return await imports.get(actor, import_id)


@routes.on("GET /imports/{import_id}/events")
async def follow_import(
    actor: Actor, import_uploads: ImportUploadService, import_id: str
) -> EventStream:
    """How far an import has come, each second, until nothing is under way (server-sent events)."""
    return EventStream(await import_uploads.follow(actor, import_id))


@routes.on("POST /imports/{import_id}/apply", evolve(_LATER, optional_body=True))
async def apply_import(
    actor: Actor,
    import_uploads: ImportUploadService,
    import_id: str,
    body: ApplyFields = ApplyFields(),  # noqa: B008 -- frozen
) -> ImportView:
    """Have done exactly what was planned, or nothing where something has changed since.

    What stands against it then is the import's `problem`, and it is `planned` as before.
    """
    return await import_uploads.ask_apply(actor, import_id, body)


@routes.on("POST /imports/{import_id}/undo", _LATER)
async def undo_import(
    actor: Actor, import_uploads: ImportUploadService, import_id: str
) -> ImportView:
    """Have all as it was before a run.

    What stands against it is the import's `problem` then, and it is `applied` as before.
    """
    return await import_uploads.ask_undo(actor, import_id)


@routes.on("GET /imports/{import_id}/report.csv")
async def report_import_as_csv(
    actor: Actor, imports: ImportService, import_id: str
) -> CsvDocument:
    """The refused rows as a table: where, what is wrong, what would be right."""
    view = await imports.get(actor, import_id)
    return CsvDocument(csv_report(view), f"refused-{view.id}.csv")


@routes.on("GET /imports/{import_id}/report.html")
async def report_import_as_html(
    actor: Actor, imports: ImportService, import_id: str
) -> HtmlDocument:
    """The same as a page to be printed."""
    return HtmlDocument(html_report(await imports.get(actor, import_id)))


@routes.on("GET /import-mappings")
async def list_import_mappings(
    actor: Actor,
    import_mappings: ImportMappingService,
    wanted: ImportMappingFilter,
    page: PageRequest,
) -> Page[ImportMappingView]:
    """By which headings an organisation's sheets are read."""
    return await import_mappings.list(actor, wanted, page)


@routes.on("PUT /import-mappings")
async def put_import_mapping(
    actor: Actor, import_mappings: ImportMappingService, body: ImportMappingFields
) -> ImportMappingView:
    """Keep a mapping, in place of what bears its name there."""
    return await import_mappings.put(actor, body)


@routes.on("DELETE /import-mappings/{mapping_id}")
async def remove_import_mapping(
    actor: Actor,
    import_mappings: ImportMappingService,
    mapping_id: str,
    wanted: ImportMappingFilter,
) -> None:
    """Keep it no longer."""
    await import_mappings.remove(actor, mapping_id, wanted)
