"""Impact: what is promised and how it stands, a tile per figure, and its filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from components import layout, navigation, state
from components.loaders.impact import (
    MISSED,
    NO_AIM,
    NO_DATA,
    REACHED,
    TOO_FEW,
    Choices,
    Measured,
    Metric,
    Wanted,
    counted,
)
from components.narrowing import choice, period
from components.paper import whole
from components.text import plain

PAGE = "impact"
METRIC = "metric"
"""In the address: which figure is opened."""
_WIDTH = 272
_MONTHS_SHOWN = 12
_VERDICTS = {
    (REACHED, True): ":green[:material/check_circle: reached]",
    (REACHED, False): ":green[:material/check: above the aim, not sure]",
    (MISSED, True): ":red[:material/cancel: missed]",
    (MISSED, False): ":orange[:material/trending_flat: below the aim, not sure]",
}
_NO_VERDICT = {
    TOO_FEW: ":gray[:material/hourglass_empty: too few to judge: 8 are needed]",
    NO_DATA: ":gray[:material/hourglass_empty: not enough data]",
    NO_AIM: ":gray[:material/remove: no aim was set]",
}


def filters(known: Choices) -> Wanted:
    """Period, segment and whose customers."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        days = period(PAGE, "The last")
        segment = choice(PAGE, "segment", "Segment", known.segments, 170)
        whose = choice(PAGE, "customers_of", "Customers of", list(known.whose), 220)
    return Wanted(days, segment, known.whose[whose] if whose else None)


def tiles(found: Sequence[Measured], known: Mapping[str, Metric], *, printed: bool) -> None:
    """A tile per figure, as they are listed; before them what to do where none can be told yet."""
    if all(one.figure.value is None for one in found):
        layout.empty(
            "No figure can be told yet.",
            hint="They are counted from events, mails and tickets of the customers chosen above. Upload what "
            "there is of these, choose a longer period, or look at all customers.",
        )
        if not printed:
            navigation.link("upload", "Go to Upload")
    with st.container(horizontal=True, gap="small"):
        for one in found:
            with whole(one.key, border=True, width=_WIDTH, height="stretch", gap="xsmall"):
                tile(one, known[one.key])
                if printed:
                    st.caption(plain(known[one.key].definition))
                else:
                    st.button(
                        "Definition, trend and rows",
                        key=state.key(PAGE, f"open.{one.key}"),
                        type="tertiary",
                        icon=":material/table_rows:",
                        on_click=_open,
                        args=(one.key,),
                    )


def tile(one: Measured, metric: Metric) -> None:
    """Value, interval, aim, what it is made of, and how it went by month."""
    figure = one.figure
    months = [value for _, value in one.months[-_MONTHS_SHOWN:] if value is not None]
    st.metric(
        metric.title,
        value_words(figure.value, lift=metric.lift),
        interval(figure.low, figure.high, lift=metric.lift) or None,
        delta_color="off",
        delta_arrow="off",
        chart_data=months if len(months) > 1 else None,
        chart_type="line",
    )
    aim = plain(aim_words(metric))
    st.markdown(f"{verdict(one)} · {aim}" if aim else verdict(one))
    st.caption(plain(made_of(one, metric)))


def verdict(one: Measured) -> str:
    """Markdown: a sign and a word; never the colour alone."""
    return _VERDICTS.get((one.verdict, one.sure)) or _NO_VERDICT[one.verdict]


def aim_words(metric: Metric) -> str:
    sign = "+" if metric.lift else ""
    return f"aim: more than {sign}{metric.aim:.0%}" if metric.aim is not None else ""


def made_of(one: Measured, metric: Metric) -> str:
    joint = "against" if metric.lift else "of"
    figure = one.figure
    twice = " (a customer may be on both sides)" if metric.on_both_sides else ""
    return (
        f"{counted(figure.top, metric.top)} {joint} {counted(figure.bottom, metric.bottom)}; "
        f"n = {figure.n:,}{twice}; {metric.period}."
    )


def value_words(value: float | None, *, lift: bool) -> str:
    if value is None:
        return "–"
    return f"{value:+.0%}" if lift else f"{value:.0%}"


def interval(low: float | None, high: float | None, *, lift: bool) -> str:
    if low is None or high is None:
        return ""
    return f"95%: {value_words(low, lift=lift)} to {value_words(high, lift=lift)}"


def file_stem(wanted: Wanted, at: datetime, what: str = "") -> str:
    """The name of a file: of what, of when and of how long; what else was chosen stands inside."""
    part = "-part" if wanted.segment or wanted.csm_ids is not None else ""
    return f"impact-{what}{at:%Y-%m-%d}-{wanted.days}-days{part}"


def _open(key: str) -> None:
    st.query_params[METRIC] = key
