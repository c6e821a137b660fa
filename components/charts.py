"""Charts that are figures of Plotly, drawn once per distinct data."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import plotly.graph_objects as go

from components.loaders.scoring import BAND_TITLES

BANDS = ("high", "good", "medium", "low")
# White text on each keeps a contrast of 4.5; each keeps 3 to the light and the dark page.
_COLOURS = {"high": "#237A4B", "good": "#2F6FB0", "medium": "#9A6600", "low": "#B5483F"}
_BAR, _FRAME, _LONGEST, _ROOM = 30, 92, 26, 0.17
CONFIG = {"displayModeBar": False}

Bars = tuple[tuple[str, tuple[int, int, int, int]], ...]
"""Group and its customers per band, in the order of BANDS."""


@lru_cache(maxsize=64)
def band_totals(counted: tuple[int, int, int, int]) -> go.Figure:
    """One bar per band with its count and share beside it."""
    shares = [_share(counted, place) for place in range(len(BANDS))]
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        y=[BAND_TITLES[band] for band in BANDS],
        x=shares,
        text=[
            f"{count:,} {'customer' if count == 1 else 'customers'} ({share:.0%})"
            for count, share in zip(counted, shares, strict=True)
        ],
        hoverinfo="skip",
        textposition="outside",
        cliponaxis=False,
        marker={"color": [_COLOURS[band] for band in BANDS]},
    )
    figure.update_layout(
        height=_BAR * 6, margin={"l": 8, "r": 8, "t": 8, "b": 8}, showlegend=False, bargap=0.3
    )
    figure.update_xaxes(visible=False, range=[0, max(shares) * 1.6 or 1], fixedrange=True)
    figure.update_yaxes(autorange="reversed", automargin=True, fixedrange=True)
    return figure


@lru_cache(maxsize=64)
def band_bars(groups: Bars) -> go.Figure:
    """One bar per group, split by band: shares as lengths, counts and shares as words."""
    figure = go.Figure()
    names = [_label(name) for name, _ in groups]
    for place, band in enumerate(BANDS):
        counts = [counted[place] for _, counted in groups]
        shares = [_share(counted, place) for _, counted in groups]
        figure.add_bar(
            orientation="h",
            name=BAND_TITLES[band],
            y=list(range(len(groups))),
            x=shares,
            text=[_inside(band, *pair) for pair in zip(counts, shares, strict=True)],
            customdata=list(zip(names, counts, strict=True)),
            hovertemplate="%{customdata[0]}: %{customdata[1]} customers (%{x:.0%})"
            f"<extra>{BAND_TITLES[band]}</extra>",
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": "#FFFFFF", "size": 13},
            marker={"color": _COLOURS[band]},
        )
    figure.update_layout(
        barmode="stack",
        height=_FRAME + _BAR * len(groups),
        margin={"l": 8, "r": 8, "t": 36, "b": 24},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        uniformtext={"minsize": 10, "mode": "hide"},
        bargap=0.25,
    )
    figure.update_xaxes(tickformat=".0%", range=[0, 1], fixedrange=True)
    figure.update_yaxes(
        tickvals=list(range(len(groups))),
        ticktext=names,
        autorange="reversed",
        automargin=True,
        fixedrange=True,
    )
    return figure


@lru_cache(maxsize=256)
def score_line(points: tuple[tuple[date, int | None], ...]) -> go.Figure:
    """The score over time, with the lower ends of the bands as lines."""
    figure = go.Figure()
    days = [day for day, _ in points]
    figure.add_scatter(
        x=days,
        y=[score for _, score in points],
        mode="lines+markers",
        line={"color": "#2F6FB0", "width": 2},
        hovertemplate="%{x|%d %b %Y}: %{y}<extra></extra>",
        name="Score",
    )
    for level, word in ((80, "High"), (60, "Good"), (40, "Medium")):
        figure.add_hline(
            y=level,
            line={"color": "#8A94A3", "width": 1, "dash": "dot"},
            annotation={"text": word, "xanchor": "left", "x": 0, "font": {"size": 11}},
        )
    figure.update_layout(
        height=220, margin={"l": 8, "r": 8, "t": 12, "b": 8}, showlegend=False, hovermode="closest"
    )
    figure.update_xaxes(fixedrange=True, tickformat="%b %y")
    figure.update_yaxes(range=[0, 102], fixedrange=True, tickvals=[0, 20, 40, 60, 80, 100])
    return figure


def _label(name: str) -> str:
    """Plotly reads tags in its texts; names are only ever text."""
    short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return html.escape(short)


def _share(counted: Sequence[int], place: int) -> float:
    total = sum(counted)
    return counted[place] / total if total else 0.0


def _inside(band: str, count: int, share: float) -> str:
    """Where there is room the band's name too, so that nobody has to tell colours apart."""
    if not count:
        return ""
    figures = f"{count:,} ({share:.0%})"
    return f"{band.capitalize()} {figures}" if share >= _ROOM else figures
