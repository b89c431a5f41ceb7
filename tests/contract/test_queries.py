"""What the lists cost: so many rows are read as a page has, or few times more, for each place that
is looked at, however many there are. What is filtered for in passing (who is not active) reads so
many times more as it is rarer: here it is one of three.

The very statements that the adapter sends, in its role, with its settings and its values.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from adapters.persistence.postgres import Pool, PostgresStorage
from adapters.persistence.postgres.connections import Call, Connection, Result, Value, encoded
from adapters.persistence.postgres.statements import Statement, text_statement
from faraday_core.audit.ports import AuditSearch
from faraday_core.identity.session_model import Claims
from faraday_core.kernel.actor import WORKER, Actor, Role, ScopeType
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.membership import MemberFilter, OrganizationMember
from faraday_core.organizations.model import Department, Organization, Team
from faraday_core.organizations.ports import Sight, Wanted
from faraday_core.people.model import UserFilter
from faraday_core.preferences.model import UserPreference
from faraday_core.roster.model import AcademicSession, Class, Course, EnrollmentFilter
from faraday_core.roster.ports import Wanted as Lessons
from tests.postgres import Postgres

PEOPLE = 100_000
MOST_ROWS = 2_000
TIMES = 7  # the first five are for their values (PostgreSQL's plan_cache_mode, auto)
BIG = {
    "users",
    "user_organizations",
    "user_terms",
    "audit_log",
    "user_sessions",
    "user_preferences",
    "mails",
    "enrollments",
    "guardianships",
}
NOW = datetime(2026, 9, 1, 7, 40, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)


def id_of(kind: int, number: int) -> str:
    return f"{kind:08d}-0000-7000-8000-{number:012d}"


def made(kind: int, number: str = "n") -> str:
    """The same in SQL."""
    return f"('{kind:08d}-0000-7000-8000-' || lpad(({number})::text, 12, '0'))::uuid"


def one_in(many: int, seed: int = 0) -> str:
    """By chance, and by the same one each time: what is asked of a row hangs on nothing else."""
    return f"abs(hashint4(n + {seed * PEOPLE})::bigint) % {many}"


(
    USER,
    PLACE,
    HELD,
    TERM,
    ENTRY,
    SESSION,
    DEVICE,
    CODE,
    DEPARTMENT,
    TEAM,
    MAIL,
    TOKEN,
    INVITATION,
    COURSE,
    CLASS,
    PART,
    RUN,
) = range(1, 18)
TENANT_A, TENANT_B = id_of(PLACE, 0), id_of(PLACE, 1)
# Two tenants, and below each 20 organisations; who is where goes by the number's remainder.
TENANT = made(PLACE, "n % 2")
AT = made(PLACE, "n % 40 + 2")
MANY = f"from generate_series(1, {PEOPLE}) n"
HERSELF = id_of(USER, 7)

FILL = f"""
set session_replication_role = replica;
insert into organizations (tenant_id, id, version, name, parent_organization_id, name_key,
    created_at, updated_at, held_fields)
  select {made(PLACE, "n % 2")}, {made(PLACE)}, 1, 'Place ' || n,
    case when n > 1 then {made(PLACE, "n % 2")} end, ' place ' || n, now(), now(), '{{}}'
  from generate_series(0, 41) n;
insert into departments (tenant_id, id, version, name, organization_id, parent_department_id,
    name_key, created_at, updated_at, held_fields)
  select {made(PLACE, "n % 2")}, {made(DEPARTMENT)}, 1, 'Department ' || n,
    {made(PLACE, "n % 40 + 2")}, case when n > 200 then {made(DEPARTMENT, "n - 200")} end,
    ' department ' || n, now(), now(), '{{}}'
  from generate_series(1, 400) n;
insert into teams (tenant_id, id, version, name, department_id, organization_id, name_key,
    created_at, updated_at)
  select {made(PLACE, "n % 2")}, {made(TEAM)}, 1, 'Team ' || n, {made(DEPARTMENT, "n % 400 + 1")},
    {made(PLACE, "(n % 400 + 1) % 40 + 2")}, ' team ' || n, now(), now()
  from generate_series(1, 1000) n;
insert into users (id, version, email, email_key, full_name, created_at, updated_at, is_active,
    email_verified, is_platform_admin, security_epoch, is_service, grades, held_fields,
    source_tenant_id, source_root_id, source_system, source_id)
  select {made(USER)}, 1, 'p' || n || '@example.org', 'p' || n || '@example.org', 'P',
    now(), now(), {one_in(3)} > 0 or n = 7, true, false, 1, false, '{{}}', '{{}}', {TENANT},
    {TENANT}, 'oneroster', 'person' || n {MANY};
insert into user_organizations (tenant_id, id, version, user_id, organization_id, role,
    permissions, created_at, updated_at)
  select {TENANT}, {made(HELD)}, 1, {made(USER)}, {AT},
    case when n % 1000 = 7 then 'org_admin' when {one_in(20, 1)} < 2 then 'teacher'
      else 'student' end,
    '{{}}', now(), now() {MANY};
insert into user_terms
  select {TENANT}, {made(USER)},
    case k when 0 then 'p' || n || '@example.org' when 1 then 'first' || {one_in(500, 2)}
      else 'last' || {one_in(700, 3)} end
  {MANY}, generate_series(0, 2) k;
insert into audit_log
  select {TENANT}, {made(ENTRY)}, now(), {made(USER)}, 'user.create', 'user', {made(USER)}, {AT},
    null, null, '{{}}', case when n <= {PEOPLE} - 500 then n end, 'x', 'k' {MANY};
insert into user_sessions
  select {made(USER, "case when n <= 200 then 7 else n end")}, {made(SESSION)}, 1, null, null,
    null, null, 1, '{NOW}', '{NOW}', '{NOW}'::timestamptz + interval '30 days',
    case when n % 3 = 1 then now() end, null {MANY};
insert into user_devices
  select {made(USER)}, {made(DEVICE)}, 1, null, 'x', now(), now(), now() {MANY} where n % 10 = 7;
insert into recovery_codes
  select {made(USER, "n / 10 * 10 + 7")}, {made(CODE)}, 1, n::text::bytea
  from generate_series(1, 10000) n;
insert into personal_tokens
  select {made(USER, "n / 10 * 10 + 7")}, {made(TOKEN)}, 1, 'a script', '{{*}}', n::text::bytea, 1,
    now(), '{NOW}'::timestamptz + interval '30 days', null
  from generate_series(0, 10000) n;
insert into personal_tokens
  select '{HERSELF}', {made(TOKEN, "n + 20000")}, 1, 'a script', '{{*}}', ('t' || n)::bytea, 1,
    now(), '{NOW}'::timestamptz + interval '30 days', null
  from generate_series(1, 40) n;
insert into invitations
  select {TENANT}, {made(INVITATION)}, 1, {AT}, 'p', n::text, 'teacher', n::text::bytea, null,
    now(), '{NOW}'::timestamptz + interval '14 days' {MANY} where n <= 20000;
insert into academic_sessions (tenant_id, id, version, title, organization_id, is_active,
    source_id, held_fields, created_at, updated_at)
  select {TENANT}, {made(COURSE)}, 1, 'Term', {AT}, {one_in(3)} > 0, 's' || n, '{{}}', now(), now()
  from generate_series(1, 80) n;
insert into courses (tenant_id, id, version, title, organization_id, is_active, source_id, grades,
    subjects, held_fields, created_at, updated_at)
  select {TENANT}, {made(COURSE)}, 1, 'Course', {AT}, {one_in(3)} > 0, 's' || n, '{{}}', '{{}}',
    '{{}}', now(), now()
  from generate_series(1, 2000) n;
insert into classes (tenant_id, id, version, title, organization_id, course_id, is_active,
    source_id, grades, subjects, periods, academic_session_ids, held_fields, created_at,
    updated_at)
  select {TENANT}, {made(CLASS)}, 1, 'Class', {AT}, {made(COURSE, "n % 2000 + 2")},
    {one_in(3)} > 0, 's' || n, '{{}}', '{{}}', '{{}}', array[{made(COURSE, "n % 80 + 2")}],
    '{{}}', now(), now()
  from generate_series(1, 20000) n;
insert into enrollments (tenant_id, id, version, class_id, user_id, role, organization_id,
    is_primary, is_active, created_at, updated_at)
  select {TENANT}, {made(PART)}, 1, {made(CLASS, "n % 1000 + 2")}, {made(USER)}, 'student', {AT},
    false, true, now(), now() {MANY};
insert into guardianships (tenant_id, id, version, guardian_id, child_id, created_at)
  select {TENANT}, {made(HELD)}, 1, {made(USER)}, {made(USER, "n - 2")}, now() {MANY}
  where n > 2;
insert into import_runs (tenant_id, id, version, organization_id, format, mode, source_system,
    path, mapping, "full", demographics, uploaded, status, result, started_at, thinned_at)
  select {TENANT}, {made(RUN)}, 1, {AT}, 'oneroster', 'strict', 'oneroster', 'x', '{{}}', false,
    false, false, 'applied', '{{}}', '{NOW}'::timestamptz - n * interval '1 day',
    case when n > 100 then now() end
  from generate_series(1, 2000) n;
insert into import_creations (tenant_id, run_id, table_name, part, ids)
  select {TENANT}, {made(RUN)}, kind, part, array[{made(USER)}]
  from generate_series(1, 2000) n, unnest(array['users', 'classes']) kind,
    generate_series(0, 4) part;
insert into service_accounts
  select {TENANT}, {made(USER)}, 1, {made(USER)}, {AT}, {made(HELD)}, 'program', 'teacher',
    '{{*}}', now(), now()
  {MANY} where n <= 20000;
insert into audit_heads
  select {made(PLACE)}, {made(PLACE)}, 1, 1, 'x', 'k', 'x' from generate_series(0, 1) n;
insert into user_preferences (user_id, id, version, accessibility, notifications, privacy,
    consented_at, created_at, updated_at)
  select {made(USER)}, {made(USER)}, 1, '{{}}', '{{}}', '{{}}', '{{}}', now(), now() {MANY};
insert into preference_defaults
  select {made(PLACE, "n % 2")}, {made(PLACE)}, 1, '{{}}', '{{}}', now(), now()
  from generate_series(0, 41) n;
insert into mails (id, version, user_id, content, created_at, kind, due_at, waited)
  select {made(MAIL)}, 1, {made(USER)}, 'x', now(), 'roster',
    case when n % 10 = 7 then '{NOW}'::timestamptz + n * interval '1 second' end, false {MANY};
"""  # noqa: S608 -- nothing in it comes from elsewhere


@pytest.fixture(scope="module")
def district_url(postgres: Postgres) -> Iterator[str]:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")
        connection.execute(FILL.encode())
        connection.execute("analyze")
    yield url
    postgres.drop(url)


class Explaining(Connection):
    """Asks, behind each statement, for its plan: so often that PostgreSQL may well have taken to
    one for whatever values."""

    plans: list[dict[str, Any]]

    async def trip(self, calls: Sequence[Call]) -> list[Result]:
        sent: list[Call] = []
        for statement, given in calls:
            sent.append((statement, given))
            if b"FROM " in statement.text:
                sent += [(explained(statement, given), {})] * TIMES
        results = iter(await super().trip(sent))
        answers = []
        for statement, _ in calls:
            answers.append(next(results))
            if b"FROM " in statement.text:
                self.plans += [next(results).rows[0][0][0]["Plan"] for _ in range(TIMES)]
        return answers


def explained(statement: Statement, given: Mapping[str, Value]) -> Statement:
    known = {**statement.constants, **given}
    values = [encoded(known[name]) for name in statement.parameters]
    literals = ["null" if value is None else f"'{value.decode()}'" for value in values]
    execute = f'execute "{statement.name.decode()}"'
    execute += f"({', '.join(literals)})" if literals else ""
    return text_statement(f"explain (analyze, timing off, format json) {execute}")


class ExplainingPool(Pool):
    def __init__(self, url: str) -> None:
        super().__init__(url, size=1)
        self.address = url
        self.plans: list[dict[str, Any]] = []

    async def take(self) -> Connection:
        connection = await Explaining.open(self.address)
        assert isinstance(connection, Explaining)
        connection.plans = self.plans
        return connection

    async def give_back(self, connection: Connection) -> None:
        connection.close()


def scans_of(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Those that were run; of what an index finds, only what was fetched then."""
    if "Relation Name" in plan and plan["Actual Loops"]:
        yield plan
    for below in plan.get("Plans", ()):
        yield from scans_of(below)


def rows_of(scan: Mapping[str, Any]) -> float:
    removed = scan.get("Rows Removed by Filter", 0) + scan.get("Rows Removed by Index Recheck", 0)
    rows: float = (scan["Actual Rows"] + removed) * scan["Actual Loops"]
    return rows


Ask = Callable[[Any, PageRequest], Awaitable[Any]]  # a reader of the adapter's


def users(**wanted: Any) -> Callable[[tuple[str, ...] | None], Ask]:
    def at(nodes: tuple[str, ...] | None) -> Ask:
        return lambda reader, page: reader.directory.page(nodes, UserFilter(**wanted), page)

    return at


def nodes_of(kind: type[Any], **more: Any) -> Callable[[tuple[str, ...] | None], Ask]:
    """With how many belong to each: in this school nobody does to a department or team."""
    wanted = Wanted(**{"parent_id": None, "words": (), "include_archived": False} | more)

    def at(nodes: tuple[str, ...] | None) -> Ask:
        sight = None if nodes is None else Sight(nodes, [id_of(TEAM, 7)])
        return lambda reader, page: reader.organizations.page(kind, sight, wanted, page)

    return at


def lessons(kind: type[Any], **more: Any) -> Callable[[tuple[str, ...] | None], Ask]:
    def at(nodes: tuple[str, ...] | None) -> Ask:
        sight = None if nodes is None else Sight(nodes, [id_of(CLASS, 7), id_of(COURSE, 7)])
        return lambda reader, page: reader.catalog.page(kind, sight, Lessons(**more), page)

    return at


def audit(nodes: tuple[str, ...] | None) -> Ask:
    return lambda reader, page: reader.audit_log.page(nodes, page)


def audit_search(**wanted: Any) -> Callable[[tuple[str, ...] | None], Ask]:
    def at(nodes: tuple[str, ...] | None) -> Ask:
        return lambda reader, page: reader.audit_log.search(nodes, AuditSearch(**wanted), page)

    return at


LISTS = {
    "users": users(),
    "users who are not active": users(is_active=False),
    "users, active or not": users(include_inactive=True),
    "users with programs": users(include_service=True),
    "teachers": users(role=Role.TEACHER),
    "org_admins, of whom there are few": users(role=Role.ORG_ADMIN),
    "a word": users(q="first7"),
    "two words": users(q="first7 last699"),
    "an address": users(q="p777@example.org"),
    "a word that nobody has": users(q="nobody"),
    "a word and a role": users(q="first77", role=Role.TEACHER),
    "organizations by name": nodes_of(Organization, words=("nothing",)),
    "departments": nodes_of(Department),
    "departments of an organization": nodes_of(Department, parent_id=id_of(PLACE, 4)),
    "departments by name": nodes_of(Department, words=("77", "dep")),
    "teams": nodes_of(Team),
    "teams of a department": nodes_of(Team, parent_id=id_of(DEPARTMENT, 5)),
    "teams by name": nodes_of(Team, words=("77", "tea")),
    "users by the id that their source gives them": users(source_id="person77"),
    "teachers by that": users(source_id="person77", role=Role.TEACHER),
    "users of a source": users(source_system="oneroster"),
    "classes": lessons(Class),
    "classes, active or not": lessons(Class, include_inactive=True),
    "classes of a course": lessons(Class, course_id=id_of(COURSE, 77)),
    "a class by the id that its source gives it": lessons(Class, source_id="s77"),
    "courses": lessons(Course),
    "a course by the id that its source gives it": lessons(Course, source_id="s77"),
    "academic sessions": lessons(AcademicSession),
    "a session by the id that its source gives it": lessons(AcademicSession, source_id="s77"),
    "audit log": audit,
    "audit log of a person": audit_search(named=[id_of(USER, 4711), id_of(USER, 4712)]),
    "audit log of an action": audit_search(action="user.create"),
    "audit log of a day": audit_search(since=LONG_AGO, before=LONG_AGO + timedelta(days=1)),
}
PLACES: Mapping[str, tuple[tuple[str, ...] | None, tuple[str, ...] | None]] = {
    "everywhere": (None, None),
    "everywhere, at a node": (None, (id_of(PLACE, 4),)),
    "in a tenant": ((TENANT_A,), None),
    "in two tenants": ((TENANT_A, TENANT_B), None),
    "at a node": ((TENANT_A,), (id_of(PLACE, 4),)),
    "at two nodes": ((TENANT_A,), (id_of(PLACE, 4), id_of(PLACE, 6))),
    "at the top node": ((TENANT_A,), (TENANT_A,)),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", LISTS)
async def test_a_list_reads_few_rows_whatever_there_is(
    district_url: str, name: str, place: str
) -> None:
    tenants, nodes = PLACES[place]
    pool = ExplainingPool(district_url)
    storage = PostgresStorage(pool)
    actor = Actor(HERSELF)
    cursor = None

    for _ in range(3):
        pool.plans.clear()
        opened = (
            storage.look_everywhere(actor)
            if tenants is None
            else storage.look_across(actor, tenants)
        )
        async with opened as reader:
            page = await LISTS[name](nodes)(reader, PageRequest(limit=10, cursor=cursor))
        assert_cheap(pool)
        if not (cursor := page.next_cursor):
            break


def assert_cheap(pool: ExplainingPool) -> None:
    assert pool.plans
    for plan in pool.plans:
        scans = [*scans_of(plan)]
        told = [(s["Node Type"], s.get("Relation Name"), s.get("Index Name"), rows_of(s))
                for s in scans]  # fmt: skip
        assert MOST_ROWS >= sum(map(rows_of, scans)), told
        whole = [s for s in scans if s["Node Type"] == "Seq Scan" and s["Relation Name"] in BIG]
        assert [] == whole, told


async def test_what_an_import_has_brought_and_which_are_old_is_found_among_many(
    district_url: str,
) -> None:
    pool = ExplainingPool(district_url)
    storage = PostgresStorage(pool)

    async with storage.look(Actor(HERSELF), tenant=TENANT_A) as reader:
        assert 5 == len(await reader.imports.brought_in(id_of(RUN, 8)))
    async with storage.look_everywhere(WORKER) as reader:
        assert 10 == len(await reader.imports.to_thin(NOW - timedelta(days=90)))

    assert_cheap(pool)


async def test_what_somebody_takes_part_in_is_found_from_what_is_theirs(
    district_url: str,
) -> None:
    pool, page = ExplainingPool(district_url), PageRequest(limit=10)
    storage = PostgresStorage(pool)
    class_id = id_of(CLASS, 9)

    async with storage.look_across(Actor(HERSELF), (TENANT_A, TENANT_B)) as reader:
        assert await reader.catalog.own(Class)
        assert await reader.catalog.own(Course)
        assert await reader.catalog.own(AcademicSession)
        assert await reader.catalog.parts(class_id)
        for people in (None, [HERSELF]):
            for role in (None, "student"):
                wanted = EnrollmentFilter(role)
                found = await reader.catalog.enrollments(class_id, people, wanted, page)
                again = PageRequest(10, found.next_cursor)
                await reader.catalog.enrollments(class_id, people, wanted, again)
        for sight in (None, Sight((TENANT_B,), ())):
            for inactive in (True, False):
                await reader.catalog.classes_of(HERSELF, sight, page, include_inactive=inactive)
        assert await reader.catalog.tenants_as_guardian(id_of(USER, 5))

    assert_cheap(pool)


async def test_who_may_not_sign_in_is_found_without_passing_over_those_who_may(
    district_url: str,
) -> None:
    pool = ExplainingPool(district_url)

    async with PostgresStorage(pool).look_everywhere(Actor(HERSELF)) as reader:
        page = await reader.directory.page(
            None, UserFilter(is_active=False), PageRequest(limit=10)
        )

    assert 10 == len(page.items)
    for plan in pool.plans:
        found, *_ = scans_of(plan)
        assert ("users", "inactive_users_by_id", 11) == (
            found["Relation Name"],
            found["Index Name"],
            rows_of(found),
        )


async def test_what_a_person_asks_about_themselves_reads_what_is_theirs(district_url: str) -> None:
    pool = ExplainingPool(district_url)
    storage = PostgresStorage(pool)
    claims = Claims(HERSELF, id_of(SESSION, 9), id_of(SESSION, 1), 0, 0)
    when = {"now": NOW, "unused_since": LONG_AGO}

    async with storage.look(Actor(HERSELF)) as reader:
        first = await reader.sessions.living(PageRequest(limit=20), **when)
        assert first.next_cursor
        await reader.sessions.living(PageRequest(limit=20, cursor=first.next_cursor), **when)
        assert 100 < len(await reader.sessions.all_living(**when))
        assert 1 == len(await reader.devices.all())
        assert await reader.sessions.any_ever()
        tokens = await reader.personal_tokens.page(PageRequest(limit=20), NOW)
        assert tokens.next_cursor
        following = PageRequest(limit=20, cursor=tokens.next_cursor)
        assert (await reader.personal_tokens.page(following, NOW)).items
        assert await reader.personal_tokens.identity(b"7", NOW)
        assert await reader.one_time_tokens.recovery_codes()
        assert await reader.people.identity(claims, **when)
        assert HERSELF == (await reader.people.person(HERSELF)).user.id
        assert not await reader.sessions.is_unspent(b"x")
    assert HERSELF == await storage.person_with_email("p7@example.org")

    assert_cheap(pool)


async def test_an_administrator_finds_a_person_by_their_id(district_url: str) -> None:
    pool = ExplainingPool(district_url)
    storage = PostgresStorage(pool)
    other = id_of(USER, 4711)

    async with storage.look_across(Actor(HERSELF), [TENANT_A, TENANT_B]) as reader:
        assert other == (await reader.people.person(other)).user.id
        assert [TENANT_B] == [*await reader.directory.tenants_of(other)]
        assert not await reader.profile_requirements.of([id_of(PLACE, 4), id_of(PLACE, 5)])
        assert await reader.organizations.located([id_of(PLACE, 4), id_of(TEAM, 5)])
    async with storage.look_everywhere(WORKER) as reader:
        assert other == (await reader.people.person(other)).user.id
        assert 0 == await reader.people.platform_admins()

    assert_cheap(pool)


async def test_the_members_of_a_node_are_read_page_by_page(district_url: str) -> None:
    pool = ExplainingPool(district_url)
    storage = PostgresStorage(pool)
    school = id_of(PLACE, 4)

    async with storage.look(Actor(HERSELF), tenant=TENANT_A) as reader:
        listed = reader.organizations
        first = await listed.members(OrganizationMember, school, MemberFilter(), PageRequest())
        behind = PageRequest(cursor=first.next_cursor)
        assert await listed.members(OrganizationMember, school, MemberFilter(), behind)
        assert len(await listed.roles_at(ScopeType.ORGANIZATION, school, id_of(USER, 42)))
        assert not await listed.is_empty(ScopeType.ORGANIZATION, school)
        assert 2 == await listed.levels(ScopeType.ORGANIZATION, TENANT_A)

    assert_cheap(pool)


async def test_what_an_organisation_has_open_is_read_page_by_page(district_url: str) -> None:
    pool = ExplainingPool(district_url)
    storage = PostgresStorage(pool)
    at, page = id_of(PLACE, 4), PageRequest(limit=20)

    async with storage.look(Actor(HERSELF), tenant=TENANT_A) as reader:
        first = await reader.invitations.page(at, page, NOW)
        following = PageRequest(limit=20, cursor=first.next_cursor)
        assert 20 == len((await reader.invitations.page(at, following, NOW)).items)
        assert 500 == await reader.invitations.count(at, NOW)
        (invited, *_) = first.items
        assert invited == await reader.invitations.to_address(at, invited.email_key)
        assert invited == await reader.invitations.with_token(invited.token_hash, NOW)
        programs = await reader.service_accounts.page(at, page)
        following = PageRequest(limit=20, cursor=programs.next_cursor)
        assert 20 == len((await reader.service_accounts.page(at, following)).items)

    assert_cheap(pool)


async def test_sealing_reads_what_is_unsealed(district_url: str) -> None:
    pool = ExplainingPool(district_url)
    storage = PostgresStorage(pool)

    async with storage.look_everywhere(WORKER) as reader:
        assert {TENANT_A, TENANT_B} == {*await reader.audit_log.unsealed_chains()}
    async with storage.look(WORKER, tenant=TENANT_A) as reader:
        assert 100 == len(await reader.audit_log.unsealed(100))
        assert 250 == await reader.audit_log.count_unsealed()
        assert 100 == len(await reader.audit_log.sealed(1000, 100))

    assert_cheap(pool)


async def test_preferences_and_what_waits_by_them_are_read_by_their_owners(
    district_url: str,
) -> None:
    pool = ExplainingPool(district_url)
    storage = PostgresStorage(pool)

    async with storage.look(Actor(HERSELF), tenant=TENANT_A) as reader:
        assert HERSELF == (await reader.get(UserPreference, HERSELF)).id
        assert 2 == len(await reader.preference_defaults.of([TENANT_A, id_of(PLACE, 4)]))
    async with storage.begin(WORKER) as unit:
        assert 100 == len(await unit.mails.due(NOW + timedelta(days=9), 100))
        assert not await unit.mails.due(NOW, 100)
        assert 1 == len(await unit.mails.waiting(HERSELF))

    assert_cheap(pool)
