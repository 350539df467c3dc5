"""A server for the program in a browser, over textual-serve.

Its own page is not used, because that has the browser ask another machine for a font. Everything is
below a path that nobody can guess: other users of the machine and pages of other sites in the same
browser can reach the port, but they cannot find the memory behind it.
"""

from __future__ import annotations

import asyncio
import html
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Final

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from tui.text import safe_text

_POLICY: Final = (
    "default-src 'self' data: blob: 'unsafe-inline'; connect-src 'self' ws: wss:;"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_BLINK: Final = 0.05
_PATIENCE: Final = 100
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def serve(
    listening: socket.socket, path: str, command: str, title: str, when_ready: Callable[[], None]
) -> None:
    """Serve until somebody stops the process.

    Args:
        listening: Where browsers come in.
        path: What the address has to begin with, from slash to slash.
        command: Shows the program, when Textual's driver for browsers is chosen.
        title: What the page is called.
        when_ready: Called once browsers are let in, and a signal ends it in good order.
    """

    async def is_ready(_app: web.Application) -> None:
        when_ready()

    app = make_app(path, command, title)
    # Before it the signals have no handler yet: one would come out of the making of the loop.
    app.on_startup.append(is_ready)
    # They log tracebacks of connections that broke and of requests that are none, which is nothing
    # that a person could mend.
    for name in ("textual-serve", "aiohttp"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    web.run_app(
        app,
        sock=listening,
        print=None,
        access_log=None,
        shutdown_timeout=1.0,
    )


def make_app(path: str, command: str, title: str) -> web.Application:
    """Make the application: the page, what it loads, and the connection to the program."""
    server = _Server(command, title=title)
    page = _page(title)

    async def index(_request: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    app = web.Application(middlewares=[_private])
    app.router.add_get(path, index)
    app.router.add_get(f"{path}ws", server.handle_websocket)
    app.router.add_static(f"{path}static", server.statics_path)
    # The page's script asks for files here; the key of each is random.
    app.router.add_get("/download/{key}", server.handle_download)
    app.on_cleanup.append(_until_programs_ended)
    return app


class _Server(Server):
    """A server whose browsers learn that their program ended, also where it never began."""

    async def _process_messages(
        self, websocket: web.WebSocketResponse, app_service: AppService
    ) -> None:
        closing = asyncio.create_task(_close_after(app_service, websocket))
        try:
            await super()._process_messages(websocket, app_service)
        finally:
            closing.cancel()


async def _close_after(program: AppService, websocket: web.WebSocketResponse) -> None:
    # Textual says when it ends in good order; a memory that cannot be opened ends before that.
    running = program._task  # noqa: SLF001 - nothing public tells it
    if running is not None:
        await asyncio.wait([running])
    await websocket.close()


async def _until_programs_ended(_app: web.Application) -> None:
    """Give the programs time to close the memory, and the loop to learn that they ended."""
    for _ in range(_PATIENCE):
        had_programs = _has_programs()
        await asyncio.sleep(_BLINK)
        if not had_programs:
            return


def _has_programs() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except (ChildProcessError, AttributeError):  # there are none, or no way to know
        return False
    return True


@web.middleware
async def _private(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Keep the browser from asking, telling or keeping anything beyond this page."""
    response = await handler(request)
    if not response.prepared:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _page(title: str) -> str:
    template = files("tui.web").joinpath("page.html").read_text(encoding="utf-8")
    return template.replace("{{ title }}", html.escape(safe_text(title, 200)))
