"""The numbers that the ranking goes by, and how they are set."""

import pytest
from attrs import evolve

from adapters.settings import WrongSetting, read_settings
from faraday_core.memory.ranking import Weights
from faraday_core.memory.ranking.falling import falling
from faraday_core.memory.ranking.weights import weights_with
from tests.remembering import ask, ids, index_of, memory


def test_every_weight_can_be_set() -> None:
    index = index_of(
        [
            memory("asks", "Is that the longest river?"),
            memory("tells", "That is the longest river."),
        ]
    )

    assert "tells" == ids(ask(index, "longest river"))[0]
    weights = evolve(Weights(), question=5.0)
    assert "asks" == ids(ask(index, "longest river", weights=weights))[0]
    assert "tells" == ids(ask(index, "longest river"))[0]


def test_what_would_rise_is_levelled_and_the_mean_is_kept() -> None:
    assert [0.9, 0.5, 0.5, 0.1] == falling([0.9, 0.2, 0.8, 0.1])
    assert [0.5, 0.5] == falling([0.1, 0.9])
    assert [] == falling([])


def test_weights_are_set_by_name() -> None:
    changed = weights_with({"thread": 0.1, "words_around.before": 0.3, "calibration.few": 1.0})

    assert (0.1, 0.3, 1.0) == (
        changed.thread,
        changed.words_around.before,
        changed.calibration.few,
    )
    assert Weights() == weights_with({})
    assert changed.words == Weights().words


@pytest.mark.parametrize(
    "changes",
    [
        {"unknown": 1.0},
        {"words_around": 1.0},
        {"calibration.": 1.0},
        {"": 1.0},
        {"thread": float("nan")},
        {"thread": 1e9},
        {"half_life_days": 0.0},
        {"b": 2.0},
        {"k1": -1.0},
    ],
)
def test_a_weight_that_means_nothing_is_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"names|gives"):
        weights_with(changes)


def test_the_setting_of_weights_is_read() -> None:
    settings = read_settings({"FARADAY_MEMORY_WEIGHTS": "recent=0.5, context = 2"})

    assert (0.5, 2.0) == (settings.memory_weights.recent, settings.memory_weights.context)
    with pytest.raises(WrongSetting, match="FARADAY_MEMORY_WEIGHTS"):
        read_settings({"FARADAY_MEMORY_WEIGHTS": "recent=much"})
