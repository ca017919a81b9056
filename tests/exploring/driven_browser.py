"""A browser without a display, driven over a pipe: it opens a page from disk, answers questions, takes pictures.

Belongs here: the few words of the DevTools protocol that tests of pages need. Does not belong here: what is
asked of a page.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TIMEOUT = 120
"""Seconds without a word after which the browser is given up."""


class BrowserFailed(Exception):
    """The browser said nothing, or that something went wrong."""


def installed() -> str | None:
    """The browser of this machine, if any."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _pipe() -> tuple[int, int]:
    """Both ends of a pipe, neither of which is 3 or 4."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


class DrivenBrowser:
    """One browser with one page."""

    def __init__(self, program: str, profile: Path) -> None:
        to_read, self._write = _pipe()
        self._read, to_write = _pipe()
        arguments = [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--hide-scrollbars", "--force-device-scale-factor=1", "--lang=en-US", "--remote-debugging-pipe",
            f"--user-data-dir={profile}", "about:blank",
        ]  # fmt: skip
        # The protocol is spoken on the descriptors 3 and 4; a plain sh knows none above 9.
        self._running = subprocess.Popen(
            ["bash", "-c", f'exec "$0" "$@" 3<&{to_read} 4>&{to_write}', *arguments],
            pass_fds=(to_read, to_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        os.close(to_read)
        os.close(to_write)
        self._buffer = b""
        self._count = 0
        self._session: str | None = None
        self.said: list[str] = []
        """Errors of the page and what it refused to load, as the console has them."""
        self.asked: list[str] = []
        """Addresses of everything that the page asked for."""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._ask(f"{domain}.enable")

    def close(self) -> None:
        """End the browser with all it started."""
        os.close(self._write)
        try:
            self._running.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()
        os.close(self._read)

    def size(self, width: int, height: int, dark: bool = False) -> None:
        """Give the page a size, and a light or dark scheme."""
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height,
            deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        self.emulate("screen", dark)

    def emulate(self, media: str, dark: bool = False) -> None:
        """Show the page on a screen or in print."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def open(self, address: str) -> None:
        """Open an address anew."""
        self.said.clear()
        self.asked.clear()
        self._ask("Page.navigate", url="about:blank")
        self._ask("Page.navigate", url=address)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page; a promise's when it is kept."""
        answer = self._ask(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise BrowserFailed(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def until(self, expression: str) -> Any:
        """The value of an expression once it is true."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            try:
                value = self.evaluate(expression)
            except BrowserFailed:  # between two pages
                value = None
            if value:
                return value
            time.sleep(0.05)
        raise BrowserFailed(f"never true: {expression}; the page said {self.said}")

    def key(self, name: str) -> None:
        """Press a key of the keyboard."""
        codes = {"Enter": 13, "Tab": 9, "ArrowDown": 40, "Escape": 27}
        text = {"text": "\r"} if name == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self._ask(
                "Input.dispatchKeyEvent", type=kind, key=name, code=name,
                windowsVirtualKeyCode=codes[name], **(text if kind == "keyDown" else {}),
            )  # fmt: skip

    def type(self, text: str) -> None:
        """Write a text where the cursor is."""
        self._ask("Input.insertText", text=text)

    def screenshot(self, path: Path, whole: bool = False) -> Path:
        """A picture of what is seen, or of the whole page."""
        picture = self._ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(picture["data"]))
        return path

    def printed(self) -> bytes:
        """The page as PDF."""
        return base64.b64decode(self._ask("Page.printToPDF", printBackground=False)["data"])

    def _ask(self, method: str, **values: Any) -> dict[str, Any]:
        self._count += 1
        number = self._count
        message: dict[str, Any] = {"id": number, "method": method, "params": values}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise BrowserFailed(f"{method}: {answer['error']}")
                return answer["result"]
            self._note(answer)

    def _note(self, event: dict[str, Any]) -> None:
        values = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent":
                self.asked.append(values["request"]["url"])
            case "Log.entryAdded" if values["entry"]["level"] == "error":
                self.said.append(values["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.said.append(json.dumps(values["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if values["type"] == "error":
                self.said.append(json.dumps(values["args"]))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select.select([self._read], [], [], TIMEOUT)[0]:
                raise BrowserFailed(f"no word within {TIMEOUT} s")
            part = os.read(self._read, 1 << 20)
            if not part:
                raise BrowserFailed("it ended")
            self._buffer += part
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)
