"""How one question comes to its answer, term by term."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench.memory_quality import Indexes, now_of
from faraday_core.memory.ranking import Question, Weights, search
from faraday_core.memory.ranking.gathering import gather
from faraday_core.memory.ranking.search import leads_of, rank

FIRST = 3


def explain(sets: Sequence[Indexes], text: str, console: Console) -> None:
    """To the one of whose questions it is, or to the first."""
    asked = (one for one in sets if text in {question.text for question in one.of.questions})
    of = next(asked, sets[0])
    question, weights, now = Question(text), Weights(), now_of(of.of)
    gathered = gather(of.index, question, weights)
    for term, idf in gathered.matches.idf.items():
        console.print(f"{gathered.words_asked[term]} ({term}): weighs {idf:.2f}")
    ranked = rank(of.index, gathered, now, FIRST + 10, weights=weights)
    found = {one.id: one for one in search(of.index, question, now, weights=weights)}
    contents = {memory.id: memory.content for memory in of.of.memories}
    for one, lead in list(zip(ranked, leads_of(ranked), strict=True))[:FIRST]:
        table = Table(title=contents[one.entry.id], title_justify="left", box=None)
        for kind, part in one.parts.items():
            if round(part, 2):
                table.add_row(kind, f"{part:+.2f}")
        table.add_row("informativeness", f"{one.score - sum(one.parts.values()):+.2f}")
        table.add_row("score", f"{one.score:.2f}")
        table.add_row("coverage", f"{one.row.coverage:.2f}")
        table.add_row("lead", f"{lead:+.2f}")
        table.add_row("relevance_score", f"{found[one.entry.id].relevance_score:.2f}")
        console.print(table)
        for reason in found[one.entry.id].reasons:
            console.print(f"  {reason.kind}: {reason.detail}")
        console.print()
