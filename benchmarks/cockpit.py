"""How soon the cockpit shows its first picture and the whole one: `python benchmarks/cockpit.py [--visits N]`.

A real browser opens the page and moves a lever. Beside the seconds on the clock stand those of the processor, of the
server with its workers and of the browser, since on a shared machine the clock also measures others' work.
"""

from __future__ import annotations

import argparse
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from playwright.sync_api import Page, sync_playwright

PATIENCE = 120_000.0
WATCH = """() => {
  window.seen = {};
  const look = () => {
    const status = document.querySelector(".outcomes .status");
    const drawn = document.querySelector(".panels svg.chart");
    const said = status ? status.textContent : "";
    const now = performance.now();
    if (window.moved && /Simulating/.test(said)) window.begun = true;
    if (window.moved && !window.begun) return;
    if (drawn && !/Simulating/.test(said) && !("first" in window.seen)) window.seen.first = now;
    if (/runs of each/.test(said) && !("whole" in window.seen)) window.seen.whole = now;
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}"""
MOVE = """([path, value]) => {
  window.seen = {}; window.moved = true; window.begun = false;
  const slider = document.getElementById("lever-" + path.replace(/\\./g, "-"));
  slider.value = value;
  window.from = performance.now();
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def spent(process: psutil.Process) -> float:
    """Processor seconds of a process and all that it started, as far as they live."""
    total = 0.0
    for each in [process, *process.children(recursive=True)]:
        try:
            total += sum(each.cpu_times()[:2])
        except psutil.NoSuchProcess:
            continue
    return total


@contextmanager
def served() -> Iterator[tuple[str, psutil.Process, float]]:
    """Address and process of a running `airace app`, and the seconds until it answered."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "sim.cli", "app", "--port", "0", "--no-browser"],
                               stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"http://\S+", line):
                yield found[0], psutil.Process(process.pid), time.perf_counter() - began
                return
        raise SystemExit("airace app did not start")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20.0)


def wait(page: Page) -> dict[str, float]:
    """Milliseconds of the page's clock at which the first and the whole picture were there."""
    page.wait_for_function('() => "whole" in window.seen', timeout=PATIENCE)
    return dict(page.evaluate("window.seen"))


def main() -> None:
    """Print a line for each visit and move."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--visits", type=int, default=3, help="pages opened one after the other")
    asked.add_argument("--rest", type=float, default=0.0, help="seconds to wait before the first visit")
    options = asked.parse_args()
    browser_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with served() as (address, server, answered), sync_playwright() as playwright:
        print(f"airace app answers after {answered:.2f} s")
        time.sleep(options.rest)
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        tree = psutil.Process()

        def told(what: str, task: Any) -> None:
            before, before_all = spent(server), spent(tree)
            first, whole = task()
            ours = spent(server) - before
            print(f"{what:<28} first {first:5.2f} s   whole {whole:5.2f} s   processor: server {ours:5.2f} s, "
                  f"browser {spent(tree) - before_all - ours:5.2f} s")

        for visit in range(options.visits):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.add_init_script(f"({WATCH})()")

            def opens(page: Page = page) -> tuple[float, float]:
                page.goto(address, wait_until="commit")
                seen = wait(page)
                page.wait_for_selector(".reader", timeout=PATIENCE)  # the levers answer, and months can be read
                return seen["first"] / 1000.0, seen["whole"] / 1000.0

            began = time.perf_counter()
            told(f"visit {visit + 1}", opens)
            print(f"{'':<28} levers answer after {time.perf_counter() - began:.2f} s")
            for value in (0.4 + visit / 50.0, 0.7 + visit / 50.0):
                def moves(value: float = value, page: Page = page) -> tuple[float, float]:
                    page.evaluate(MOVE, ["regulation.strictness", str(value)])
                    seen, begun = wait(page), page.evaluate("window.from")
                    return (seen["first"] - begun) / 1000.0, (seen["whole"] - begun) / 1000.0

                told(f"  strictness to {value:.2f}", moves)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
