"""Backtest: what the decline alarm would have found in our own past."""

from __future__ import annotations

import streamlit as st

from components import actions, backtest_outlook, backtest_table, layout, loaders
from components.moments import reader_zone
from services.clock import utc_now
from services.scoring import backtest
from services.scoring.risk.alarm import ALERT_EVENTS, ALERT_FUSED, WATCH_EVENTS, WATCH_FUSED

PAGE = "backtest"
viewer = layout.page(
    "Backtest", "What the decline alarm would have found in our own past, against recorded churn"
)
if st.button("Run it anew", key=f"{PAGE}.run", icon=":material/replay:"):
    actions.run(backtest.ask, done="The worker walks it now. Reload the page in a moment.")
found = loaders.fresh(backtest.result, viewer)
today = utc_now().date()
known = loaders.fresh(backtest.outlook, viewer, found, today=today)
if found is None or not found.judged:
    layout.empty(
        "Nothing to look back on yet.",
        hint="It is run every night, on customers who came to at least four events.",
    )
    backtest_outlook.missing(known, today)
else:
    backtest_table.head(found, reader_zone())
    if not known.measurable:
        backtest_outlook.missing(known, today)
    bars = backtest_table.Bars(ALERT_EVENTS, WATCH_EVENTS, ALERT_FUSED, WATCH_FUSED)
    backtest_table.table(found, backtest.enough, bars, whole=known.measurable)
    backtest_table.chart(found, backtest.enough)
    if known.measurable and known.left < known.needed:
        backtest_outlook.missing(known, today)
