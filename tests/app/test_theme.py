"""The theme: every text readable on every ground, one colour per kind of operation, a palette that follows."""

from itertools import combinations

import pytest
from PySide6.QtGui import QColor, QPalette

from app import theme as themes
from app.theme import THEMES, Theme
from engine.space.operations import KINDS


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours by WCAG 2.1, 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_agrees_with_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the standard's well-known near miss


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES.keys())
@pytest.mark.parametrize("ground", ["window", "surface", "raised"])
def test_text_is_readable_on_every_ground(theme: Theme, ground: str):
    for name in ("text", "muted", "accent", "good", "warning", "bad"):
        ratio = contrast(getattr(theme, name), getattr(theme, ground))
        assert ratio >= 4.5, f"{name} on {ground}: {ratio:.2f}"
    assert contrast(theme.on_accent, theme.accent) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES.keys())
def test_edges_into_the_output_are_seen_on_a_projector(theme: Theme):
    assert contrast(theme.edge, theme.surface) >= 3, "as WCAG 2.1 asks of graphics"
    assert contrast(theme.edge, theme.surface) < contrast(theme.muted, theme.surface), "but they carry nothing"


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES.keys())
def test_operation_labels_are_readable_on_the_canvas_and_differ(theme: Theme):
    assert tuple(kind for kind, _ in theme.operations) == KINDS
    for kind, colour in theme.operations:
        assert theme.operation(kind) == colour
        assert contrast(colour, theme.surface) >= 4.5, f"{kind}: {contrast(colour, theme.surface):.2f}"
    colours = [QColor(colour) for _, colour in theme.operations]
    for first, second in combinations(colours, 2):
        distance = sum(abs(a - b) for a, b in zip(first.getRgb()[:3], second.getRgb()[:3], strict=True))
        assert distance > 60, f"{first.name()} and {second.name()} are hard to tell apart"


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES.keys())
def test_apply_dresses_the_application(qapp, theme: Theme):
    themes.apply(qapp, theme)
    assert qapp.palette().color(QPalette.ColorRole.Base).name() == theme.surface
    assert qapp.palette().color(QPalette.ColorRole.Text).name() == theme.text
    assert "$" not in qapp.styleSheet()  # every name in the sheet was filled in
    assert theme.accent in qapp.styleSheet()
    qapp.setStyleSheet("")
