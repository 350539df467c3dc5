"""The program in a browser: private, read-only unless told otherwise, and the same as elsewhere."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.tui.test_cli import run
from tui.serve_command import command_for, is_loopback, serve_path

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# As root Chromium has no sandbox; the others keep it from asking anything of other machines.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def served(path: Path, *options: str) -> Iterator[str]:
    """Serve a memory in a process of its own; gives the address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tui.cli", "serve", str(path), "--port", "0", *options],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = ""
    try:
        while "http://" not in said:
            line = process.stderr.readline()
            assert line, "it ended before it said where it is"
            said += line
        yield re.findall(r"http://\S+", said)[0]
    finally:
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Traceback" not in "".join(rest)


async def shown_until(socket: aiohttp.ClientWebSocketResponse, wanted: str) -> str:
    """What the program wrote to the browser, until a text is in it."""
    written = ""
    async with asyncio.timeout(20):
        while wanted not in written:
            message = await socket.receive()
            assert message.type == aiohttp.WSMsgType.BINARY, (message.type, written[-500:])
            written += message.data.decode()
    return written


async def test_the_program_speaks_to_a_browser_and_changes_nothing(memory_file: Path) -> None:
    before = memory_file.read_bytes()
    with served(memory_file) as address:
        assert address.startswith("http://127.0.0.1:")
        async with aiohttp.ClientSession() as browser:
            page = await (await browser.get(address)).text()
            assert "memory.db" in page
            # Nothing is loaded from another machine.
            assert not re.findall(r"(?:src|href|url\()\s*=?\s*[\"']?(?:https?:)?//", page)
            for name in re.findall(r"static/[\w./-]+", page):
                assert (await browser.get(address + name)).status == 200, name
            socket = await browser.ws_connect(f"{address}ws?width=100&height=30")
            written = await shown_until(socket, "28 interactions")
            assert "read-only" in written
            await socket.send_json(["stdin", "2"])
            await shown_until(socket, "turn 29")
            await socket.send_json(["stdin", "a"])
            await shown_until(socket, "Nothing can be changed")
            for key in "xP":
                await socket.send_json(["stdin", key])
                await shown_until(socket, "No file is written")
            await socket.send_json(["stdin", "q"])
            async with asyncio.timeout(20):
                while (await socket.receive()).type is aiohttp.WSMsgType.BINARY:
                    pass
            assert socket.closed
    assert memory_file.read_bytes() == before


# Python itself may lie where only root reads: all that is needed is loaded by a first look.
AS_NOBODY = """
    import os, sys
    from pathlib import Path
    from tui.serve_command import why_unchangeable

    print(why_unchangeable(Path(sys.argv[1])))
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    print(why_unchangeable(Path(sys.argv[2])))
"""


def test_a_memory_that_cannot_be_written_is_not_said_to_allow_changes(
    memory_file: Path, locked_file: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(AS_NOBODY), memory_file, locked_file],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "", "read-only, because it or its folder cannot be written",
    ], done.stderr  # fmt: skip


async def test_a_browser_learns_that_the_memory_cannot_be_opened(memory_file: Path) -> None:
    with served(memory_file) as address:
        memory_file.rename(memory_file.with_name("elsewhere.db"))
        async with aiohttp.ClientSession() as browser, asyncio.timeout(20):
            socket = await browser.ws_connect(f"{address}ws?width=100&height=30")
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_whoever_does_not_know_the_address_finds_nothing(memory_file: Path) -> None:
    with served(memory_file) as address:
        root = re.match(r"http://[^/]+/", address)
        assert root is not None
        async with aiohttp.ClientSession() as other:
            for path in ("", "ws", "static/js/textual.js", "guess/", "guess/ws", "download/x"):
                assert (await other.get(root[0] + path)).status == 404, path
            policy = (await other.get(address)).headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
    assert serve_path() != serve_path()


async def test_what_is_no_request_is_not_told_in_the_terminal(memory_file: Path) -> None:
    # The terminal shows no traceback: that is seen at the end.
    with served(memory_file) as address:
        port = int(re.findall(r":(\d+)/", address)[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.0 400")
        writer.close()


def test_changes_are_allowed_only_where_that_was_asked_for(tmp_path: Path) -> None:
    odd = tmp_path / "a 'quoted' name; $(rm).db"
    assert shlex.split(command_for(odd, allow_changes=False))[3:] == [
        "open",
        str(odd),
        "--read-only",
    ]
    assert shlex.split(command_for(odd, allow_changes=True))[3:] == ["open", str(odd)]


async def test_what_reaches_further_than_this_machine_is_said(memory_file: Path) -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")  # noqa: S104 - nothing is bound
    code = (
        "import sys\nimport tui.web.server as server\nserver.serve = lambda *_: None\n"
        "from tui.cli import main\nmain(sys.argv[1:])"
    )
    args = ["-c", code, "serve", str(memory_file), "--host", "0.0.0.0", "--port", "0"]  # noqa: S104
    process = await asyncio.create_subprocess_exec(
        sys.executable, *args, stderr=asyncio.subprocess.PIPE
    )
    said = (await process.communicate())[1].decode()
    assert "Others on the network can reach 0.0.0.0" in said
    assert "change it" not in said


async def test_what_cannot_be_served_is_a_sentence(memory_file: Path, tmp_path: Path) -> None:
    assert "does not exist" in run("serve", tmp_path / "none.db").stderr
    with served(memory_file) as address:
        port = address.split(":")[2].split("/")[0]
        done = run("serve", memory_file, "--port", port)
        assert done.returncode == 2
        assert "Try --port 0." in done.stderr
    assert "Traceback" not in run("serve", memory_file, "--host", "no.such.host.invalid").stderr


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
async def test_a_real_browser_shows_the_panes_and_asks_no_other_machine(
    memory_file: Path, tmp_path: Path
) -> None:
    from playwright.async_api import async_playwright

    with served(memory_file) as address:
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch_persistent_context(
                tmp_path / "profile",
                executable_path=CHROMIUM,
                headless=True,
                args=SWITCHES,
                viewport={"width": 1200, "height": 720},
            )
            page = chromium.pages[0]
            asked: list[str] = []
            broken: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            page.on("pageerror", lambda error: broken.append(str(error)))
            written = asyncio.Queue[bytes | str]()
            page.on("websocket", lambda socket: socket.on("framereceived", written.put_nowait))

            async def until(wanted: bytes) -> None:
                received = b""
                async with asyncio.timeout(30):
                    while wanted not in received:
                        frame = await written.get()
                        received += frame if isinstance(frame, bytes) else frame.encode()

            await page.goto(address)
            await page.wait_for_selector("body.-first-byte")
            await until(b"28 interactions")
            # What is seen: the terminal is drawn, and most of it is our background and letters.
            empty = await page.screenshot()
            await page.keyboard.press("3")
            await until(b"Pattern 7")
            await page.wait_for_timeout(200)
            assert await page.screenshot() != empty
            await page.keyboard.press("q")
            await page.wait_for_selector("body.-closed")
            await chromium.close()
    assert not broken
    assert asked
    assert all(url.startswith((address, address.replace("http", "ws"), "data:")) for url in asked)
