"""What the parts of the health score weigh, tried out before it counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from components import selection, state
from components.loaders import HealthPreview, HealthWeights
from components.text import plural

PAGE = "scoring_settings"


def editor(counting: HealthWeights) -> int:
    """The weight of engagement as chosen, in per cent; the CRM's figure has the rest."""
    key = state.key(PAGE, f"health.{counting.engagement}")
    chosen = st.slider(
        "Weight of engagement", 0, 100, counting.engagement, step=5, format="%d%%", key=key,
        help="The rest is the figure that the CRM reports. A part that is not known drops out.",
    )  # fmt: skip
    st.caption(f"The CRM's figure weighs {100 - chosen}%, engagement {chosen}%.")
    return int(chosen)


def preview_tables(preview: HealthPreview, lines: Mapping[str, str]) -> None:
    """Who would stand elsewhere, and every customer's health before and after."""
    st.markdown(f"**{plural(preview.changed, 'customer')} would have another health score.**")

    def words(name: str) -> pl.Expr:
        return pl.col(name).replace_strict(lines, default="Not known", return_dtype=pl.Utf8)

    moves: Any = preview.moves.select(
        words("line_before").alias("From"), words("line").alias("To"), customers="customers"
    ).rename({"customers": "Customers"})
    if preview.moves.height:
        st.dataframe(moves, hide_index=True, width="content")
    rows: Any = preview.rows.head(500).select(
        pl.col("customer").alias("Customer"),
        pl.col("before").alias("Health now"),
        pl.col("health").alias("Health then"),
    )
    with st.expander("Customer by customer"):
        named = {"Customer": selection.name_column()}
        st.dataframe(rows, hide_index=True, width="stretch", column_config=named)
