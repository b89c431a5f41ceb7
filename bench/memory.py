"""How well memories are found, and how fast: `python -m bench.memory`.

Without anything else it asks our own set, by words alone, and leaves out a feature at a time.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import evolve
from rich.console import Console
from rich.table import Table

from bench.memory_explain import explain
from bench.memory_models import Meaning, meanings
from bench.memory_plot import write_plot
from bench.memory_quality import FIGURES, Answered, Indexes, answered, indexed, interval, mean
from bench.memory_served import LARGE, Served, serve
from bench.memory_sets import own_sets, read_sets
from bench.memory_speed import Speed, measure
from bench.memory_trust import bins, fitted
from bench.memory_understanding import understand
from faraday_core.memory.ranking.weights import Neighbours, Weights

NOBODY: Final = Neighbours(0, 0, 0, 0)
ALL: Final = Weights()
IMPORT_GOAL: Final = 1_500  # memories a second
ALONE: Final = evolve(
    ALL,
    thread=0,
    thread_meaning=0,
    context=0,
    question=0,
    length=0,
    caption=0,
    time=0,
    time_asked=0,
    opening=0,
    recent=0,
    words_around=NOBODY,
    meaning_around=NOBODY,
)
VARIANTS: Final = {
    "all": ALL,
    "without the whole thread": evolve(ALL, thread=0, thread_meaning=0),
    "without neighbours": evolve(ALL, words_around=NOBODY, meaning_around=NOBODY),
    "without names in the question": evolve(ALL, context=0),
    "without times": evolve(ALL, time=0, time_asked=0),
    "without informativeness": evolve(ALL, question=0, length=0, caption=0, opening=0),
    "the memory's own words and meaning": ALONE,
}
console = Console(width=140, highlight=False)


def main() -> None:
    given = _asked()
    sets = read_sets(given.set) if given.set else own_sets()
    if given.understanding:
        understand(LARGE)
        return
    if given.served:
        _tell_served(serve(given.memories, given.people, given.seconds))
        return
    if given.explain:
        explain(indexed(sets), given.explain, console)
        return
    memories = sum(len(one.memories) for one in sets)
    questions = sum(len(one.questions) for one in sets)
    console.print(f"{len(sets)} people, {memories} memories, {questions} questions\n")
    models: Sequence[Meaning | None] = [None, *(meanings(given.models) if given.models else ())]
    for meaning in models:
        ready = indexed(sets, meaning)
        found = {name: answered(ready, weights) for name, weights in VARIANTS.items()}
        console.print(_table(found, meaning.name if meaning else "by words alone"))
        _tell_trust(ready, calibrate=given.calibrate)
        if given.plot and meaning is None:
            write_plot(given.plot, found, bins(ready, ALL))
    for meaning in models if given.speed else ():
        _tell_speed(measure(meaning), meaning.name if meaning else "by words alone")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    parser.add_argument("--set", type=Path, help="long conversations in JSON, instead of our set")
    parser.add_argument("--models", type=Path, help="a data folder with models, to ask them too")
    parser.add_argument("--speed", action="store_true", help="ask one person's 10,000 memories")
    parser.add_argument("--served", action="store_true", help="and over HTTP, with many people")
    parser.add_argument("--understanding", action="store_true", help="analytics and advice alone")
    parser.add_argument("--memories", type=int, default=100_000, help="in all, where it is served")
    parser.add_argument("--people", type=int, default=200, help="whose they are")
    parser.add_argument("--seconds", type=float, default=20.0, help="of many asking at once")
    parser.add_argument("--calibrate", action="store_true", help="fit the relevance anew")
    parser.add_argument("--plot", type=Path, help="draw what each feature is worth, as SVG")
    parser.add_argument("--explain", metavar="QUESTION", help="show how one comes to its answer")
    return parser.parse_args()


def _table(found: Mapping[str, Sequence[Answered]], title: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in ("", *FIGURES, "95 % of recall@10"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, each in found.items():
        low, high = interval(each, "recall@10")
        figures = (f"{100 * mean(each, figure):.1f}" for figure in FIGURES)
        table.add_row(name, *figures, f"{100 * low:.1f} to {100 * high:.1f}")
    return table


def _tell_trust(ready: Sequence[Indexes], *, calibrate: bool) -> None:
    console.print("shown as so likely → of so many, so much was useful:")
    for one in bins(ready, ALL):
        console.print(
            f"  {one.low:.1f} to {one.high:.1f} → {one.count:5}, {100 * one.useful:.0f} %"
        )
    if calibrate:
        console.print(f"fitted: {fitted(ready)}")
    console.print()


def _tell_speed(speed: Speed, title: str) -> None:
    console.print(
        f"{title}: {speed.memories:,} memories read in {speed.read:.2f} s, laid out again in "
        f"{speed.built:.2f} s, "
        f"{speed.megabytes:.1f} MB; asked: p50 {speed.p50:.1f} ms, p95 {speed.p95:.1f} ms "
        "of processor time, the question's own vector included"
    )


def _tell_served(served: Served) -> None:
    console.print(
        f"{served.memories:,} memories of {served.people:,} people, filled in "
        f"{served.filled:.0f} s; {LARGE:,} of each who is asked about alone\n"
    )
    table = Table(
        "over HTTP", "p50, ms", "p95, ms", "p99, ms", "CPU, ms", "of bare", "goal", "met", box=None
    )
    for one in served.times:
        p50, p95, p99 = (one.of(share) for share in (0.5, 0.95, 0.99))
        met = "yes" if one.reached(one) else "NO"
        ratio = f"{p50 / served.bare:.1f}"
        each = (p50, p95, p99, one.cpu)
        table.add_row(one.what, *(f"{ms:.1f}" for ms in each), ratio, one.goal, met)
    console.print(table)
    console.print(f"\nthe bare SQL for one of the large: p50 {served.bare:.1f} ms")
    enough = "yes" if served.imported >= IMPORT_GOAL else "NO"
    console.print(f"import: {served.imported:,.0f} a second (at least {IMPORT_GOAL:,}: {enough})")
    console.print(f"answers that failed: {served.failed}")


if __name__ == "__main__":
    main()
