"""A real browser for tests that look at pages: the system's own Chromium, without a window."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from chromium import FLAGS, chromium_path

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


# Linear algebra here is small: its threads would wait for each other, and for other tests.
for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

# A shell that starts tests in the background has them ignore these, and the commands that tests start would as well.
for _number, _usual in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
    if hasattr(signal, _number) and signal.getsignal(getattr(signal, _number)) is signal.SIG_IGN:
        signal.signal(getattr(signal, _number), _usual)


# One browser a file, not one a session: Playwright keeps an event loop running in this thread for as long as it
# lives, in which tests of other files could not start theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium: `browser.new_page()`, or `browser.new_context(color_scheme="dark", viewport=...)`."""
    path = chromium_path()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page, 1280 by 900 pixels, closed after the test; an error in the page's scripts fails the test."""
    errors: list[str] = []
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert errors == []
