"""An embedder over any OpenAI-compatible `/v1/embeddings`: LM Studio, Ollama, vLLM, OpenAI.

Texts go to the address that was given and nowhere else: no proxy or `.netrc` from the environment
is used, because a proxy would see them, and no redirect is followed. Plain http is for this
machine only. No error holds a key or a text.
"""

from __future__ import annotations

import asyncio
import base64
import os
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import orjson

from storage.embedders import check_vectors, clean_text
from storage.embedding_endpoint import URL_VARIABLE, Endpoint, new_client
from storage.errors import EmbedderError

if TYPE_CHECKING:
    import httpx

    from storage.embedders import Vectors

MODEL_VARIABLE: Final = "MEMGLASS_EMBEDDINGS_MODEL"

_FIRST_WAIT: Final = 0.5
_MOST_SAID: Final = 365 * 86_400.0
_LONGEST_WAIT: Final = 30.0
_BYTES_PER_TEXT: Final = 262_144
_SHORTEST_CUT: Final = 500
_TOO_MUCH: Final = frozenset({400, 413, 422})
_AGAIN: Final = frozenset({408, 425, 429})


class _AgainError(Exception):
    """One try failed in a way that may pass.

    Attributes:
        trouble: What happened, as the rest of a sentence about the endpoint.
        wait: Seconds that the endpoint asks to wait; None where it doesn't say.
    """

    def __init__(self, trouble: str, wait: float | None = None) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.wait = wait


class _RefusedError(EmbedderError):
    """The endpoint refuses what it was given, perhaps because it is too much at once."""


class OpenAIEmbedder:
    """An embedder over an OpenAI-compatible endpoint.

    It belongs to one event loop, and keeps its connections open until `aclose()` or the end of
    its `async with` block.

    Args:
        base_url: The address up to `/v1`, or whole; https, or http on this machine.
        model: The name of the model as the endpoint knows it.
        api_key_env: The environment variable that holds the key. By default
            `MEMGLASS_EMBEDDINGS_KEY`; `OPENAI_API_KEY` is read for api.openai.com alone, so that
            a key never goes to a stranger.
        dimension: Ask for vectors of this length; by default it is learned from the first answer.
        batch_size: Texts a request.
        concurrency: Requests at the same time.
        max_characters: How much of a text is sent. What the endpoint finds too long is cut more.
        timeout: Seconds for one request.
        time_limit: Seconds for one batch, with all its retries and waits.
        retries: Further tries after timeouts, broken connections, 408, 425, 429 and 5xx.
        encoding: How the endpoint is asked to write vectors; both are understood anyway.
        sleep: What waits between tries; takes seconds.

    Raises:
        EmbedderError: The address or the model cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key_env: str | None = None,
        dimension: int | None = None,
        batch_size: int = 64,
        concurrency: int = 4,
        max_characters: int = 6000,
        timeout: float = 30.0,
        time_limit: float = 120.0,
        retries: int = 4,
        encoding: Literal["float", "base64"] = "float",
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        if not model.strip():
            raise EmbedderError(f"The model's name is empty: set {MODEL_VARIABLE}.")
        if min(batch_size, concurrency, max_characters) < 1 or retries < 0:
            raise ValueError("batch_size, concurrency and max_characters start at 1, retries at 0")
        self._endpoint = Endpoint.parse(base_url, key_variable=api_key_env)
        self._model = model.strip()
        self._asked_dimension = dimension
        self._dimension = dimension or 0
        self._batch_size = batch_size
        self._max_characters = max_characters
        self._timeout = timeout
        self._time_limit = time_limit
        self._retries = retries
        self._encoding = encoding
        self._sleep = sleep
        self._slots = asyncio.Semaphore(concurrency)
        self._opening = asyncio.Lock()
        self._client: httpx.AsyncClient | None = None

    @property
    def name(self) -> str:
        """The model and where it is served: one name is another model elsewhere."""
        asked = f" in {self._asked_dimension} dimensions" if self._asked_dimension else ""
        return f"{self._model} at {self._endpoint.shown}{asked}"

    @property
    def dimension(self) -> int:
        """How long a vector is; 0 until the endpoint has told."""
        return self._dimension

    @property
    def sends_text_to(self) -> str:
        """The machine that texts are sent to, empty where that is this machine."""
        return "" if self._endpoint.local else self._endpoint.host

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the connections. A later call opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Turn texts into vectors, in batches. A text without anything to read is never sent.

        Returns:
            float32 of shape [len(texts), dimension], as `Embedder.embed` says.

        Raises:
            EmbedderError: The endpoint is gone, refuses, or answers with something else; the
                sentence names its address and what to do.
        """
        cleaned = [clean_text(text, self._max_characters) for text in texts]
        rows = [row for row, text in enumerate(cleaned) if text.strip()]
        if not rows and not self._dimension:
            await self._batch(["dimension"])
        batches = [rows[i : i + self._batch_size] for i in range(0, len(rows), self._batch_size)]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._batch([cleaned[row] for row in batch]))
                    for batch in batches
                ]
        except BaseExceptionGroup as failed:
            # The first failure has cancelled the other batches.
            raise failed.exceptions[0] from None
        # Only now: the thread that read the answers has imported it, off the event loop.
        import numpy as np

        vectors = np.zeros((len(texts), self._dimension), np.float32)
        for batch, task in zip(batches, tasks, strict=True):
            vectors[batch] = task.result()
        return vectors

    async def _batch(self, texts: list[str]) -> Vectors:
        """Embed one batch within its time, waiting for a free slot first."""
        async with self._slots:
            try:
                async with asyncio.timeout(self._time_limit):
                    return await self._fitting(texts)
            except TimeoutError:
                raise EmbedderError(
                    f"{self._endpoint.shown} gave no vectors within {self._time_limit:g} seconds: "
                    "see whether it is overloaded."
                ) from None

    async def _fitting(self, texts: list[str]) -> Vectors:
        """Embed a batch in smaller pieces where the endpoint refuses it: it may be too long."""
        try:
            return await self._persistent(texts)
        except _RefusedError:
            if len(texts) == 1 and len(texts[0]) <= _SHORTEST_CUT:
                raise
        if len(texts) == 1:
            return await self._fitting([texts[0][: len(texts[0]) // 2]])
        import numpy as np

        half = len(texts) // 2
        first = await self._fitting(texts[:half])
        return np.concatenate([first, await self._fitting(texts[half:])])

    async def _persistent(self, texts: list[str]) -> Vectors:
        """Ask again, later and later, while it may help."""
        for tried in range(self._retries + 1):
            try:
                return await self._ask(texts)
            except _AgainError as error:
                again = error
            if tried == self._retries or (again.wait or 0.0) > self._time_limit:
                break
            backoff = min(_LONGEST_WAIT, _FIRST_WAIT * 2**tried)
            jittered = backoff * random.uniform(0.5, 1.0)  # noqa: S311 - spreads clients only
            await self._sleep(jittered if again.wait is None else again.wait)
        raise EmbedderError(f"{self._endpoint.shown} {again.trouble}: try again later.")

    async def _ask(self, texts: list[str]) -> Vectors:
        """Ask once.

        Raises:
            _AgainError: It may go better next time.
            EmbedderError: It won't.
        """
        client = await self._open()
        import httpx

        try:
            async with asyncio.timeout(self._timeout):
                status, headers, body = await self._post(client, texts)
        except TimeoutError:
            raise _AgainError(f"did not answer within {self._timeout:g} seconds") from None
        except httpx.ConnectError:
            if self._endpoint.local:
                raise EmbedderError(
                    f"Nothing answers at {self._endpoint.shown}: start the server, or mend "
                    f"{URL_VARIABLE}."
                ) from None
            raise _AgainError("cannot be reached") from None
        except httpx.InvalidURL:
            raise EmbedderError(f"{self._endpoint.shown} is no address: mend it.") from None
        except httpx.RequestError as error:
            raise _AgainError(f"broke the connection ({type(error).__name__})") from None
        self._judge(status, headers)
        vectors = await asyncio.to_thread(self._read, body, len(texts))
        self._dimension = self._dimension or vectors.shape[1]
        if vectors.shape[1] != self._dimension:
            raise EmbedderError(
                f"{self._endpoint.shown} gives vectors of {vectors.shape[1]} dimensions where "
                f"{self._dimension} are expected: see which model it serves as {self._model!r}."
            )
        return vectors

    async def _post(
        self, client: httpx.AsyncClient, texts: list[str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send a batch and read the answer, no more of it than vectors could take."""
        question: dict[str, Any] = {"model": self._model, "input": texts}
        question["encoding_format"] = self._encoding
        if self._asked_dimension:
            question["dimensions"] = self._asked_dimension
        body = bytearray()
        async with client.stream(
            "POST",
            self._endpoint.url,
            content=orjson.dumps(question),
            headers=self._endpoint.headers(),
        ) as response:
            if response.status_code == 200:
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > (len(texts) + 4) * _BYTES_PER_TEXT:
                        raise self._wrong("is far larger than vectors are")
            return response.status_code, response.headers, bytes(body)

    async def _open(self) -> httpx.AsyncClient:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(new_client)
            return self._client

    def _judge(self, status: int, headers: Mapping[str, str]) -> None:
        """Raise what a status other than 200 means. The body is left out: it may quote a text."""
        shown = self._endpoint.shown
        if status == 200:
            return
        if status in _AGAIN or status >= 500:
            wait = _asked_wait(headers.get("Retry-After", ""))
            asks = "" if wait is None else f" and asks to wait {wait:.0f} seconds"
            raise _AgainError(f"answers {status}{asks}", wait)
        if status in (401, 403):
            raise EmbedderError(
                f"{shown} answers {status}: set {self._endpoint.key_variable} to a valid key."
            )
        if 300 <= status < 400:
            raise EmbedderError(
                f"{shown} answers {status} and sends elsewhere, which is not followed: set "
                f"{URL_VARIABLE} to the final address."
            )
        if status in _TOO_MUCH:
            raise _RefusedError(
                f"{shown} answers {status} even to a short text: see whether {self._model!r} is a "
                "model for embeddings."
            )
        raise EmbedderError(
            f"{shown} answers {status}: see whether {URL_VARIABLE} ends in /v1 as it should and "
            f"the model {self._model!r} is served there."
        )

    def _read(self, body: bytes, count: int) -> Vectors:
        """Return the vectors of an answer, in the order of the texts. Runs in a thread."""
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise self._wrong("is not JSON") from None
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._wrong("has no list of vectors under `data`")
        if len(rows) != count:
            raise self._wrong(f"has {len(rows)} vectors for {count} texts")
        indexes = [row.get("index") for row in rows]
        if any(index is not None for index in indexes):
            places = {index: row for row, index in enumerate(indexes) if type(index) is int}
            if sorted(places) != list(range(count)):
                raise self._wrong("doesn't say which vector belongs to which text")
            rows = [rows[places[text]] for text in range(count)]
        try:
            return check_vectors([_vector(row.get("embedding")) for row in rows], count)
        except (ValueError, EmbedderError) as error:
            raise self._wrong(f"holds wrong vectors ({str(error).rstrip('.')})") from None

    def _wrong(self, what: str) -> EmbedderError:
        return EmbedderError(
            f"The answer of {self._endpoint.shown} {what}: see whether it is OpenAI-compatible."
        )


def embedder_from_environment() -> OpenAIEmbedder | None:
    """Return the endpoint that the person named, or None where none is named.

    `MEMGLASS_EMBEDDINGS_URL` and `MEMGLASS_EMBEDDINGS_MODEL` name it; the key, if it wants one, is
    in `MEMGLASS_EMBEDDINGS_KEY`, or for api.openai.com in `OPENAI_API_KEY`.

    Raises:
        EmbedderError: Only one of the two is set, or the address cannot be used.
    """
    url, model = (os.environ.get(name, "").strip() for name in (URL_VARIABLE, MODEL_VARIABLE))
    if not url and not model:
        return None
    if not url or not model:
        missing, present = (MODEL_VARIABLE, URL_VARIABLE) if url else (URL_VARIABLE, MODEL_VARIABLE)
        raise EmbedderError(f"{present} is set without {missing}: set both, or neither.")
    return OpenAIEmbedder(url, model)


def _vector(written: object) -> object:
    """Return a vector that may be base64 of little-endian float32."""
    import numpy as np

    if not isinstance(written, str):
        return written
    return np.frombuffer(base64.b64decode(written, validate=True), "<f4")


def _asked_wait(header: str) -> float | None:
    """Return the seconds of a Retry-After header: a number, or the time of a date."""
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    # More than a year says nothing: no sentence is to hold three hundred digits.
    return max(0.0, seconds) if abs(seconds) < _MOST_SAID else None
