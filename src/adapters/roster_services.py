"""Rosters, wired."""

from attrs import frozen

from adapters.parts import AppStorage, Parts
from faraday_core.mail.mail_service import Outgoing
from faraday_core.organizations.nodes import Nodes
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.people.support_service import SupportService
from faraday_core.people.user_service import UserService
from faraday_core.roster.academic_session_service import AcademicSessionService
from faraday_core.roster.bulk_invitation_service import BulkInvitationService
from faraday_core.roster.class_service import ClassService
from faraday_core.roster.course_service import CourseService
from faraday_core.roster.drop_service import DropService
from faraday_core.roster.exporting import RosterExportService
from faraday_core.roster.held_fields import HeldFieldService
from faraday_core.roster.import_mapping_service import ImportMappingService
from faraday_core.roster.import_service import ImportService
from faraday_core.roster.import_work import ImportWork
from faraday_core.roster.lessons import Lessons
from faraday_core.roster.upload_job_service import ImportJobService
from faraday_core.roster.upload_service import ImportUploadService
from faraday_core.roster.uploads import Uploads


@frozen(slots=False)  # App is both
class RosterServices:
    """What rosters bring in: read back, held, imported, and written out again."""

    classes: ClassService
    courses: CourseService
    academic_sessions: AcademicSessionService
    held_fields: HeldFieldService
    roster_export: RosterExportService
    imports: ImportService
    import_uploads: ImportUploadService
    import_jobs: ImportJobService
    import_mappings: ImportMappingService
    bulk_invitations: BulkInvitationService
    roster_drops: DropService


def roster_services(
    storage: AppStorage,
    parts: Parts,
    *,
    nodes: Nodes,
    organizations: OrganizationService,
    users: UserService,
    support: SupportService,
    outgoing: Outgoing,
) -> RosterServices:
    now, new_id = parts.now, parts.new_id
    lessons, uploads = Lessons(storage), Uploads(parts.media.objects)
    classes = ClassService(storage, lessons)
    work = ImportWork(storage, parts.rosters, parts.readers, parts.apart, uploads, now)
    imports = ImportService(storage, parts.rosters, work, organizations, now, new_id)
    mappings = ImportMappingService(storage, organizations, now, new_id)
    return RosterServices(
        classes=classes,
        courses=CourseService(lessons),
        academic_sessions=AcademicSessionService(lessons),
        held_fields=HeldFieldService(storage, nodes, now),
        roster_export=RosterExportService(storage, nodes),
        imports=imports,
        import_uploads=ImportUploadService(storage, imports, mappings, uploads, now, new_id),
        import_jobs=ImportJobService(storage, imports, work, uploads, now),
        import_mappings=mappings,
        roster_drops=DropService(storage, imports, organizations, users, outgoing),
        bulk_invitations=BulkInvitationService(
            storage, imports, classes, organizations, users, support
        ),
    )
