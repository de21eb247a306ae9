"""The words of a drawn figure, and which of them touch."""

from __future__ import annotations

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg


def words_of(figure):
    """The figure's texts that show something, as drawn: (text, box in points)."""
    figure.set_dpi(72)
    renderer = FigureCanvasAgg(figure).get_renderer()
    texts = [text for axes in figure.axes for text in axes.texts]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in texts if text.get_text()]


def overlaps(figure):
    """Pairs of texts whose boxes overlap."""
    return [(a, b) for (a, first), (b, second) in combinations(words_of(figure), 2)
            if min(first.x1, second.x1) - max(first.x0, second.x0) > 0.5
            and min(first.y1, second.y1) - max(first.y0, second.y0) > 2.0]
