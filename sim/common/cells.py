"""Cells of tables that other programs open: a text stays a text and is never computed."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}", "\N{FULLWIDTH HYPHEN-MINUS}",
            "\N{FULLWIDTH COMMERCIAL AT}")


def as_cell(value: object) -> object:
    """A cell of a CSV file that a spreadsheet shows and never computes: what looks like a formula gets a quote."""
    if not isinstance(value, str) or not value.lstrip().startswith(_FORMULA) or value == "-" or _is_number(value):
        return value
    return f"'{value}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
