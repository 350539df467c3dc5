"""What an endpoint may do for good: each ends in a sentence that names it and tells no secret."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from storage.errors import EmbedderError
from storage.llm_embeddings import OpenAIEmbedder
from tests.storage import embedding_server as server
from tests.storage.embedding_server import Clock, EmbeddingServer, Reply, Rows, serving

pytestmark = pytest.mark.usefixtures("no_endpoint")

TEXT = "a very secret text"


async def sentence_of(*replies: Reply, texts: int = 1, **options: Any) -> str:
    """Return what the error says, having checked that it tells no secret and where it was."""
    async with serving(*replies, **options) as (there, embedder):
        with pytest.raises(EmbedderError) as raised:
            await embedder.embed([f"{TEXT} {number}" for number in range(texts)])
    told = "".join(traceback.format_exception(raised.value))
    assert "secret" not in told
    assert "sk-" not in told
    sentence = str(raised.value)
    assert f"http://127.0.0.1:{there.port}/v1/embeddings" in sentence
    assert sentence.endswith(".")
    return sentence


async def test_an_endpoint_that_is_gone_is_named_at_once() -> None:
    clock = Clock()
    async with EmbeddingServer([server.good]) as there:
        url = there.url
    async with OpenAIEmbedder(url, "m", sleep=clock.sleep) as embedder:
        with pytest.raises(EmbedderError, match=f"Nothing answers at {url}/embeddings: start"):
            await embedder.embed(["a"])
    assert not clock.waits


@pytest.mark.parametrize("status", [429, 500])
async def test_tries_come_to_an_end(status: int) -> None:
    clock = Clock()
    said = await sentence_of(server.fails(status), clock=clock, retries=3)
    assert f"answers {status}: try again later" in said
    assert len(clock.waits) == 3


async def test_a_wait_that_is_longer_than_the_limit_is_not_begun() -> None:
    clock = Clock()
    said = await sentence_of(server.fails(429, Retry_After="3600"), clock=clock)
    assert "answers 429 and asks to wait 3600 seconds" in said
    assert not clock.waits


@pytest.mark.parametrize("header", ["1e308", "inf", "-inf", "nan"])
async def test_a_wait_that_makes_no_sense_is_not_told(header: str) -> None:
    clock = Clock()
    said = await sentence_of(server.fails(429, Retry_After=header), clock=clock, retries=2)
    assert "answers 429: try again later" in said
    assert len(clock.waits) == 2


@pytest.mark.parametrize("reply", [server.hangs, server.drips])
async def test_an_endpoint_that_is_too_slow_is_given_up(reply: Reply) -> None:
    said = await sentence_of(reply, timeout=0.1, retries=1)
    assert "did not answer within 0.1 seconds" in said


async def test_all_tries_together_have_a_time_limit() -> None:
    said = await sentence_of(server.hangs, time_limit=0.1)
    assert "gave no vectors within 0.1 seconds" in said


async def test_a_connection_that_always_breaks_is_given_up() -> None:
    assert "broke the connection" in await sentence_of(server.resets_in_the_middle, retries=1)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_not_tried_again(status: int) -> None:
    clock = Clock()
    said = await sentence_of(server.fails(status), clock=clock)
    assert f"answers {status}: set MEMGLASS_EMBEDDINGS_KEY to a valid key" in said
    assert not clock.waits


async def test_an_unknown_address_or_model_is_named() -> None:
    said = await sentence_of(server.fails(404))
    assert "answers 404" in said
    assert "'test-model'" in said


async def test_a_refusal_of_everything_comes_to_an_end() -> None:
    assert "answers 400 even to a short text" in await sentence_of(server.fails(400), texts=64)


async def test_a_redirect_is_not_followed() -> None:
    async with EmbeddingServer([server.good]) as stranger:
        said = await sentence_of(server.fails(307, Location=f"{stranger.url}/embeddings"))
        assert not stranger.requests
    assert "answers 307 and sends elsewhere" in said


def _with(value: object) -> Callable[[Rows], Rows]:
    """Put a value in the place of the last number of the last vector."""

    def change(rows: Rows) -> Rows:
        rows[-1]["embedding"][-1] = value
        return rows

    return change


def _vector_is(value: object) -> Callable[[Rows], Rows]:
    return lambda rows: [*rows[:-1], {**rows[-1], "embedding": value}]


def _index_is(value: object) -> Callable[[Rows], Rows]:
    return lambda rows: [*rows[:-1], {**rows[-1], "index": value}]


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        (server.says(b"<html><h1>Sign in</h1></html>"), "is not JSON"),
        (server.says(b""), "is not JSON"),
        (server.says(b'{"data": [{"index": 0, "embedding": [0.1, 0.'), "is not JSON"),
        (server.says(b'{"data": [{"index": 0, "embedding": [NaN, 1]}]}'), "is not JSON"),
        (server.says(b"[1, 2]"), "no list of vectors"),
        (server.says(b'{"error": "no"}'), "no list of vectors"),
        (server.says(b'{"data": [1, 2]}'), "no list of vectors"),
        (server.with_rows(lambda rows: rows[1:]), "has 1 vectors for 2 texts"),
        (server.with_rows(lambda rows: rows * 2), "has 4 vectors for 2 texts"),
        (server.with_rows(_index_is(0)), "which vector belongs"),
        (server.with_rows(_index_is(7)), "which vector belongs"),
        (server.with_rows(_index_is(None)), "which vector belongs"),
        (server.with_rows(_index_is([1])), "which vector belongs"),
        (server.with_rows(_index_is(True)), "which vector belongs"),
        (server.with_rows(_with(None)), "vector of text 1 holds a value that is no finite"),
        (server.with_rows(_with("secret")), "not rows of numbers"),
        (server.with_rows(_with([1.0])), "not rows of numbers"),
        (server.with_rows(_vector_is(None)), "not rows of numbers"),
        (server.with_rows(_vector_is([1.0])), "not rows of numbers"),
        (server.with_rows(_vector_is({})), "not rows of numbers"),
        (server.with_rows(_vector_is("AAAA")), "wrong vectors"),
        (server.with_rows(_vector_is("secret!")), "wrong vectors"),
        (server.with_rows(_vector_is("AADAfwAAwH8AAMB/AADAfw==")), "no finite number"),
        (server.with_rows(lambda rows: rows, dimension=0), "0 dimensions"),
        (server.floods, "far larger than vectors are"),
    ],
)
async def test_a_wrong_answer_is_named_and_not_asked_for_again(reply: Reply, what: str) -> None:
    clock = Clock()
    assert what in await sentence_of(reply, texts=2, clock=clock)
    assert not clock.waits


async def test_vectors_of_another_length_than_before_are_refused() -> None:
    wider = server.with_rows(lambda rows: rows, dimension=6)
    async with serving(server.good, wider) as (_, embedder):
        await embedder.embed(["a"])
        with pytest.raises(EmbedderError, match="6 dimensions where 4 are expected"):
            await embedder.embed(["b"])


async def test_vectors_of_another_length_than_asked_for_are_refused() -> None:
    assert "4 dimensions where 8 are expected" in await sentence_of(server.good, dimension=8)


async def test_the_first_batch_that_fails_ends_the_others() -> None:
    released = asyncio.Event()

    async def hangs(request: server.Request, writer: asyncio.StreamWriter) -> None:
        await server.hangs(request, writer)
        released.set()

    async with serving(hangs, server.fails(404), batch_size=1) as (_, embedder):
        with pytest.raises(EmbedderError, match="404"):
            await embedder.embed(["a", "b"])
        await released.wait()
