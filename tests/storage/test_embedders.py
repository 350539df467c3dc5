from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from storage import embedders
from storage.embedders import (
    MAX_CHARACTERS,
    Embedder,
    WordLlamaEmbedder,
    check_vectors,
    clean_text,
    default_embedder,
)
from storage.errors import EmbedderError

ANY_TEXT = st.text(st.characters(), max_size=200)
ANY_NUMBER = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture(scope="module")
def embedder() -> WordLlamaEmbedder:
    return default_embedder()


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A copy of the model, to damage."""
    spec = find_spec("wordllama")
    assert spec is not None
    assert spec.submodule_search_locations
    for part in ("weights", "tokenizers"):
        shutil.copytree(Path(spec.submodule_search_locations[0]) / part, tmp_path / part)
    return tmp_path


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


# The default


async def test_vectors_are_float32_of_length_one(embedder: WordLlamaEmbedder) -> None:
    promised: Embedder = embedder
    vectors = await promised.embed(["deploy on a Friday", "the build is red"])
    assert vectors.dtype == np.float32
    assert vectors.shape == (2, promised.dimension)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


async def test_near_meanings_are_nearer_than_far_ones(embedder: WordLlamaEmbedder) -> None:
    question, near, far = await embedder.embed(
        ["how do we ship the release", "deployment procedure for a new version", "my cat is ill"]
    )
    assert question @ near > question @ far + 0.1


async def test_vectors_are_those_of_wordllama_itself(embedder: WordLlamaEmbedder) -> None:
    texts = [
        "Why did Kestrel deploy on a Friday?",
        "naïve café 日本語 😀",
        "x = foo(bar)  # baz",
        "a",
    ]
    texts = [" ".join(text.split()) for text in texts]
    code = f"""
import json, pathlib, wordllama
folder = pathlib.Path(wordllama.__file__).parent
model = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
print(json.dumps(model.embed({texts!r}, norm=True).tolist()))
"""
    np.testing.assert_allclose(await embedder.embed(texts), json.loads(run_python(code)), atol=1e-5)


async def test_a_text_has_the_same_vector_in_any_company(embedder: WordLlamaEmbedder) -> None:
    texts = [f"text number {number} " * (number % 40) for number in range(700)]
    together = await embedder.embed(texts)
    for place in (0, 1, 255, 256, 699):
        np.testing.assert_array_equal(together[[place]], await embedder.embed([texts[place]]))


async def test_a_text_without_anything_to_read_never_matches(embedder: WordLlamaEmbedder) -> None:
    vectors = await embedder.embed(["", " \n\t", "\0\0", "something"])
    assert not vectors[:3].any()
    assert not (vectors[:3] @ vectors[3]).any()


async def test_no_texts_give_no_vectors(embedder: WordLlamaEmbedder) -> None:
    assert (await embedder.embed([])).shape == (0, 256)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000_000,
        "word " * 2_000_000,
        "😀" * 100_000,
        "\ud800",
        "half \udcff\udc80 bytes",
        "\0nul\0",
        "</s><s><unk>",
        "\x1b]52;c;aGk=\x07",
        "\u202eabc\u200b",
        "▁▁",
    ],
)
async def test_any_text_has_a_vector(text: str, embedder: WordLlamaEmbedder) -> None:
    vectors = await embedder.embed([text])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


@lru_cache
def tokenizers_of_both_kinds() -> tuple[Tokenizer, Tokenizer]:
    """Return the tokenizer that is read in parts, and the one that is read whole."""
    spec = find_spec("wordllama")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "tokenizers"
    file = folder / "l2_supercat_tokenizer_config.json"
    whole = Tokenizer.from_file(str(file))
    whole.encode_special_tokens = True
    return embedders._read(folder.parent)._words._tokenizer, whole


@given(ANY_TEXT.map(clean_text))
def test_a_tokenizer_that_is_read_in_parts_is_the_one_that_is_read_whole(text: str) -> None:
    parts, whole = tokenizers_of_both_kinds()
    assert parts.get_vocab_size() == whole.get_vocab_size()
    for special in (False, True):
        found = parts.encode(text, add_special_tokens=special)
        assert found.ids == whole.encode(text, add_special_tokens=special).ids


@given(st.lists(ANY_TEXT, max_size=5))
def test_whatever_the_texts_are_vectors_have_length_one_or_zero(texts: list[str]) -> None:
    vectors = default_embedder().embed_now(texts)
    lengths = np.linalg.norm(vectors, axis=1)
    assert vectors.shape == (len(texts), 256)
    assert np.all((lengths == 0) | (np.abs(lengths - 1) < 1e-5))


async def test_a_long_text_counts_by_its_beginning(embedder: WordLlamaEmbedder) -> None:
    text = "memory " * 2000
    vectors = await embedder.embed([text, text[:MAX_CHARACTERS]])
    np.testing.assert_array_equal(vectors[0], vectors[1])


async def test_marks_of_the_model_in_a_text_are_only_text(embedder: WordLlamaEmbedder) -> None:
    end, paragraph = await embedder.embed(["</s>", "</p>"])
    assert end @ paragraph > 0.5


def test_threads_agree(embedder: WordLlamaEmbedder) -> None:
    texts = [f"{number} things to remember {number * 7919}" for number in range(400)]
    expected = embedder.embed_now(texts)
    with ThreadPoolExecutor(8) as pool:
        for vectors in pool.map(lambda _: default_embedder().embed_now(texts), range(16)):
            np.testing.assert_array_equal(vectors, expected)


async def test_the_event_loop_runs_on_while_texts_are_embedded(
    embedder: WordLlamaEmbedder,
) -> None:
    task = asyncio.create_task(embedder.embed(["some words to embed"] * 2000))
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 8


async def test_a_cancelled_call_leaves_the_embedder_usable(embedder: WordLlamaEmbedder) -> None:
    task = asyncio.create_task(embedder.embed(["words"] * 100_000))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await embedder.embed(["words"])).any()


async def test_many_words_are_not_all_kept(
    monkeypatch: pytest.MonkeyPatch, embedder: WordLlamaEmbedder
) -> None:
    monkeypatch.setattr("storage.embedders._CACHED_WORDS", 10)
    texts = [f"word{number} again" for number in range(30)]
    first = await embedder.embed(texts)
    np.testing.assert_array_equal(first, await embedder.embed(texts))


# Loading


def test_importing_and_making_it_loads_neither_numpy_nor_the_model() -> None:
    code = """
import sys, storage.embedders, storage.llm_embeddings
embedder = storage.embedders.default_embedder()
assert embedder.name and embedder.dimension == 256
storage.llm_embeddings.OpenAIEmbedder("http://localhost:1", "m")
print({"numpy", "tokenizers", "safetensors", "wordllama", "httpx"} & set(sys.modules))
"""
    assert run_python(code) == "set()\n"


def test_embedding_imports_nothing_that_reaches_a_network_and_leaves_logging_alone() -> None:
    code = """
import logging, sys, storage.embedders
assert storage.embedders.default_embedder().embed_now(["a"]).any()
print({"wordllama", "requests", "httpx", "urllib3"} & set(sys.modules), logging.root.handlers)
"""
    assert run_python(code) == "set() []\n"


def test_the_name_says_model_and_version(embedder: WordLlamaEmbedder) -> None:
    from importlib.metadata import version

    assert embedder.name == f"wordllama {version('wordllama')} l2_supercat_256 recipe 1"


def test_the_default_sends_no_text_anywhere(embedder: WordLlamaEmbedder) -> None:
    assert embedder.sends_text_to == ""


def test_without_the_package_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "wordllama", None)
    with pytest.raises(EmbedderError, match="pip install wordllama"):
        default_embedder()


@pytest.mark.parametrize("pattern", ["*/*.safetensors", "*/*.json"])
def test_a_missing_file_of_the_model_is_named(pattern: str, model_folder: Path) -> None:
    [path] = model_folder.glob(pattern)
    path.unlink()
    with pytest.raises(EmbedderError, match=f"{path.name} is missing: run `pip install"):
        WordLlamaEmbedder(model_folder)


@pytest.mark.parametrize("pattern", ["*/*.safetensors", "*/*.json"])
@pytest.mark.parametrize("kept", [0, 1000])
async def test_a_damaged_model_is_an_error_that_says_what_to_do(
    pattern: str, kept: int, model_folder: Path
) -> None:
    [path] = model_folder.glob(pattern)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(EmbedderError, match=f"{model_folder} cannot be read .*: run `pip"):
        await WordLlamaEmbedder(model_folder).embed(["a"])


async def test_a_model_with_another_table_is_refused(model_folder: Path) -> None:
    from safetensors.numpy import save_file

    [path] = model_folder.glob("weights/*")
    save_file({"embedding.weight": np.zeros((10, 256), np.float16)}, path)
    with pytest.raises(EmbedderError, match="is not l2_supercat_256"):
        await WordLlamaEmbedder(model_folder).embed(["a"])


# What every embedder's vectors are held to


@given(st.lists(st.lists(ANY_NUMBER, min_size=3, max_size=3), min_size=1, max_size=5))
def test_finite_rows_come_back_at_length_one_or_zero(rows: list[list[float]]) -> None:
    vectors = check_vectors(rows, len(rows), 3)
    assert vectors.dtype == np.float32
    for row, given_row in zip(vectors, rows, strict=True):
        assert np.linalg.norm(row) == pytest.approx(1.0 if any(given_row) else 0.0, abs=1e-5)


@pytest.mark.parametrize("scale", [1e-320, 1e-40, 1.0, 1e30, 1e308])
def test_a_direction_survives_any_scale(scale: float) -> None:
    vectors = check_vectors(np.array([[0.6, -0.8]]) * scale, 1, 2)
    np.testing.assert_allclose(vectors, [[0.6, -0.8]], rtol=1e-2)


def test_what_was_given_is_not_changed() -> None:
    given_rows = np.array([[3.0, 4.0]], np.float32)
    check_vectors(given_rows, 1, 2)
    np.testing.assert_array_equal(given_rows, [[3.0, 4.0]])


@pytest.mark.parametrize(
    ("vectors", "what"),
    [
        ([[1.0, 2.0]], "2 texts need 2 vectors, and what came is 1 by 2"),
        (np.zeros((2, 2, 2)), "what came is 2 by 2 by 2"),
        (1.0, "what came is a single number"),
        ([1.0, 2.0], "what came is 2"),
        ([[1.0], [2.0]], "1 dimensions where 2 are expected"),
        (np.zeros((2, 0)), "0 dimensions where 2 are expected"),
        ([[1.0, 2.0], [1.0, float("nan")]], "vector of text 1 holds a value that is no finite"),
        ([[float("-inf"), 2.0], [1.0, 1.0]], "vector of text 0"),
        ([[1.0, None], [1.0, 1.0]], "vector of text 0"),
        ([[1.0, 2.0], [1.0]], "not rows of numbers"),
        ([["a", "b"], ["c", "d"]], "not rows of numbers"),
        ([{}, {}], "not rows of numbers"),
        (None, "what came is a single number"),
    ],
)
def test_wrong_vectors_are_refused_by_name(vectors: Any, what: str) -> None:
    with pytest.raises(EmbedderError, match=what):
        check_vectors(vectors, 2, 2)


# Texts


@given(ANY_TEXT)
def test_a_clean_text_can_be_said_in_utf_8(text: str) -> None:
    cleaned = clean_text(text)
    assert "\0" not in cleaned
    cleaned.encode()
    if "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text):
        assert cleaned == text


def test_a_pair_of_surrogates_becomes_its_character() -> None:
    assert clean_text("\ud83d\ude00 \ud83d") == "😀 \ufffd"
