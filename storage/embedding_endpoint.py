"""Where texts are sent to become vectors: the address, the key, and the client that goes there."""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import unquote, urlsplit

from storage.errors import EmbedderError

if TYPE_CHECKING:
    import httpx

URL_VARIABLE: Final = "MEMGLASS_EMBEDDINGS_URL"
KEY_VARIABLE: Final = "MEMGLASS_EMBEDDINGS_KEY"
OPENAI_KEY_VARIABLE: Final = "OPENAI_API_KEY"

_OPENAI_HOST: Final = "api.openai.com"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address for embeddings.

    Attributes:
        url: Where requests go, without user and password.
        shown: The address as it may be shown: without a query too, which may hold a key.
        host: The machine, with the port where the address has one.
        local: Whether it is this machine.
        key_variable: The environment variable that the key is in, or would be.
    """

    url: str = field(repr=False)
    shown: str
    host: str
    local: bool
    key_variable: str
    _login: str = field(repr=False)

    @classmethod
    def parse(cls, address: str, *, key_variable: str | None = None) -> Self:
        """Take an address apart: up to `/v1`, or whole.

        Raises:
            EmbedderError: It is no address, or would send texts in the clear to another machine.
        """
        try:
            parts = urlsplit(address.strip())
            machine, port = parts.hostname or "", parts.port
            usable = parts.scheme in ("http", "https") and machine and address.isprintable()
        except ValueError:
            usable = False
        if not usable:
            raise EmbedderError(
                f"{URL_VARIABLE} is no address: it looks like https://example.com/v1 or "
                "http://localhost:1234/v1."
            )
        host = (f"[{machine}]" if ":" in machine else machine) + (f":{port}" if port else "")
        path = parts.path.rstrip("/") or "/v1"
        path = path if path.endswith("/embeddings") else f"{path}/embeddings"
        shown = f"{parts.scheme}://{host}{path}"
        local = _is_local(machine)
        if parts.scheme == "http" and not local:
            raise EmbedderError(f"{shown} would carry texts in the clear: use https.")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        login = f"{user}:{password}" if user else ""
        url = f"{shown}?{parts.query}" if parts.query else shown
        return cls(url, shown, host, local, key_variable or _key_variable(machine), login)

    def headers(self) -> dict[str, str]:
        """Return the headers of a request, with the key as the environment has it now.

        Raises:
            EmbedderError: The variable holds what no header can.
        """
        # Unpacked, an answer could be a thousand times what came over the line.
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        key = os.environ.get(self.key_variable, "").strip()
        if not (key.isascii() and key.isprintable()):
            raise EmbedderError(f"{self.key_variable} holds no key: set it to one line of ASCII.")
        if key:
            headers["Authorization"] = f"Bearer {key}"
        elif self._login:
            headers["Authorization"] = f"Basic {base64.b64encode(self._login.encode()).decode()}"
        return headers


def new_client() -> httpx.AsyncClient:
    """Make a client that goes where it is told and nowhere else, without a time limit of its own.

    Importing httpx and reading certificates take 0.1 s, so this belongs in a thread.
    """
    import httpx

    return httpx.AsyncClient(
        # Certificates of the person's own (SSL_CERT_FILE) count; proxies and .netrc don't.
        verify=httpx.create_ssl_context(trust_env=True),
        trust_env=False,
        follow_redirects=False,
        timeout=None,  # noqa: S113 - the caller's limit is stricter: it ends a slow drip too
    )


def _key_variable(machine: str) -> str:
    """Return where the key is. OpenAI's own goes to OpenAI alone, never to a stranger."""
    openai = machine == _OPENAI_HOST and not os.environ.get(KEY_VARIABLE)
    return OPENAI_KEY_VARIABLE if openai else KEY_VARIABLE


def _is_local(machine: str) -> bool:
    if machine == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(machine).is_loopback
    return False
