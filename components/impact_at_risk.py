"""The ARR at risk for which nobody has spoken yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from components import layout, selection
from components.impact import PAGE
from components.paper import table
from components.text import day, money, plain, plural


def untouched(
    rows: pl.DataFrame, sums: Sequence[tuple[str, int, float]], *, printed: bool
) -> int | None:
    """The ARR at risk that nobody has spoken for; the customer whose row was clicked."""
    if rows.is_empty():
        layout.empty(
            "Nobody at risk waits for a word.",
            hint="Customers with an open risk signal stand here until a mail, call or meeting is on record.",
        )
        return None
    amounts = " + ".join(money(arr, currency) for currency, _, arr in sums)
    st.metric("ARR at risk without a touch", amounts, plural(rows.height, "customer"),
              delta_color="off", delta_arrow="off", border=True, width=320)  # fmt: skip
    st.caption(
        "An open risk signal, and since it was opened no mail that left, no call and no meeting on record. "
        "Whatever the period: who waits longest matters most."
    )
    told = pl.DataFrame(
        [
            {
                "Customer": row["customer"],
                "ARR": money(row["arr"], row["currency"]),
                "Signal": row["level"].capitalize(),
                "Days without a word": row["days"],
                "Renewal": day(row["renews_on"]),
                "CSM": row["csm"] or "Nobody",
                "Segment": row["segment"] or "–",
            }
            for row in rows.head(500).iter_rows(named=True)
        ]
    )
    if printed:
        table(told, printed=True)
        return None
    if rows.height > told.height:
        st.caption(plain(f"The first {told.height:,} are shown; the download has all."))
    data: Any = told
    ids = rows["customer_id"].head(told.height).to_list()
    return selection.table(
        data,
        ids,
        PAGE,
        "untouched",
        # A long name would push all the others out of a phone's screen.
        column_config={"Customer": st.column_config.TextColumn(pinned=True, width=136)},
    ).clicked
