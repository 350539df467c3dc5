"""What turns texts into vectors: the `Embedder` protocol and the default that works offline.

Importing this module loads neither numpy nor a model, so that opening a file waits for neither.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from functools import cached_property, lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson

from storage.errors import EmbedderError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    Vectors = NDArray[np.float32]

MAX_CHARACTERS: Final = 4096
"""How much of a text is embedded: the mean of more words than that says less, not more."""

_MODEL: Final = "l2_supercat_256"
_DIMENSION: Final = 256
# Part of the name: it goes up when the same text gets another vector.
_RECIPE: Final = 1
_TEXTS_PER_HOP: Final = 256
_SETTINGS: Final = (
    *("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk"),
    *("byte_fallback", "ignore_merges"),
)
"""What a tokenizer of byte pairs is told beside its pairs."""
_CACHED_WORDS: Final = 50_000
_CACHED_LENGTH: Final = 40
_REINSTALL: Final = "pip install --force-reinstall wordllama"


class Embedder(Protocol):
    """What turns texts into vectors whose dot product says how near they are in meaning.

    An embedder that sends texts to another machine also has `sends_text_to`, the name of it, so
    that the program can say so; an empty one means that they stay here.

    """

    @property
    def name(self) -> str:
        """What it is, with model and version. An index made under another name is made anew."""
        ...

    @property
    def dimension(self) -> int:
        """How long a vector is, always the same; 0 while an endpoint has not told yet."""
        ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Turn texts into vectors.

        Returns:
            float32 of shape [len(texts), dimension], rows of length 1. A text without anything
            to read has the zero vector: its product with every other is 0, so that it never
            matches by meaning.

        Raises:
            EmbedderError: No vectors can be had; the sentence says why and what to do.
        """
        ...


def clean_text(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Return the beginning of a text as UTF-8 can say it, without NULs.

    Args:
        text: Any str, lone surrogates included.
        limit: How many characters to keep at most.
    """
    text = text[:limit]
    if not text.isascii():
        # Pairs of surrogates become the character they mean, lone ones the replacement character.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", " ")


def check_vectors(vectors: object, count: int, dimension: int = 0) -> Vectors:
    """Return vectors as an embedder promises them.

    Args:
        vectors: What should be numbers of shape [count, dimension].
        count: How many texts they are for.
        dimension: How long each has to be; 0 accepts any length.

    Returns:
        float32, contiguous, rows of length 1; a row of zeros stays one.

    Raises:
        EmbedderError: The shape is another, or a value is no finite number.
    """
    import numpy as np

    try:
        exact = np.asarray(vectors, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise EmbedderError("The vectors are not rows of numbers of one length.") from None
    if exact.ndim != 2 or exact.shape[0] != count:
        shape = " by ".join(map(str, exact.shape)) or "a single number"
        raise EmbedderError(f"{count} texts need {count} vectors, and what came is {shape}.")
    if exact.shape[1] == 0 or dimension not in (0, exact.shape[1]):
        raise EmbedderError(
            f"The vectors have {exact.shape[1]} dimensions where {dimension or 'some'} are "
            "expected: another model answers now; build the index anew."
        )
    finite = np.isfinite(exact).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        raise EmbedderError(f"The vector of text {row} holds a value that is no finite number.")
    return _unit(exact)


def _unit(exact: NDArray[np.float64]) -> Vectors:
    """Scale rows to length 1, first by their peak: squares of very large values overflow."""
    import numpy as np

    peaks = np.abs(exact).max(axis=1, initial=0.0, keepdims=True)
    scaled = exact / np.where(peaks > 0, peaks, 1.0)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    return (scaled / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


class WordLlamaEmbedder:
    """The offline default: the mean of static word vectors, from the wheel of `wordllama`.

    The model's two files are read without importing `wordllama` itself, whose import takes four
    times as long, sets up logging to stderr, and brings an HTTP client: here is nothing that
    could reach a network. Safe to use from several tasks, threads and event loops.

    Args:
        folder: Where `weights/` and `tokenizers/` are; the installed package by default.

    Raises:
        EmbedderError: The package or its model is not there.
    """

    sends_text_to: Final = ""
    is_bag_of_words: Final = True

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or _installed_folder()
        for path in _model_files(self._folder):
            if not path.is_file():
                raise EmbedderError(f"{path} is missing: run `{_REINSTALL}`.")

    @cached_property
    def name(self) -> str:
        """The model, the version of its package, and the recipe that makes vectors of it."""
        try:
            version = metadata.version("wordllama")
        except metadata.PackageNotFoundError:
            version = "unknown"
        return f"wordllama {version} {_MODEL} recipe {_RECIPE}"

    @property
    def dimension(self) -> int:
        """How long a vector is."""
        return _DIMENSION

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Turn texts into vectors, off the event loop and a few hundred at a time.

        Returns:
            float32 of shape [len(texts), 256], as `Embedder.embed` says.

        Raises:
            EmbedderError: The model cannot be read.
        """
        # Imports numpy as well, off the event loop.
        await asyncio.to_thread(_load, self._folder)
        import numpy as np

        vectors = np.zeros((len(texts), _DIMENSION), np.float32)
        for start in range(0, len(texts), _TEXTS_PER_HOP):
            some = texts[start : start + _TEXTS_PER_HOP]
            vectors[start : start + len(some)] = await asyncio.to_thread(self.embed_now, some)
        return vectors

    def embed_now(self, texts: Sequence[str]) -> Vectors:
        """Turn texts into vectors in this thread, as `embed` does."""
        return _load(self._folder).embed(texts)


class _Words(dict[str, bytes]):
    """The tokens of words, as int32 bytes. No token reaches across a space."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__()
        self._tokenizer = tokenizer

    def __missing__(self, word: str) -> bytes:
        import numpy as np

        ids = self._tokenizer.encode(word, add_special_tokens=False).ids
        tokens = np.array(ids, np.int32).tobytes()
        if len(word) <= _CACHED_LENGTH:
            if len(self) >= _CACHED_WORDS:
                self.clear()
            self[word] = tokens
        return tokens


class _Model:
    """A table of token vectors, and the tokenizer that goes with it."""

    def __init__(self, tokenizer: Tokenizer, table: Vectors) -> None:
        self._words = _Words(tokenizer)
        self._table = table

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        vectors = np.zeros((len(texts), self._table.shape[1]), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            tokens = b"".join(map(self._words.__getitem__, clean_text(text).split()))
            if tokens:
                # The sum serves as well as the mean, since only the direction counts.
                self._table.take(np.frombuffer(tokens, np.int32), axis=0).sum(axis=0, out=row)
        return check_vectors(vectors, len(texts), self._table.shape[1])


def default_embedder() -> WordLlamaEmbedder:
    """Return the embedder that works offline. Its model is read when it is first used.

    Raises:
        EmbedderError: `wordllama` is not installed whole; the sentence says what to install.
    """
    return WordLlamaEmbedder()


def _installed_folder() -> Path:
    spec = find_spec("wordllama")
    if spec is None or not spec.submodule_search_locations:
        raise EmbedderError(
            "Searching by meaning needs the package wordllama: run `pip install wordllama`."
        )
    return Path(spec.submodule_search_locations[0])


def _model_files(folder: Path) -> tuple[Path, Path]:
    return (
        folder / "tokenizers" / "l2_supercat_tokenizer_config.json",
        folder / "weights" / f"{_MODEL}.safetensors",
    )


_loading = threading.Lock()


def _load(folder: Path) -> _Model:
    """Return the model of a folder, read once for all threads. Takes about 0.1 s."""
    with _loading:
        return _read(folder)


def _tokenizer(file: Path) -> Tokenizer:
    """Read a tokenizer of byte pairs, a part after the other.

    Whole, that holds the interpreter for 60 ms and more, in which no other thread has its turn,
    such as one that shows what is typed; in parts for about half of it.
    """
    from tokenizers import Tokenizer
    from tokenizers.models import BPE

    parts = orjson.loads(file.read_bytes())
    model, added = parts["model"], parts["added_tokens"]
    merges = [tuple(pair.split(" ") if isinstance(pair, str) else pair) for pair in model["merges"]]
    named = {name: model[name] for name in _SETTINGS if model.get(name) is not None}
    byte_pairs = BPE(vocab=model["vocab"], merges=merges, **named)
    # All but the pairs, which are the bulk of it.
    parts["model"] = model | {
        "vocab": {each["content"]: each["id"] for each in added},
        "merges": [],
    }
    tokenizer = Tokenizer.from_str(orjson.dumps(parts).decode())
    tokenizer.model = byte_pairs
    return tokenizer


@lru_cache(maxsize=1)
def _read(folder: Path) -> _Model:
    tokenizer_file, weights_file = _model_files(folder)
    try:
        import numpy as np
        from safetensors.numpy import load_file

        tokenizer = _tokenizer(tokenizer_file)
        weights: dict[str, Any] = load_file(weights_file)
        table = weights["embedding.weight"].astype(np.float32)
    except Exception as error:  # tokenizers raises Exception itself
        raise EmbedderError(
            f"The model in {folder} cannot be read ({type(error).__name__}): run `{_REINSTALL}`."
        ) from error
    if table.shape != (tokenizer.get_vocab_size(), _DIMENSION):
        raise EmbedderError(f"The model in {folder} is not {_MODEL}: run `{_REINSTALL}`.")
    # A "</s>" in a memory is three characters of text, not the end of it.
    tokenizer.encode_special_tokens = True
    return _Model(tokenizer, table)
