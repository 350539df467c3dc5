"""A real HTTP server on loopback that answers `/v1/embeddings`, well or in a usual wrong way."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from storage.llm_embeddings import OpenAIEmbedder

DIMENSION = 4


@dataclass(frozen=True)
class Request:
    line: str
    headers: Mapping[str, str]
    body: bytes
    rest: asyncio.StreamReader

    @property
    def question(self) -> Any:
        return json.loads(self.body)

    @property
    def texts(self) -> list[str]:
        texts: list[str] = self.question["input"]
        return texts


Reply = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]
Rows = list[dict[str, Any]]


def vector_of(text: str, dimension: int = DIMENSION) -> list[float]:
    """A vector that only this text has. Not of length 1."""
    return [zlib.crc32(f"{place}{text}".encode()) / 2**31 - 1 for place in range(dimension)]


def units(texts: list[str]) -> np.ndarray:
    vectors = np.array([vector_of(text) for text in texts])
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def rows_of(request: Request, dimension: int = DIMENSION) -> Rows:
    return [
        {"object": "embedding", "index": index, "embedding": vector_of(text, dimension)}
        for index, text in enumerate(request.texts)
    ]


@dataclass
class EmbeddingServer:
    """Gives each request the next reply; the last one again and again.

    A reply that returns leaves the connection open for the next request, as HTTP/1.1 does.
    """

    replies: Sequence[Reply]
    requests: list[Request] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    most_at_once: int = 0
    port: int = 0
    connections: int = 0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    _now: int = 0
    _tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        tasks = dict(self._tasks)
        for task, writer in tasks.items():
            task.cancel()
            # A task that is cancelled before it has begun closes nothing.
            writer.transport.abort()
        waits = (writer.wait_closed() for writer in tasks.values())
        await asyncio.gather(*tasks, *waits, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks[task] = writer
        task.add_done_callback(self._tasks.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                request = await _read(reader)
                reply = self.replies[min(len(self.requests), len(self.replies) - 1)]
                self.requests.append(request)
                self.asked.set()
                self._now += 1
                self.most_at_once = max(self.most_at_once, self._now)
                try:
                    await reply(request, writer)
                    await writer.drain()
                finally:
                    self._now -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *fields = head.rstrip().split("\r\n")
    headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(line, headers, body, reader)


def head(status: int, length: int, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def body_of(rows: Rows) -> bytes:
    return json.dumps({"object": "list", "data": rows, "model": "test"}).encode()


def says(body: bytes, status: int = 200, **headers: str) -> Reply:
    async def reply(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head(status, len(body), **headers) + body)

    return reply


def fails(status: int, **headers: str) -> Reply:
    """An error whose body quotes what nobody but the person may read."""
    return says(b'{"error": {"message": "not this secret text, sk-key"}}', status, **headers)


def with_rows(change: Callable[[Rows], Rows], dimension: int = DIMENSION) -> Reply:
    """A good answer, except for what `change` does to its rows."""

    async def reply(request: Request, writer: asyncio.StreamWriter) -> None:
        body = body_of(change(rows_of(request, dimension)))
        writer.write(head(200, len(body)) + body)

    return reply


good = with_rows(lambda rows: rows)


async def packed(request: Request, writer: asyncio.StreamWriter) -> None:
    """Vectors as base64 of little-endian float32."""
    rows = rows_of(request)
    for row in rows:
        numbers = struct.pack(f"<{DIMENSION}f", *row["embedding"])
        row["embedding"] = base64.b64encode(numbers).decode()
    body = body_of(rows)
    writer.write(head(200, len(body)) + body)


async def chunked(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    body = body_of(rows_of(request))
    for start in range(0, len(body), 7):
        piece = body[start : start + 7]
        writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await writer.drain()
    writer.write(b"0\r\n\r\n")


async def hangs(request: Request, _writer: asyncio.StreamWriter) -> None:
    """Answer nothing until the other side hangs up."""
    await request.rest.read()


async def drips(request: Request, writer: asyncio.StreamWriter) -> None:
    """One byte after the other, never so late that a limit between bytes would notice."""
    body = body_of(rows_of(request))
    writer.write(head(200, len(body)))
    for byte in body:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.02)


async def resets(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def resets_in_the_middle(request: Request, writer: asyncio.StreamWriter) -> None:
    body = body_of(rows_of(request))
    writer.write(head(200, len(body)) + body[: len(body) // 2])
    await writer.drain()
    writer.transport.abort()


async def good_then_closes(request: Request, writer: asyncio.StreamWriter) -> None:
    """Promise to keep the connection, and close it."""
    await good(request, writer)
    await writer.drain()
    writer.close()


async def floods(_request: Request, writer: asyncio.StreamWriter) -> None:
    """Send an answer that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = b" " * 65536
    while True:
        writer.write(b"10000\r\n" + piece + b"\r\n")
        await writer.drain()


class Clock:
    """Waits for nothing, and remembers for how long it should have."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def serving(
    *replies: Reply, clock: Clock | None = None, **options: Any
) -> AsyncIterator[tuple[EmbeddingServer, OpenAIEmbedder]]:
    sleep = (clock or Clock()).sleep
    async with (
        EmbeddingServer(replies) as there,
        OpenAIEmbedder(there.url, "test-model", sleep=sleep, **options) as embedder,
    ):
        yield there, embedder
