import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from tempfile import TemporaryFile

from attrs import Factory, evolve, field, frozen

from faraday_core.identity.model import User
from faraday_core.kernel.access import PLATFORM, Action, require, require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import FaradayError, Fault, Forbidden, Invalid
from faraday_core.kernel.parsing import Parser
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.memory.categories import category_for
from faraday_core.memory.embedding import Embedding
from faraday_core.memory.importing import (
    Former,
    ImportReport,
    Numbered,
    Read,
    ReadLine,
    faults_of,
    parts_of,
    read_lines,
)
from faraday_core.memory.known_people import KnownPeople
from faraday_core.memory.layouts import keep_laid
from faraday_core.memory.model import InteractionType, MemoryPolicy, UserMemory
from faraday_core.memory.neighbours import OnDuplicate
from faraday_core.memory.ports import MemoryStorage, MemoryUnit
from faraday_core.memory.ranking.laying import Reading
from faraday_core.memory.uses import MemoryUse
from faraday_core.memory.writing import new_memory, said_again, version_of

Lines = AsyncIterator[bytes]


@frozen
class Task:
    """What an import goes by while it runs. `by_hash`: which memory says so already, of those that
    it has made and those that were asked for."""

    user_id: str
    on_duplicate: OnDuplicate
    reading: Reading
    by_hash: dict[bytes, str] = Factory(dict)
    former: Former = Factory(Former)
    report: ImportReport = field(factory=ImportReport)


@frozen
class Part:
    """What becomes of some lines, until it is all written at once."""

    new: dict[str, UserMemory] = Factory(dict)
    merged: dict[str, UserMemory] = Factory(dict)
    there: dict[str, UserMemory] = Factory(dict)


@frozen
class MemoryImportService:
    """Takes many memories at once, as they are."""

    storage: MemoryStorage
    policy: MemoryPolicy
    parser: Parser
    people: KnownPeople
    use: MemoryUse
    embedding: Embedding
    now: Clock
    new_id: NewId

    async def run(
        self,
        actor: Actor,
        lines: Lines,
        *,
        on_duplicate: OnDuplicate = OnDuplicate.KEEP,
        atomic: bool = False,
    ) -> ImportReport:
        """For oneself. What is wrong with a line refuses the line; `atomic`: all of them.

        Two lines say the same where their words do. Raises Forbidden (`organization_required`),
        Invalid.
        """
        user_id = require_own(actor)
        if self.policy.most_without_organization is not None and actor.organization_id is None:
            detail = "Without an organisation one imports nothing."
            raise Forbidden(detail, code="organization_required")
        return await self._run(actor, user_id, lines, on_duplicate, atomic=atomic)

    async def run_for(
        self,
        actor: Actor,
        user_id: str,
        lines: Lines,
        *,
        on_duplicate: OnDuplicate = OnDuplicate.KEEP,
        atomic: bool = False,
    ) -> ImportReport:
        """For somebody else, as an operator may; raises NotFound, Invalid."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        async with self.storage.look(actor, person=user_id) as reader:
            await reader.get(User, user_id)
        return await self._run(actor, user_id, lines, on_duplicate, atomic=atomic)

    async def _run(
        self, actor: Actor, user_id: str, lines: Lines, on_duplicate: OnDuplicate, *, atomic: bool
    ) -> ImportReport:
        async with self.storage.look(actor, tenant=actor.home, person=user_id) as reader:
            reading = await self.people.reading(reader, user_id)
        task = Task(user_id, on_duplicate, reading)
        if atomic:
            await self._whole(actor, task, lines)
        else:
            async for part in parts_of(lines):
                async with self._unit(actor, task) as unit:
                    number = await unit.memory_keeping.advance()
                    await self._store(unit, task, part, number)
                    await self._account(unit, actor, task)
        return task.report

    async def _whole(self, actor: Actor, task: Task, lines: Lines) -> None:
        """Put aside first: no transaction waits for somebody who sends slowly."""
        with TemporaryFile() as aside:
            async for line in lines:
                await asyncio.to_thread(aside.write, line.rstrip(b"\r\n") + b"\n")
            aside.seek(0)

            async def again() -> Lines:
                while line := await asyncio.to_thread(aside.readline):
                    yield line

            async with self._unit(actor, task) as unit:
                number = await unit.memory_keeping.advance()
                async for part in parts_of(again()):
                    await self._store(unit, task, part, number)
                task.report.require_whole()
                await self._account(unit, actor, task)

    def _unit(self, actor: Actor, task: Task) -> AbstractAsyncContextManager[MemoryUnit]:
        return self.storage.begin(actor, tenant=actor.home, person=task.user_id)

    async def _store(self, unit: MemoryUnit, task: Task, lines: Numbered, number: int) -> None:
        read = await asyncio.to_thread(read_lines, lines, self.parser)
        part = Part()
        names = await self._categories(unit, task, read)
        made = await asyncio.to_thread(self._made, task, read, names, number)
        await self._look_up(unit, task, part, [one for _, one in made])
        for line, memory in made:
            try:
                self._place(task, part, line, memory)
            except FaradayError as error:
                task.report.refuse(line.number, faults_of(error))
        await unit.memory_keeping.add_all([*part.new.values()])
        new = [*part.new.values()]
        await keep_laid(unit, new, task.reading)
        await self.embedding.keep_first(unit, new, task.reading.language, number)
        for id, memory in part.merged.items():
            await unit.add(version_of(part.there[id], self.new_id(), self.now()))
            saved = await unit.save(evolve(memory, changed=number))
            await keep_laid(unit, [saved], task.reading)

    async def _categories(
        self, unit: MemoryUnit, task: Task, read: Sequence[Read]
    ) -> Mapping[str, str]:
        """Of all lines at once; where one names none of the person's, of each alone."""
        given = {line.fields.category for line in read if isinstance(line, ReadLine)}
        names: dict[str, str] = {}
        for one in sorted(name for name in given if name is not None):
            try:
                names |= await category_for(unit, task.user_id, [one], self.now(), self.new_id)
            except Invalid:
                continue  # told of each line that names it
        return names

    def _made(
        self, task: Task, read: Sequence[Read], names: Mapping[str, str], number: int
    ) -> list[tuple[ReadLine, UserMemory]]:
        made = []
        for line in read:
            if not isinstance(line, ReadLine):
                task.report.refuse(*line)
                continue
            fields, category = line.fields, line.fields.category
            try:
                if category is not None and category not in names:
                    fault = Fault("/category", "unknown_reference", "is no category of yours")
                    raise Invalid([fault])
                fields = evolve(fields, category=names.get(category or ""))
                id = self.new_id()
                memory = new_memory(id, task.user_id, fields, self.now(), self.policy)
            except Invalid as error:
                task.report.refuse(line.number, error.faults)
                continue
            made.append((line, evolve(memory, changed=number)))
        return made

    async def _look_up(
        self, unit: MemoryUnit, task: Task, part: Part, made: Sequence[UserMemory]
    ) -> None:
        """All that the lines say again, or supersede, by one question."""
        wanted = {task.former.now(memory.supersedes) for memory in made}
        if task.on_duplicate is not OnDuplicate.KEEP:
            asked = {memory.text_hash for memory in made} - task.by_hash.keys()
            said = await unit.memories.saying(asked) if asked else ()
            for one in sorted(said, key=lambda one: one.id):
                task.by_hash.setdefault(one.text_hash, one.id)
            wanted |= {task.by_hash.get(memory.text_hash) for memory in made}
        ids = [id for id in wanted if id is not None]
        if ids:
            part.there.update({one.id: one for one in await unit.memories.some(ids)})

    def _place(self, task: Task, part: Part, line: ReadLine, memory: UserMemory) -> None:
        """As a new one, or into one that says the same. Raises Invalid, Conflict."""
        known = {**part.there, **part.merged, **part.new} if memory.supersedes else {}
        memory = evolve(memory, supersedes=task.former.now(memory.supersedes))
        if memory.supersedes is not None and memory.supersedes not in known:
            fault = Fault("/supersedes", "unknown_reference", "is no memory of yours")
            raise Invalid([fault])
        same = self._same(task, part, memory)
        if same is not None and task.on_duplicate is OnDuplicate.REFUSE:
            raise Invalid([Fault("/content", "duplicate_memory", f"is what {same.id} says")])
        if same is not None:
            again = said_again(same, memory, self.now())
            (part.new if same.id in part.new else part.merged)[same.id] = again
            task.report.merged += 1
            task.former.note(line.former_id, same.id)
            return
        part.new[memory.id] = memory
        task.by_hash.setdefault(memory.text_hash, memory.id)
        task.former.note(line.former_id, memory.id)
        task.report.created += 1
        self.use.note(task.user_id, memory.id, InteractionType.CREATE)

    def _same(self, task: Task, part: Part, memory: UserMemory) -> UserMemory | None:
        if task.on_duplicate is OnDuplicate.KEEP:
            return None
        id = task.by_hash.get(memory.text_hash)
        if id is None:
            return None
        same = part.new.get(id) or part.merged.get(id) or part.there.get(id)
        return same if same and same.is_live(self.now()) else None

    async def _account(self, unit: MemoryUnit, actor: Actor, task: Task) -> None:
        report = task.report
        await unit.account(
            "memory.import",
            "user",
            task.user_id,
            organization_id=actor.organization_id,
            created=report.created,
            merged=report.merged,
            refused=report.refused,
        )
