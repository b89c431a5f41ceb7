"""By which words people are found: worked out here, as for everybody, and written set-wise."""

import csv
import io
from typing import Final

from adapters.persistence.postgres.rosters.work import Work
from faraday_core.people.model import terms_of_name

_AT_ONCE: Final = 5_000


async def describe(work: Work, people: str, *, renewed: str) -> None:
    """`people`: ids with names and addresses. `renewed`: whose words are there from before."""
    await work.run(f"""
        delete from user_terms where tenant_id = %(tenant)s and user_id in ({renewed})""")
    await work.run('create temp table stage_terms (user_id uuid, term text collate "C")')
    # A cursor of the server's, so that not all names are here at once.
    async with work.connection.cursor("people") as found:
        await found.execute(people)
        while some := await found.fetchmany(_AT_ONCE):
            text = io.StringIO(newline="")
            lines = csv.writer(text)
            for id, name, key in some:
                lines.writerows((id, term) for term in terms_of_name(name, key))
            async with (
                work.connection.cursor() as cursor,
                cursor.copy("copy stage_terms from stdin (format csv)") as copy,
            ):
                await copy.write(text.getvalue().encode())
    await work.run("""
        insert into user_terms (tenant_id, user_id, term)
        select %(tenant)s, user_id, term from stage_terms""")
    await work.run("drop table stage_terms")
