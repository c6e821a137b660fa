"""What Streamlit is told: readable in both modes, and nothing loosened."""

from __future__ import annotations

import tomllib
from itertools import combinations
from typing import Any

import pytest
from streamlit import config as streamlit_config

from tests.support.rules import ROOT

CONFIG: dict[str, Any] = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))
MODES = ("light", "dark")
TEXT, CONTROL = 4.5, 3.0  # WCAG 2.2 AA: 1.4.3 and 1.4.11
HUES = ("red", "orange", "yellow", "blue", "green", "violet", "gray")


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB`, as WCAG defines it."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_pairs(theme: dict[str, Any]) -> dict[str, tuple[str, str]]:
    grounds = ("backgroundColor", "secondaryBackgroundColor")
    pairs = {
        f"{text} on {ground}": (theme[text], theme[ground])
        for ground in grounds
        for text in ("textColor", "linkColor", *(f"{hue}TextColor" for hue in HUES))
    }
    pairs |= {hue: (theme[f"{hue}TextColor"], theme[f"{hue}BackgroundColor"]) for hue in HUES}
    pairs["header"] = (theme["dataframeHeaderTextColor"], theme["dataframeHeaderBackgroundColor"])
    pairs["code"] = (theme["codeTextColor"], theme["codeBackgroundColor"])
    pairs["primary button"] = ("#FFFFFF", theme["primaryColor"])
    for ground in grounds:  # captions and icons: the text, with two fifths of the ground in it
        pairs[f"faint on {ground}"] = (over(theme["textColor"], theme[ground], 0.6), theme[ground])
    return pairs | {f"chosen on {name}": pair for name, pair in chosen(theme).items()}


def chosen(theme: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Words of a tab or a choice that is chosen (components/shades.py), on the page and on the shade that a
    choice has."""
    words = theme["linkColor"] if theme is CONFIG["theme"]["dark"] else theme["primaryColor"]
    grounds = [theme["backgroundColor"], theme["secondaryBackgroundColor"]]
    shades = [over(theme["primaryColor"], ground, 0.1) for ground in grounds]
    return {ground: (words, ground) for ground in (*grounds, *shades)}


def over(colour: str, ground: str, share: float) -> str:
    """The colour laid thinly over the ground."""
    mixed = (
        round(int(colour[i : i + 2], 16) * share + int(ground[i : i + 2], 16) * (1 - share))
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in mixed)


@pytest.mark.parametrize("mode", MODES)
def test_text_is_readable(mode: str):
    pairs = text_pairs(CONFIG["theme"][mode])
    assert {name: round(contrast(*p), 2) for name, p in pairs.items() if contrast(*p) < TEXT} == {}


@pytest.mark.parametrize("mode", MODES)
def test_controls_and_charts_stand_out(mode: str):
    theme = CONFIG["theme"][mode]
    colours = [theme["primaryColor"], *(theme[f"{hue}Color"] for hue in HUES)]
    colours += theme["chartCategoricalColors"]
    ground = theme["backgroundColor"]
    assert [c for c in colours if contrast(c, ground) < CONTROL] == []


@pytest.mark.parametrize("mode", MODES)
def test_scales_have_the_ten_steps_that_streamlit_asks_for(mode: str):
    theme = CONFIG["theme"][mode]
    assert len(theme["chartSequentialColors"]) == len(theme["chartDivergingColors"]) == 10
    steps = [luminance(c) for c in theme["chartSequentialColors"]]
    assert steps == sorted(steps, reverse=mode == "light")


@pytest.mark.parametrize("mode", MODES)
def test_chart_colours_differ_from_each_other(mode: str):
    colours = CONFIG["theme"][mode]["chartCategoricalColors"]
    assert all(a != b for a, b in combinations(colours, 2))


def test_contrast_of_black_on_white_is_the_greatest():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


def test_both_modes_set_the_same_colours():
    assert set(CONFIG["theme"]["light"]) == set(CONFIG["theme"]["dark"])


def test_every_option_is_one_that_streamlit_knows():
    known = set(streamlit_config.get_config_options())
    assert sorted(_flat(CONFIG) - known) == []


def test_nothing_that_protects_is_switched_off():
    server = CONFIG["server"]
    assert server["address"] == "localhost"
    assert "*" not in server["allowedHosts"]
    assert server.get("enableXsrfProtection", True)
    assert server.get("enableCORS", True)
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["client"]["disableDataExport"]


def _flat(table: dict[str, Any], prefix: str = "") -> set[str]:
    names: set[str] = set()
    for key, value in table.items():
        name = f"{prefix}{key}"
        names |= _flat(value, f"{name}.") if isinstance(value, dict) else {name}
    return names


def test_weights_of_headings_are_ones_that_are_taken():
    """Others are dropped with a warning in the browser's console."""
    weights = CONFIG["theme"]["headingFontWeights"]
    assert [weight for weight in weights if weight % 50 or not 100 <= weight <= 900] == []
