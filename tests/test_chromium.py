"""A missing browser is said with how to get one: a test is skipped, or fails where a browser is required."""

from __future__ import annotations

import shutil

import pytest
from chromium import chromium_path


def without_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)


def test_without_a_browser_a_test_is_skipped_and_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    without_browser(monkeypatch)
    monkeypatch.delenv("AIRACE_BROWSER_REQUIRED", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt install chromium"):
        chromium_path()


def test_where_a_browser_is_required_a_missing_one_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    without_browser(monkeypatch)
    monkeypatch.setenv("AIRACE_BROWSER_REQUIRED", "1")
    with pytest.raises(pytest.fail.Exception, match="apt install chromium"):
        chromium_path()
