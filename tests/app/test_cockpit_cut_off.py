"""In a real browser: another server's page gets nothing, and a page that lost its server says so and comes back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect
from serving import PATIENCE, served

pytestmark = pytest.mark.slow
WAIT = 1000.0 * PATIENCE
STRICTNESS = "Strictness of rules"
TRIES = """async (cockpit) => {
  const tried = {};
  const outcome = (name, promise) => promise.then((value) => { tried[name] = String(value); },
                                                  () => { tried[name] = "refused"; });
  const loaded = (tag, address) => new Promise((done, fail) => {
    const part = document.createElement(tag);
    document.body.append(Object.assign(part, { src: address, onload: () => done("loaded"), onerror: fail }));
  });
  await outcome("fetch", fetch(cockpit));
  await outcome("blind fetch", fetch(cockpit + "download/report.html?regulation.strictness=0.9", { mode: "no-cors" }));
  await outcome("script", loaded("script", cockpit + "static/main-vuetify.js"));
  await outcome("picture", loaded("img", cockpit + "static/assets/favicon.png"));
  await outcome("socket", new Promise((done, fail) => {
    const socket = new WebSocket(cockpit.replace("http", "ws") + "jupyter/api/kernels/1/channels?session_id=2");
    socket.onopen = () => done("open"); socket.onerror = fail; socket.onclose = fail;
  }));
  const frame = document.createElement("iframe");
  frame.src = cockpit;
  await new Promise((done) => { frame.onload = done; document.body.append(frame); });
  return tried;
}"""


@contextmanager
def elsewhere() -> Iterator[str]:
    """The address of another server's page, under another name of this machine."""

    class Blank(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Elsewhere</title>")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Blank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_page_of_another_server_gets_nothing_of_the_cockpit(page: Page, cockpit: str) -> None:
    with elsewhere() as address:
        page.goto(address)
        tried = page.evaluate(TRIES, cockpit)
    assert set(tried.values()) == {"refused"}
    assert [frame.url for frame in page.frames[1:]] in ([""], ["chrome-error://chromewebdata/"])


def test_a_page_whose_server_was_started_anew_says_so_moves_nothing_and_reloads_to_the_same_view(page: Page) -> None:
    page.set_default_timeout(WAIT)
    expect.set_options(timeout=WAIT)
    port = str(free_port())
    slider = page.get_by_role("slider", name=STRICTNESS, exact=True)
    cut_off = page.locator(".cut-off")
    with served("--port", port) as (address, _):
        page.goto(f"{address}?regulation.strictness=0.8&run=12")
        expect(slider).to_have_value("0.8")
        expect(cut_off).to_be_hidden()
    expect(cut_off).to_contain_text("lost its connection to airace app")
    slider.evaluate("slider => slider.focus()")
    page.keyboard.press("ArrowRight")
    assert slider.input_value() == "0.8", "a slider moves while the charts cannot"
    with served("--port", port):
        expect(cut_off).to_contain_text("This page was cut off")
        cut_off.get_by_role("button", name="Reload").click()
        expect(cut_off).to_have_count(0)
        expect(slider).to_have_value("0.8")
        expect(page.get_by_label("Run", exact=True)).to_have_value("12")
        slider.press("ArrowRight")
        expect(page).to_have_url(f"{address}?regulation.strictness=0.81&run=12")


def test_under_a_path_of_its_own_the_page_works_when_told_and_else_says_what_is_missing(
    browser: Browser, page: Page
) -> None:
    page.set_default_timeout(WAIT)
    expect.set_options(timeout=WAIT)
    port = free_port()
    behind = f"http://127.0.0.1:{port}/user/ana/proxy/{port}/"
    with served("--port", str(port), "--behind", behind):
        page.goto(f"{behind}?regulation.strictness=0.8")
        page.get_by_role("slider", name=STRICTNESS, exact=True).press("ArrowRight")
        expect(page).to_have_url(f"{behind}?regulation.strictness=0.81")
        with page.expect_download() as coming:
            page.get_by_role("link", name="Scenario file").press("Enter")
        assert coming.value.suggested_filename == "scenario.toml"
        untold = browser.new_page()  # a page whose scripts fail
        untold.route("**/_solara/cdn/**", lambda route: route.abort())
        untold.goto(behind)
        expect(untold.get_by_role("alert")).to_contain_text(f"start the cockpit with: airace app --behind {behind}")
