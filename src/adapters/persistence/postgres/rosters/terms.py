"""By which words people are found: worked out here, as for everybody, and written set-wise."""

import asyncio
from collections.abc import Sequence
from typing import Final

from adapters.persistence.postgres.rosters.work import Work
from faraday_core.people.model import terms_of_name

_AT_ONCE: Final = 20_000  # people
_A_WHILE: Final = 100  # people, after whom PostgreSQL is given more to do
# In the order of the larger ones of its indexes. No word holds a blank.
_WRITE: Final = """
insert into user_terms (tenant_id, user_id, term)
select %(tenant)s, p.user_id, word.term collate "C" term
from unnest(%(people)s::uuid[], string_to_array(%(words)s, chr(10))) p (user_id, words),
  unnest(string_to_array(p.words, ' ')) word (term)
order by term, user_id
"""


async def describe(work: Work, people: str, *, renewed: str) -> None:
    """`people`: ids with names and addresses. `renewed`: whose words are there from before."""
    await work.run(f"""
        delete from user_terms where tenant_id = %(tenant)s and user_id in ({renewed})""")
    writing: asyncio.Task[int] | None = None
    # A cursor of the server's, so that not all names are here at once.
    async with work.connection.cursor("people") as found:
        await found.execute(people)
        some = await found.fetchmany(_AT_ONCE)
        try:
            while some:
                # The words of some, while those of the ones before are written.
                ids = f"{{{','.join(row[0] for row in some)}}}"
                words = await _words(some)
                if writing:
                    await writing
                some = await found.fetchmany(_AT_ONCE)
                writing = asyncio.create_task(work.run(_WRITE, people=ids, words=words))
            if writing:
                await writing
        finally:
            if writing:
                writing.cancel()  # where it is not done


async def _words(people: Sequence[tuple[str, str, str | None]]) -> str:
    """A line each."""
    lines = []
    for number, (_, name, key) in enumerate(people):
        if not number % _A_WHILE:
            await asyncio.sleep(0)
        lines.append(" ".join(terms_of_name(name, key)))
    return "\n".join(lines)
