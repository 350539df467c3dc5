from __future__ import annotations

import logging

import pytest

from storage.embedding_endpoint import Endpoint
from storage.errors import EmbedderError
from storage.llm_embeddings import OpenAIEmbedder, embedder_from_environment
from tests.storage import embedding_server as server
from tests.storage.embedding_server import EmbeddingServer, serving

pytestmark = pytest.mark.usefixtures("no_endpoint")

KEY = "sk-very-secret-key"
TEXT = "a very secret text"


async def test_the_key_goes_into_the_header_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MY_KEY", f" {KEY}\n")
    caplog.set_level(logging.DEBUG)
    async with serving(server.good, api_key_env="MY_KEY") as (there, embedder):
        await embedder.embed([TEXT])
        assert there.requests[0].headers["authorization"] == f"Bearer {KEY}"
        assert KEY not in repr(embedder) + repr(vars(embedder)) + embedder.name
    assert KEY not in caplog.text
    assert TEXT not in caplog.text


async def test_without_a_key_there_is_no_authorization() -> None:
    async with serving(server.good) as (there, embedder):
        await embedder.embed(["a"])
        assert "authorization" not in there.requests[0].headers


async def test_the_key_of_openai_never_goes_to_a_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    async with serving(server.good) as (there, embedder):
        await embedder.embed(["a"])
        assert "authorization" not in there.requests[0].headers


async def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MEMGLASS_EMBEDDINGS_KEY", "sk-a\nsecret")
    async with serving(server.good) as (there, embedder):
        with pytest.raises(EmbedderError, match=r"^MEMGLASS_EMBEDDINGS_KEY holds no key: set it"):
            await embedder.embed(["a"])
        assert not there.requests


async def test_credentials_in_the_address_are_used_and_never_shown() -> None:
    async with EmbeddingServer([server.good, server.fails(404)]) as there:
        url = f"http://me:sk-%C3%BC@127.0.0.1:{there.port}/v1/?api-version=sk-2"
        async with OpenAIEmbedder(url, "m") as embedder:
            await embedder.embed(["a"])
            with pytest.raises(EmbedderError) as raised:
                await embedder.embed(["a"])
        [request, _] = there.requests
    assert request.headers["authorization"] == "Basic bWU6c2stw7w="
    assert request.line == "POST /v1/embeddings?api-version=sk-2 HTTP/1.1"
    assert "sk-" not in f"{raised.value} {embedder.name} {vars(embedder)!r}"


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_no_proxy_of_the_environment_sees_a_text(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with EmbeddingServer([server.good]) as proxy:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        async with serving(server.good) as (there, embedder):
            await embedder.embed(["a"])
            assert len(there.requests) == 1
        assert not proxy.requests


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("", "/v1/embeddings"),
        ("/", "/v1/embeddings"),
        ("/v1", "/v1/embeddings"),
        ("/v1/", "/v1/embeddings"),
        ("/openai/v1", "/openai/v1/embeddings"),
        ("/v1/embeddings", "/v1/embeddings"),
    ],
)
def test_an_address_may_be_given_in_part_or_whole(given: str, path: str) -> None:
    embedder = OpenAIEmbedder(f"https://Example.com:8443{given}", "m")
    assert embedder.name == f"m at https://example.com:8443{path}"


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1234", "http://localhost:1/v1", "http://[::1]:80/v1", "https://localhost"],
)
def test_texts_that_stay_on_this_machine_are_sent_to_nobody(url: str) -> None:
    assert OpenAIEmbedder(url, "m").sends_text_to == ""


def test_the_machine_that_texts_go_to_is_named() -> None:
    embedder = OpenAIEmbedder("https://u:secret@api.example.com:8443/v1", "m")
    assert embedder.sends_text_to == "api.example.com:8443"


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("http://example.com/v1", "in the clear: use https"),
        ("http://127.0.0.1.example.com/v1", "in the clear: use https"),
        ("http://me:secret@192.168.1.7/v1", "http://192.168.1.7/v1/embeddings would carry"),
        ("ftp://example.com", "is no address"),
        ("example.com/v1", "is no address"),
        ("https://", "is no address"),
        ("http://localhost:port/secret", "is no address"),
        ("http://[::1/v1", "is no address"),
        ("http://localhost/\x1b]52;secret", "is no address"),
        ("", "is no address"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str, what: str) -> None:
    with pytest.raises(EmbedderError, match=what) as raised:
        OpenAIEmbedder(url, "m")
    assert "secret" not in str(raised.value)


async def test_a_host_that_no_name_can_be_is_an_error_of_the_embedder() -> None:
    async with OpenAIEmbedder("https://-ü-/v1", "m") as embedder:
        with pytest.raises(EmbedderError, match="is no address"):
            await embedder.embed(["a"])


def test_another_model_place_or_length_is_another_embedder() -> None:
    names = {
        OpenAIEmbedder("https://a.example/v1", "m").name,
        OpenAIEmbedder("https://b.example/v1", "m").name,
        OpenAIEmbedder("https://a.example/v1", "n").name,
        OpenAIEmbedder("https://a.example/v1", "m", dimension=256).name,
    }
    assert len(names) == 4


def test_without_configuration_there_is_no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert embedder_from_environment() is None


def test_the_environment_names_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMGLASS_EMBEDDINGS_URL", "https://api.openai.com/v1")
    monkeypatch.setenv("MEMGLASS_EMBEDDINGS_MODEL", "text-embedding-3-small")
    embedder = embedder_from_environment()
    assert embedder is not None
    assert embedder.sends_text_to == "api.openai.com"
    assert embedder.name == "text-embedding-3-small at https://api.openai.com/v1/embeddings"


@pytest.mark.parametrize(("present", "missing"), [("URL", "MODEL"), ("MODEL", "URL")])
def test_half_a_configuration_is_an_error(
    present: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"MEMGLASS_EMBEDDINGS_{present}", "https://a.example/v1")
    with pytest.raises(EmbedderError, match=f"without MEMGLASS_EMBEDDINGS_{missing}"):
        embedder_from_environment()


def test_openai_itself_is_given_the_key_of_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    endpoint = Endpoint.parse("https://api.openai.com/v1")
    assert endpoint.headers()["Authorization"] == f"Bearer {KEY}"
