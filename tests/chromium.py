"""The system's own Chromium, for tests that look at pages: where it is, how it starts, how to get one."""

from __future__ import annotations

import os
import shutil

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = f"no browser found (looked for {', '.join(CHROMIUM)}); get one with: apt install chromium"
FLAGS = (
    "--no-sandbox",  # continuous integration runs as root, where Chromium has no sandbox
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_path() -> str:
    """The system's Chromium; skips the test without one, or fails it where `AIRACE_BROWSER_REQUIRED` is set."""
    found = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    if found is None:
        (pytest.fail if os.environ.get("AIRACE_BROWSER_REQUIRED") else pytest.skip)(ADVICE)
    return str(found)
