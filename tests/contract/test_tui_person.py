"""The support terminal: what it shows of a person, and what an administrator does for them."""

from attrs import evolve

from faraday_core.identity.model import User
from faraday_core.kernel.actor import Role
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.membership import NewMember, OrganizationMember
from faraday_core.people.model import NewUser, UserFields
from tests.terminal import ADMIN, PLACEHOLDER, SUPPORT, Site, Terminal
from tests.world import OPERATOR, World


async def at_the_desk_of_an_admin(terminal: Terminal) -> None:
    await terminal.sign_in(ADMIN)
    await terminal.shows(PLACEHOLDER)


async def actions(world: World) -> list[str]:
    page = await world.app.audit.list(OPERATOR, PageRequest(limit=100))
    return [entry.action for entry in page.items]


async def test_a_role_is_shown_with_its_place_and_what_it_lets_them_do(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.TEACHER, name="Zoë Patterson")
    new = NewMember(pat.id, Role.SUPPORT)
    await world.app.members.add(OPERATOR, OrganizationMember, world.places["south"], new)
    async with site.terminal() as terminal:
        await terminal.sign_in(SUPPORT)
        await terminal.open(pat, "zo")
        await terminal.shows("Roles: 2", "North School", "South School")
        await terminal.shows("By this role, there and below: organizations.read.")
        await terminal.press("down")
        await terminal.shows("members.read, users.read,", "users.support")


async def test_what_an_administrator_alone_may_do_is_no_key_of_support(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with site.terminal() as terminal:
        await terminal.sign_in(SUPPORT)
        await terminal.open(pat, "zo")
        await terminal.shows("Roles: 1")
        assert "n Name" not in terminal.screen()
        await terminal.press("n", "g", "x")
        assert "Escape" not in terminal.screen()
        await terminal.press("4")
        await terminal.shows("This needs the permission audit_log.read")


async def test_a_name_is_corrected_after_a_question_in_words(site: Site) -> None:
    world = site.world
    await world.person(Role.ORG_ADMIN, "district")
    pat = await world.person(Role.STUDENT, name="Zoe Paterson")
    async with site.terminal() as terminal:
        await at_the_desk_of_an_admin(terminal)
        await terminal.open(pat, "zo")
        await terminal.press("n")
        await terminal.shows("What is the right name?")
        await terminal.press("ctrl+u")
        await terminal.paste("Zoë Patterson")
        await terminal.press("enter")
        await terminal.shows("Correct the name Zoe Paterson to Zoë", "Enter: yes    Escape: no")
        assert "Zoe Paterson" == (await world.app.users.get(OPERATOR, pat.id)).full_name
        await terminal.press("enter")
        await terminal.shows("The name is corrected.", "Name      Zoë Patterson")
    assert "Zoë Patterson" == (await world.app.users.get(OPERATOR, pat.id)).full_name
    assert "user.rename" in await actions(world)


async def test_a_name_that_is_none_is_refused_and_stays(site: Site) -> None:
    world = site.world
    await world.person(Role.ORG_ADMIN, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with site.terminal() as terminal:
        await at_the_desk_of_an_admin(terminal)
        await terminal.open(pat, "zo")
        await terminal.press("n")
        await terminal.shows("What is the right name?")
        await terminal.paste("x" * 150)
        await terminal.press("enter")
        await terminal.shows("Correct the name")
        await terminal.press("enter")
        await terminal.shows("takes at most")
    assert "Zoë Patterson" == (await world.app.users.get(OPERATOR, pat.id)).full_name


async def test_a_role_is_given_at_a_place_of_the_tree_and_taken_again(site: Site) -> None:
    world = site.world
    await world.person(Role.ORG_ADMIN, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with site.terminal() as terminal:
        await at_the_desk_of_an_admin(terminal)
        await terminal.open(pat, "zo")
        await terminal.press("g")
        await terminal.shows("Which role is Zoë Patterson to have?", "teacher")
        await terminal.press("down", "down", "enter")
        await terminal.shows("Where is Zoë Patterson to be teacher?", "▶ District")
        await terminal.press("right")
        await terminal.shows("South School")
        await terminal.press("down", "down", "enter")
        await terminal.shows("Give Zoë Patterson the role teacher", "South")
        await terminal.press("enter")
        await terminal.shows("They hold the role now.", "Roles: 2")
        await terminal.press("down", "x")
        await terminal.shows("Take the role teacher at South School")
        await terminal.press("enter")
        await terminal.shows("They do not hold the role any more.", "Roles: 1")
    done = await actions(world)
    assert {"organization.add_member", "organization.remove_member"} <= {*done}


async def test_whoever_leaves_a_question_has_done_nothing(site: Site) -> None:
    world = site.world
    await world.person(Role.ORG_ADMIN, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with site.terminal() as terminal:
        await at_the_desk_of_an_admin(terminal)
        await terminal.open(pat, "zo")
        before = await actions(world)
        await terminal.shows("Roles: 1")
        for keys, question in (
            (("g",), "Which role"),
            (("n",), "What is the right name?"),
            (("x",), "Take the role"),
            (("r",), "Mail Zoë Patterson"),
        ):
            await terminal.press(*keys)
            await terminal.shows(question)
            await terminal.press("escape")
            await terminal.shows_no(question)
        assert before == await actions(world)


async def test_what_is_refused_is_told_and_nobody_changes_their_own_roles(site: Site) -> None:
    world = site.world
    admin = await world.person(Role.ORG_ADMIN, "district", name="Ada Okafor")
    async with site.terminal() as terminal:
        await at_the_desk_of_an_admin(terminal)
        await terminal.open(admin, "ada")
        await terminal.shows("Roles: 1")
        await terminal.press("x")
        await terminal.shows("Take the role org_admin at District")
        await terminal.press("enter")
        await terminal.shows("Nobody changes their own roles.")


async def test_who_has_no_password_is_invited_again(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    new = NewUser("zoe@example.org", "Zoë Patterson", world.places["north"], Role.TEACHER)
    pat = await world.app.users.create(OPERATOR, new)
    await world.settle()
    before = len(world.mailer.sent)
    async with site.terminal() as terminal:
        await terminal.sign_in(SUPPORT)
        await terminal.open(pat, "zo")
        await terminal.shows("i Invite")
        assert "r Reset" not in terminal.screen()
        await terminal.press("i")
        await terminal.shows("Mail Zoë Patterson their invitation once more?")
        await terminal.press("enter")
        await terminal.shows("The invitation is on its way.")
    await world.settle()
    assert ["zoe@example.org"] == [mail.to for mail in world.mailer.sent[before:]]


async def test_devices_and_guardians_have_a_tab_each(site: Site) -> None:
    world = site.world
    await world.person(Role.ORG_ADMIN, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    parent = await world.person(Role.GUARDIAN, name="Mary Patterson")
    await world.app.guardians.confirm(OPERATOR, pat.id, parent.id)
    await world.sign_in(pat, device_name="Tablet")
    async with site.terminal() as terminal:
        await at_the_desk_of_an_admin(terminal)
        await terminal.open(pat, "zo")
        await terminal.press("3")
        await terminal.shows("Devices: 1", "Tablet", "2026-09-01")
        await terminal.press("6")
        await terminal.shows("Guardians: 1", "Mary Patterson")
        await terminal.press("left")
        await terminal.shows("In no class.")
        await terminal.press("right", "right")
        await terminal.shows("No import has touched this person.")
        await terminal.press("right", "right")
        await terminal.shows("Roles: 1")


async def test_recent_acts_are_named_by_who_did_them(site: Site) -> None:
    world = site.world
    await world.person(Role.ORG_ADMIN, "district", name="Ada Okafor")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    other = await world.person(Role.STUDENT, email="other@example.org", name="Zara Other")
    await world.sign_in(other)
    async with site.terminal() as terminal:
        await at_the_desk_of_an_admin(terminal)
        await terminal.open(pat, "zoë")
        await terminal.press("u", "enter")
        await terminal.shows("Unlocked.")
        await terminal.press("4")
        await terminal.shows("user.unlock", "Ada Okafor", "user.create")
        assert "auth.login" not in terminal.screen()


async def test_somebody_is_found_by_the_id_that_a_file_gives_them(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    await world.person(Role.STUDENT, email="other@example.org", name="Zara Other")
    async with world.storage.begin(OPERATOR, person=pat.id) as unit:
        user = await unit.hold(User, pat.id)
        await unit.save(
            evolve(
                user,
                source_tenant_id=world.places["district"],
                source_root_id=world.places["district"],
                source_system="oneroster",
                source_id="pupil-0815",
            )
        )
    async with site.terminal() as terminal:
        await terminal.sign_in(SUPPORT)
        await terminal.shows(PLACEHOLDER)
        await terminal.press(*"pupil-0815")
        await terminal.shows("1 person", "Zoë Patterson")
        await terminal.press("enter", "enter")
        await terminal.shows("Source id", "pupil-0815")


async def test_who_is_deactivated_is_found_and_said_to_be(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    await world.app.users.change(
        OPERATOR, pat.id, lambda user: UserFields(user.full_name, is_active=False)
    )
    async with site.terminal() as terminal:
        await terminal.sign_in(SUPPORT)
        await terminal.open(pat, "zo")
        await terminal.shows("Active    no")


async def test_view_as_shows_what_they_may_do_and_by_which_role(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.TEACHER, name="Zoë Patterson")
    async with site.terminal() as terminal:
        await terminal.sign_in(SUPPORT)
        await terminal.open(pat, "zo")
        await terminal.press("v")
        await terminal.shows("What Zoë Patterson may do at:", "North School (organization)")
        await terminal.shows("organizations.read        yes   teacher at North School")
        await terminal.shows("users.read                no")
        await terminal.press("f1")
        await terminal.shows("Nobody acts as somebody else in this")
        await terminal.press("escape", "escape")
        await terminal.shows("Roles: 1")
