"""The numbers of the protocol (`docs/forecasts.md`), whose text was committed before any score was computed."""

from __future__ import annotations

import hashlib

SHA256 = "4dd6070d8bd4530062a075888a91fc5495ab8eaeb89be2069c93837108045344"
"""Hash of the protocol's text; it stands in every result, and a test holds it against the page."""
END = "<!-- end of the protocol -->"
ORIGINS = tuple(f"{year}-12" for year in range(2018, 2026))
"""Months at whose end forecasts are made."""
HORIZONS = (1, 2, 4, 8)
"""Quarters ahead."""
LONG = (4, 8)
"""Horizons of the headline."""
FACTORS = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8)
"""Among which the factor on the discrepancy is chosen at each origin."""
LEVELS = (0.5, 0.8, 0.9)
"""Of central bands."""
COVERAGE = {0.9: (0.80, 0.97), 0.5: (0.35, 0.65)}
"""Shares of figures within a band between which a bar is passed."""
MOST_BIAS = 0.3
"""On log scales at eight quarters, mean over series."""


def hashed(page: str) -> str:
    """The hash of the protocol that a page begins with."""
    return hashlib.sha256(page.partition(END)[0].encode("utf-8")).hexdigest()
