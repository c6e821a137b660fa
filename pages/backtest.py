"""Backtest: what the decline alarm would have found in our own past."""

from __future__ import annotations

import streamlit as st

from components import actions, backtest_table, layout, loaders
from services.scoring import backtest
from services.scoring.risk.alarm import ALERT_EVENTS, WATCH_EVENTS

PAGE = "backtest"
viewer = layout.page(
    "Backtest", "What the decline alarm would have found in our own past, against recorded churn"
)
if st.button("Run it anew", key=f"{PAGE}.run", icon=":material/replay:"):
    actions.run(backtest.ask, done="The worker walks it now. Reload the page in a moment.")
found = loaders.fresh(backtest.result, viewer)
if found is None or not found.judged:
    layout.empty(
        "Nothing to look back on yet.",
        hint="It needs half a year of events, and customers who came to at least four of them. Enter the "
        "day they left for customers who did (Customers, Edit, or the column “Churn date” of your "
        "file). It is run every night.",
    )
else:
    backtest_table.head(found, st.context.timezone or "UTC")
    backtest_table.table(found, backtest.enough, ALERT_EVENTS, WATCH_EVENTS)
    backtest_table.chart(found, backtest.enough)
    if not found.left:
        st.info(
            "No customer is recorded as having left, so only false alarms can be counted. Record the "
            "day for those who did.",
            icon=":material/info:",
        )
