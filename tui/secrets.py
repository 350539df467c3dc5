"""Keys, tokens and passwords in what a memory holds: found by their well-known forms, and masked.

The forms are those that their issuers publish (prefix, alphabet, length), and what stands behind a
name such as `password=`. A form that ordinary text takes too asks for more: a digit, a run without
hyphens, quotes. Nothing of a masked secret stays, not even its length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from tui.json_lines import json_line, marked_bytes, with_bytes
from tui.values import is_corrupt, is_list


class Secret(NamedTuple):
    """Where a secret stands in a text.

    Attributes:
        start: Its first character.
        end: The character after its last.
        kind: What it is, in a word or three.
    """

    start: int
    end: int
    kind: str


class _Form(NamedTuple):
    """One form of secrets.

    Attributes:
        kind: What it is.
        hints: A text without any of these, in lower case, holds none.
        pattern: Finds it; the group `secret` is what is masked, if there is one.
    """

    kind: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]


def _form(kind: str, hints: str, pattern: str, flags: int = 0) -> _Form:
    return _Form(kind, tuple(hints.split()), re.compile(pattern, flags | re.ASCII))


_ALONE: Final = r"(?<![A-Za-z0-9_-])"
_NAMES: Final = (
    r"pass(?:word|wd|phrase)|(?<![A-Za-z])pwd|secret|api[_-]?key|access[_-]?key|secret[_-]?key"
    r"|private[_-]?key|account[_-]?key|(?:auth|access|refresh|session|bearer|api)[_-]?token"
    r"|(?<![A-Za-z])token"
)
_FORMS: Final = (
    # Its end may be cut off, and its lines may be those of a JSON string.
    _form(
        "private key",
        "-----begin",
        r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?"
        r"(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    ),
    _form(
        "API key",
        "sk-",
        rf"{_ALONE}sk-(?=[A-Za-z0-9_-]*[A-Za-z0-9]{{16}})(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{{20,}}",
    ),
    _form(
        "GitHub token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        rf"{_ALONE}(?:gh[pousr]_[A-Za-z0-9]{{36,}}|github_pat_[A-Za-z0-9_]{{22,}})",
    ),
    _form("GitLab token", "glpat-", rf"{_ALONE}glpat-[A-Za-z0-9_-]{{20,}}"),
    _form("Slack token", "xox", rf"{_ALONE}xox[abeoprs]-(?=[A-Za-z0-9-]*\d)[A-Za-z0-9-]{{10,}}"),
    _form("AWS key", "akia asia", rf"{_ALONE}A(?:K|S)IA[A-Z2-7]{{16}}(?![A-Za-z0-9_])"),
    _form("Google key", "aiza", rf"{_ALONE}AIza[A-Za-z0-9_-]{{35}}"),
    _form("Google token", "ya29.", rf"{_ALONE}ya29\.[A-Za-z0-9_-]{{20,}}"),
    _form(
        "Stripe key",
        "k_live_ k_test_ whsec_",
        rf"{_ALONE}(?:[srp]k_(?:live|test)_|whsec_)[A-Za-z0-9]{{16,}}",
    ),
    _form("Hugging Face token", "hf_", rf"{_ALONE}hf_(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{{30,}}"),
    _form(
        "package token", "npm_ pypi-", rf"{_ALONE}(?:npm_[A-Za-z0-9]{{36}}|pypi-AgE[\w-]{{40,}})"
    ),
    _form("SendGrid key", "sg.", rf"{_ALONE}SG\.[\w-]{{16,}}\.[\w-]{{16,}}"),
    _form(
        "web token",
        "eyj",
        rf"{_ALONE}eyJ[A-Za-z0-9_-]{{8,}}\.eyJ[A-Za-z0-9_-]{{8,}}(?:\.[A-Za-z0-9_-]*)?",
    ),
    _form(
        "bearer token",
        "bearer",
        r"\bbearer\s+(?P<secret>(?=[A-Za-z0-9._~+/-]*\d)[A-Za-z0-9._~+/-]{16,}=*)",
        re.IGNORECASE,
    ),
    _form(
        "credentials",
        "authorization",
        r"authorization[\"']?\s*[:=]\s*[\"']?(?:basic|token)\s+(?P<secret>[A-Za-z0-9+/._-]{8,}=*)",
        re.IGNORECASE,
    ),
    _form(
        "password",
        "://",
        r"://[^\s/:@\"']{0,100}:(?P<secret>[^\s/@:\"'$<{*]{3,100})@",
    ),
    _form(
        "password",
        "pass pwd secret key token",
        rf"(?:{_NAMES})(?:\\?[\"'])?\s{{0,3}}(?:=|:)\s{{0,3}}(?:"
        # In quotes, which may be those of JSON in a JSON string.
        r"\\?(?P<quote>[\"'])(?P<quoted>(?:(?!\\?(?P=quote))[^\r\n]){4,200})\\?(?P=quote)"
        r"|(?P<bare>[^\s\"'`,;&|<>()\[\]{}\\]{6,200})(?![A-Za-z0-9_.]*[(\[]))",
        re.IGNORECASE,
    ),
)
_NO_SECRET: Final = re.compile(
    r"none|null|nil|true|false|undefined|optional|required|string|str|int|bytes|text|password"
    r"|secret|token|hidden|redacted|masked|changeme|example|placeholder|[x*.•-]+|<.*>|\[.*\]"
    r"|[$%{].*|(?:os\.|process\.|env\.|config\.|settings\.|self\.|this\.|secrets\.).*"
    r"|(?:your|my|the|an?)[-_ ].*|.*\bmasked\b.*",
    re.IGNORECASE | re.DOTALL,
)
_PROSE: Final = re.compile(r"[A-Za-z][A-Za-z'-]*[.!?]?")
_SHORT_NAME: Final = re.compile(r"(?:secret|token|key)[\"'\\]*\s*[:=]", re.IGNORECASE)
# The beginning of a secret where a text was cut off.
_TORN: Final = re.compile(
    rf"{_ALONE}(?:sk-|gh[pousr]_|github_pat_|glpat-|xox[a-z]-|AKIA|ASIA|AIza|eyJ|hf_|[srp]k_live_)"
    r"[A-Za-z0-9_.-]*\Z",
    re.ASCII,
)
_TORN_WITHIN: Final = 400

_SECRET_NAMES: Final = (
    *("password", "passwd", "passphrase", "secret", "apikey", "accesskey", "secretkey"),
    *("privatekey", "accountkey", "authtoken", "accesstoken", "refreshtoken", "sessiontoken"),
    *("bearertoken", "apitoken", "authorization"),
)
_LETTERS: Final = re.compile(r"[^a-z]+")


_SHORTEST: Final = 8
_HINTS: Final = tuple(dict.fromkeys(hint for form in _FORMS for hint in form.hints))


def may_hold_secrets(text: str) -> bool:
    """Say whether looking for secrets in a text, or in JSON that was written of it, is worth it."""
    lower = text.lower()
    return any(hint in lower for hint in _HINTS)


def find_secrets(text: str, *, is_cut: bool = False) -> list[Secret]:
    """Find what looks like a secret, in order and without overlap.

    Args:
        text: Any text.
        is_cut: Whether it is the beginning of a longer one, so that what begins like a secret at
            its end counts as one.
    """
    if len(text) < _SHORTEST and not is_cut:
        return []
    lower = text.lower()
    found = [
        secret
        for form in _FORMS
        if any(hint in lower for hint in form.hints)
        for secret in _of_form(form, text)
    ]
    if is_cut and (torn := _TORN.search(text, max(0, len(text) - _TORN_WITHIN))):
        found.append(Secret(torn.start(), torn.end(), "key"))
    return list(_joined(sorted(found)))


def mask_text(text: str, *, is_cut: bool = False) -> str:
    """Give a text with each secret in it replaced by what it is: `[masked API key]`."""
    pieces: list[str] = []
    at = 0
    for start, end, kind in find_secrets(text, is_cut=is_cut):
        pieces += [text[at:start], f"[masked {kind}]"]
        at = end
    return "".join([*pieces, text[at:]]) if pieces else text


@lru_cache(maxsize=4096)
def _masked_key(name: str) -> str:
    return mask_text(name)


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Say whether a field of this name holds a secret: `api_key`, `dbPassword`."""
    letters = _LETTERS.sub("", name.lower())
    return letters.endswith(_SECRET_NAMES) or letters == "pwd"


def mask_field(name: str, value: Any) -> Any:
    """Give a single value of a field without the secrets in it; containers come back as they are.

    Args:
        name: The name of the field; empty where it has none.
        value: Text, bytes, a corrupt field, or anything else.
    """
    if isinstance(value, str):
        if is_secret_name(name) and value and not _NO_SECRET.fullmatch(value):
            return "[masked password]"
        return mask_text(_masked_json(value))
    if isinstance(value, bytes):
        text = value.decode("utf-8", "surrogateescape")
        shown = mask_field(name, text)
        return value if shown == text else shown.encode("utf-8", "surrogateescape")
    if is_corrupt(value):
        raw = mask_field(name, value.raw)
        # What it says of bytes would no longer hold.
        return value if raw == value.raw else type(value)(raw, value.error, None)
    if isinstance(value, int | float) and not isinstance(value, bool) and is_secret_name(name):
        return "[masked password]"
    return value


def _masked_json(text: str) -> str:
    """Give JSON that is the text of a field, as in the archive, without what its names tell."""
    if text[:1] not in ("{", "[") or not may_hold_secrets(text):
        return text
    try:
        held = json.loads(text)
        shown = masked(held)
        return text if shown == held else json_line(shown)
    except (ValueError, RecursionError):
        return text


def masked(value: Any) -> Any:
    """Give a copy of decoded JSON, such as a record, with every secret in it masked, names too."""
    holder = [value]
    todo: list[tuple[Any, Any, str]] = [(holder, 0, "")]
    while todo:
        container, key, name = todo.pop()
        held = container[key]
        if is_list(held):
            items: Any = list(held)
            todo += [(items, index, name) for index in range(len(items))]
        elif not isinstance(held, Mapping) or is_corrupt(held):
            items = mask_field(name, held)
        elif (raw := marked_bytes(held)) is not None:
            shown = mask_field(name, raw)
            items = held if shown == raw else with_bytes(held, shown)
        else:
            items = {_masked_key(str(own)): each for own, each in held.items()}
            todo += [(items, own, own) for own in items]
        container[key] = items
    return holder[0]


def _of_form(form: _Form, text: str) -> Iterator[Secret]:
    groups = form.pattern.groupindex
    for match in form.pattern.finditer(text):
        if "quote" in groups:
            group = "quoted" if match["quoted"] is not None else "bare"
            if not _is_password(match, group):
                continue
        else:
            group = "secret" if "secret" in groups else ""
        start, end = match.span(group) if group else match.span()
        yield Secret(start, end, form.kind)


def _is_password(match: re.Match[str], group: str) -> bool:
    value = match[group]
    if _NO_SECRET.fullmatch(value):
        return False
    has_digit = any(char.isdigit() for char in value)
    if _SHORT_NAME.search(match[0][: match.start(group) - match.start()]):
        # `token`, `key` and `secret` are ordinary words; what they name has to look like one.
        return len(value) >= 8 and has_digit and " " not in value
    if group == "quoted":
        return True
    is_said = ":" in match[0][: match.start(group) - match.start()]
    return not (is_said and _PROSE.fullmatch(value))


def _joined(found: list[Secret]) -> Iterator[Secret]:
    last: Secret | None = None
    for each in found:
        if last is None or each.start >= last.end:
            if last is not None:
                yield last
            last = each
        elif each.end > last.end:
            last = last._replace(end=each.end)
    if last is not None:
        yield last
