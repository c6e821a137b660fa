"""Five numbers that make a hundred, for everybody and for the segments that have their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from components import selection, state
from components.loaders import Preview, Version
from components.moments import reader_zone
from components.text import moment, plain, plural

PAGE = "scoring_settings"
TOTAL = 100
HINTS = {
    "frequency": "Share of the events open to them that they attended",
    "recency": "How long ago the last one was",
    "diversity": "How many types of event they come to",
    "depth": "How much they take part: stay, ask, answer, speak",
    "consistency": "In how many months they come",
}
Points = dict[str, int]


def weights_editor(
    version: int, default: Points, own: Mapping[str, Points], segments: Sequence[str]
) -> tuple[Points, dict[str, Points]]:
    """The points typed, for everybody and per segment with its own; they need not add up to 100.

    `version` is the one in force: publishing another one starts the editor afresh.
    """
    chosen = _row("For everybody", f"{version}.all", default)
    offered = sorted({*segments, *own})
    picked = st.multiselect(
        "Segments with weights of their own",
        offered,
        default=sorted(own),
        key=state.key(PAGE, f"{version}.segments"),
        placeholder="None: one set of weights for all",
    )
    return chosen, {
        segment: _row(segment, f"{version}.own.{segment}", own.get(segment, default))
        for segment in picked
    }


def _row(title: str, name: str, points: Points) -> Points:
    with st.container(border=True):
        st.markdown(f"**{plain(title)}**")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            typed = {
                component: int(
                    st.number_input(
                        component.capitalize(),
                        0,
                        TOTAL,
                        value,
                        key=state.key(PAGE, f"{name}.{component}"),
                        help=HINTS[component],
                        width=128,
                    )
                )
                for component, value in points.items()
            }
        total = sum(typed.values())
        if total == TOTAL:
            st.markdown(f":green[:material/check_circle:] Total {total}")
        else:
            gap = TOTAL - total
            change = f"add {gap}" if gap > 0 else f"take away {-gap}"
            st.markdown(f":red[:material/error:] Total {total}: {change} to reach {TOTAL}")
    return typed


def preview_tables(preview: Preview) -> None:
    """Who would move where, and every customer's score before and after."""
    st.markdown(
        f"**{plural(preview.band_changes, 'customer')} would change band**, "
        f"{preview.score_changes:,} would change score."
    )
    if preview.moves.height:
        st.dataframe(
            preview.moves.select(
                pl.col("band_before").str.to_titlecase().alias("From"),
                pl.col("band").str.to_titlecase().alias("To"),
                pl.col("customers").alias("Customers"),
            ),
            hide_index=True,
            width="content",
        )
    with st.expander("Customer by customer"):
        st.dataframe(
            preview.rows.head(500).select(
                pl.col("customer").alias("Customer"),
                pl.col("segment").alias("Segment"),
                pl.col("score_before").alias("Score now"),
                pl.col("score").alias("Score then"),
                pl.col("band_before").str.to_titlecase().alias("Band now"),
                pl.col("band").str.to_titlecase().alias("Band then"),
                pl.col("rank_before").alias("Rank now"),
                pl.col("rank").alias("Rank then"),
            ),
            hide_index=True,
            width="stretch",
            column_config={"Customer": selection.name_column()},
        )


def version_list(versions: Sequence[Version], *, revertible: bool) -> int | None:
    """Newest first; the version to go back to when its button was pressed."""
    pressed = None
    for place, row in enumerate(versions):
        words, button = st.columns([5, 1], vertical_alignment="center")
        who = f"by {plain(row.published_by or 'an operator')}"
        when = (
            f"{who}, {plain(moment(row.published_at, reader_zone()))}" if row.published_at else ""
        )
        points = " / ".join(str(value) for value in row.book.default.as_dict().values())
        extra = plural(len(row.book.by_segment), "segment")
        own = f", {extra} of its own" if row.book.by_segment else ""
        mark = " · **in force**" if place == 0 else ""
        note = f" · {plain(row.note)}" if row.note else ""
        words.markdown(f"**Version {row.version}**{mark} · {points}{own}{note}  \n{when}")
        if (
            revertible
            and place
            and button.button(
                "Go back", key=state.key(PAGE, f"revert.{row.version}"), width="stretch"
            )
        ):
            pressed = row.version
    return pressed
