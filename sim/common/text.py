"""Text of other people: printed so that it does no harm, within a sentence, and the known name that was meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.common.language import language

_PROPER: Mapping[str, tuple[str, ...]] = {
    "en": ("US", "China", "EU", "AI", "Chinese", "UK"),
    "fr": ("États-Unis", "Chine", "UE", "IA", "Californie", "Royaume-Uni", "Taïwan"),
}
_UNBROKEN = "\u00a0\u202f"


def inside(title: str) -> str:
    """A heading inside a sentence: its first letter small, unless it opens with a proper name."""
    return title if title.startswith(_PROPER.get(language(), ())) else title[:1].lower() + title[1:]


def suggest(wrong: str, known: Sequence[str]) -> str | None:
    """The known name that `wrong` most likely stands for, or None."""
    if not wrong or len(wrong) > 80:
        return None
    by_fold: dict[str, str] = {}
    for name in known:
        by_fold.setdefault(_fold(name), name)
    if (folded := _fold(wrong)) in by_fold:
        return by_fold[folded]
    import difflib  # only a mistake needs it

    close = difflib.get_close_matches(folded, by_fold, n=1, cutoff=0.6)
    if close:
        return by_fold[close[0]]
    parts = [name for fold, name in by_fold.items() if len(folded) > 3 and folded in fold]
    return min(parts, key=len) if parts else None


def printable(text: str) -> str:
    """Text that cannot move the cursor, colour the screen or reverse reading; tabs become spaces.

    Spaces at which a line is not broken stay: French sets them before its signs.
    """
    return "".join(c if c.isprintable() or c in _UNBROKEN else " " if c == "\t" else "\N{REPLACEMENT CHARACTER}"
                   for c in text)


def _fold(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")
