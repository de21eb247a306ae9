"""`airace discover`: boxes of one sweep, regret of two."""

from __future__ import annotations

import json
import re

import pytest

DESIGN = """
base = "{base}"
runs = 2
uncertainty = "luck"
outcomes = ["compliance_cost_usd_bn", "safety_effort", "active_labs"]
[axes]
"regulation.audit_capacity" = {{ from = 0.0, to = 1.0 }}
"regulation.penalty_share_of_revenue" = {{ from = 0.0, to = 0.5 }}
[sample]
points = 200
"""


@pytest.fixture
def sweeps(airace, folder):
    """Two policies over the same 200 points."""
    for name in ("short", "strict"):
        (folder / f"{name}_design.toml").write_text(DESIGN.format(base=f"{name}.toml"))
        assert airace("sweep", f"{name}_design.toml", "--out", name, "--workers", "1").exit_code == 0
    return folder


@pytest.mark.slow
def test_boxes_and_regret_are_told(airace, sweeps):
    costs = airace("sweep", "short_design.toml", "--out", "short")
    assert costs.exit_code == 0
    import pandas as pd

    middle = pd.read_parquet("short/runs.parquet").groupby("point")["compliance_cost_usd_bn"].mean().max() * 0.995
    done = airace("discover", "short", "--fails", f"compliance_cost_usd_bn < {middle:.6g}")
    assert done.exit_code == 0
    assert "box 1: holds" in done.stdout
    page = (sweeps / "short" / "boxes.html").read_text()
    assert "They gather where these hold together" in page
    assert page.count("<table>") == page.count("<caption>") >= 2
    assert re.search(r'role="img".*?<title id=[^>]*>Box 1: .*?</title><desc', page)
    assert "regulation." in done.stdout
    found = json.loads(airace("discover", "short", "strict", "--outcome", "safety_effort", "--format", "json").stdout)
    assert {policy["policy"] for policy in found["regret"]} == {"Short", "Strict"}
    assert "Least bad almost everywhere" in airace("discover", "short", "strict", "--outcome", "safety_effort").stdout
    assert airace("discover", "short", "strict", "--outcome", "safety_effort", "--out", "pages").exit_code == 0
    page = (sweeps / "pages" / "regret.html").read_text()
    assert "Best in" in page
    assert "over 200 futures" in page
    for arguments, told in (
        (("short", "--fails", "nonsense"), "is no condition"),
        (("short", "--fails", "hostility > 0"), "did not keep hostility"),
        (("short", "strict", "--outcome", "active_labs"), "has no better direction"),
    ):
        refused = airace("discover", *arguments)
        assert refused.exit_code == 2
        assert told in refused.stderr
    assert airace("discover", "nowhere").exit_code == 4
