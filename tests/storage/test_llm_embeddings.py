from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import numpy as np
import pytest

from storage.embedders import Embedder
from storage.llm_embeddings import OpenAIEmbedder
from tests.storage import embedding_server as server
from tests.storage.embedding_server import Clock, EmbeddingServer, Reply, Rows, serving, units

pytestmark = pytest.mark.usefixtures("no_endpoint")

TEXT = "a very secret text"


# What goes right


async def test_vectors_come_in_the_order_of_the_texts_at_length_one() -> None:
    texts = [f"text {number}" for number in range(150)]
    async with serving(server.good) as (there, embedder):
        vectors = await embedder.embed(texts)
        assert [len(request.texts) for request in there.requests] == [64, 64, 22]
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, units(texts), atol=1e-6)


@pytest.mark.parametrize("reply", [server.packed, server.chunked, server.good_then_closes])
async def test_every_way_to_write_an_answer_is_understood(reply: Reply) -> None:
    async with serving(reply, concurrency=1, batch_size=2) as (_, embedder):
        for _ in range(3):
            np.testing.assert_allclose(
                await embedder.embed(["a", "b", "c"]), units(["a", "b", "c"]), atol=1e-6
            )


def _shuffled(rows: Rows) -> Rows:
    return rows[1::2] + rows[::2]


def _unnumbered(rows: Rows) -> Rows:
    return [{"embedding": row["embedding"]} for row in rows]


@pytest.mark.parametrize("change", [_shuffled, _unnumbered])
async def test_the_index_field_gives_the_order_and_without_it_the_list_does(
    change: Callable[[Rows], Rows],
) -> None:
    texts = list("abcdefg")
    async with serving(server.with_rows(change)) as (_, embedder):
        np.testing.assert_allclose(await embedder.embed(texts), units(texts), atol=1e-6)


async def test_connections_are_kept_between_calls() -> None:
    async with serving(server.good) as (there, embedder):
        for _ in range(3):
            await embedder.embed(["a"])
        assert there.connections == 1


async def test_no_more_requests_run_at_once_than_allowed() -> None:
    async def slow(request: server.Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.01)
        await server.good(request, writer)

    async with serving(slow, batch_size=1, concurrency=3) as (there, embedder):
        await asyncio.gather(*(embedder.embed(["a", "b", "c", "d"]) for _ in range(4)))
        assert there.most_at_once == 3


async def test_the_question_is_what_the_interface_asks_for() -> None:
    async with serving(server.packed, encoding="base64", dimension=4) as (there, embedder):
        await embedder.embed(["a"])
        [request] = there.requests
    assert request.line == "POST /v1/embeddings HTTP/1.1"
    assert request.question == {
        "model": "test-model",
        "input": ["a"],
        "encoding_format": "base64",
        "dimensions": 4,
    }


async def test_the_dimension_is_learned_from_the_first_answer() -> None:
    async with serving(server.good) as (_, embedder):
        told: Embedder = embedder
        assert told.dimension == 0
        await embedder.embed(["a"])
        assert told.dimension == server.DIMENSION


async def test_texts_without_anything_to_read_are_never_sent_and_become_zero() -> None:
    async with serving(server.good) as (there, embedder):
        vectors = await embedder.embed(["", "a", " \n\0"])
        assert there.requests[0].texts == ["a"]
    assert not vectors[[0, 2]].any()
    np.testing.assert_allclose(vectors[[1]], units(["a"]), atol=1e-6)


async def test_empty_texts_alone_have_vectors_of_the_right_length() -> None:
    async with serving(server.good) as (_, embedder):
        assert (await embedder.embed(["", " "])).shape == (2, server.DIMENSION)


async def test_no_texts_need_no_request() -> None:
    async with serving(server.good, dimension=4) as (there, embedder):
        assert (await embedder.embed([])).shape == (0, 4)
        assert not there.requests


async def test_any_text_can_be_sent() -> None:
    texts = ["\ud800 alone", "\0", "😀" * 9000, "x" * 10_000_000, "\x1b]52;c;!\x07"]
    async with serving(server.good) as (there, embedder):
        assert (await embedder.embed(texts)).shape == (5, server.DIMENSION)
        sent = there.requests[0].texts
    assert sent[0] == "\ufffd alone"
    assert max(map(len, sent)) == 6000


# What goes wrong and passes


@pytest.mark.parametrize(
    "reply",
    [
        server.fails(429), server.fails(500), server.fails(502), server.fails(503),
        server.fails(408), server.resets, server.resets_in_the_middle, server.hangs, server.drips,
    ],
)  # fmt: skip
async def test_what_may_pass_is_tried_again(reply: Reply) -> None:
    clock = Clock()
    async with serving(reply, reply, server.good, clock=clock, timeout=0.2) as (there, embedder):
        vectors = await embedder.embed(["a"])
        assert len(there.requests) == 3
    np.testing.assert_allclose(vectors, units(["a"]), atol=1e-6)
    first, second = clock.waits
    assert 0.25 <= first <= 0.5 <= second <= 1.0


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_honoured_in_seconds(status: int) -> None:
    clock = Clock()
    reply = server.fails(status, Retry_After="7")
    async with serving(reply, server.good, clock=clock) as (_, embedder):
        await embedder.embed(["a"])
    assert clock.waits == [7.0]


async def test_retry_after_is_honoured_as_a_date() -> None:
    clock = Clock()
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    async with serving(server.fails(429, Retry_After=then), server.good, clock=clock) as (_, it):
        await it.embed(["a"])
    assert 30 < clock.waits[0] <= 60


@pytest.mark.parametrize(
    "nonsense",
    ["soon", "nan", "inf", "", "Mon, 99 Foo 2026", "1 Jan 2026 00:00:00 +999999999999999"],
)
async def test_a_retry_after_that_means_nothing_is_left_aside(nonsense: str) -> None:
    clock = Clock()
    reply = server.fails(429, Retry_After=nonsense)
    async with serving(reply, server.good, clock=clock) as (_, embedder):
        await embedder.embed(["a"])
    assert clock.waits[0] <= 0.5


async def test_a_batch_that_is_too_large_is_sent_in_pieces() -> None:
    async def at_most_three(request: server.Request, writer: asyncio.StreamWriter) -> None:
        few = len(request.texts) <= 3
        await (server.good if few else server.fails(413))(request, writer)

    texts = list("abcdefghij")
    async with serving(at_most_three) as (_, embedder):
        np.testing.assert_allclose(await embedder.embed(texts), units(texts), atol=1e-6)


async def test_a_text_that_is_too_long_is_cut_and_the_others_are_not() -> None:
    async def short(request: server.Request, writer: asyncio.StreamWriter) -> None:
        fits = max(map(len, request.texts)) <= 1600
        await (server.good if fits else server.fails(400))(request, writer)

    async with serving(short) as (_, embedder):
        vectors = await embedder.embed(["a", "b" * 5000, "c" * 1600])
    expected = units(["a", "b" * 1250, "c" * 1600])
    np.testing.assert_allclose(vectors, expected, atol=1e-6)


# Cancelling and closing


async def test_a_cancelled_call_hangs_up_and_the_next_one_works() -> None:
    async with serving(server.hangs, server.good) as (there, embedder):
        task = asyncio.create_task(embedder.embed(["a"]))
        await there.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await there.hung_up.wait()
        assert (await embedder.embed(["b"])).shape == (1, server.DIMENSION)


async def test_a_cancelled_wait_between_tries_frees_its_slot() -> None:
    waiting = asyncio.Event()

    async def for_ever(_: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async with (
        EmbeddingServer([server.fails(500), server.good]) as there,
        OpenAIEmbedder(there.url, "m", concurrency=1, sleep=for_ever) as embedder,
    ):
        task = asyncio.create_task(embedder.embed(["a"]))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await embedder.embed(["b"])).shape == (1, server.DIMENSION)


async def test_closing_twice_and_using_again_works() -> None:
    async with serving(server.good) as (_, embedder):
        await embedder.embed(["a"])
        await embedder.aclose()
        await embedder.aclose()
        assert (await embedder.embed(["b"])).shape == (1, server.DIMENSION)
