"""What the backtest still needs, step by step."""

from __future__ import annotations

from datetime import date

import streamlit as st

from components import navigation
from components.loaders import BacktestOutlook
from components.text import day, plain, plural

DONE, OPEN = ":material/check_circle:", ":material/radio_button_unchecked:"


def missing(known: BacktestOutlook, today: date) -> None:
    """Each thing it needs: there already, or from when on and how to have it sooner."""
    with st.container(border=True):
        st.subheader("What it still needs", anchor=False)
        for done, title, text in (_past(known, today), _year(known, today), _churn(known)):
            st.markdown(f"{DONE if done else OPEN} **{plain(title)}**  \n{plain(text)}")
        with st.container(horizontal=True, gap="small"):
            navigation.link("upload", "Upload past years")
            navigation.link("customers", "Enter who has left")


def _past(known: BacktestOutlook, today: date) -> tuple[bool, str, str]:
    title = "Half a year of events before the first look"
    if known.first_event is None or known.looks_from is None:
        return False, title, "No event that was held is on record yet."
    begun = f"Events are on record since {day(known.first_event)}"
    if known.looks_from > today:
        return False, title, f"{begun}: the first look is on {day(known.looks_from)}."
    return True, title, f"{begun}, looks begin on {day(known.looks_from)}."


def _year(known: BacktestOutlook, today: date) -> tuple[bool, str, str]:
    title = "The year after an alarm"
    text = (
        "An alarm speaks of the year after it: only then is it known to have been right or false. "
    )
    if known.settles_on is None or known.settles_on > today:
        first = (
            f"The first of these years ends on {day(known.settles_on)}."
            if known.settles_on
            else "The first of these years begins half a year after the first event that was held."
        )
        return False, title, (
            f"{text}{first} It is there sooner when you upload the attendance of "
            "earlier years: the looks begin half a year after the oldest event."
        )  # fmt: skip
    return True, title, f"{text}The first ended on {day(known.settles_on)}."


def _churn(known: BacktestOutlook) -> tuple[bool, str, str]:
    title = f"At least {known.needed} customers who left, and on which day"
    how = (
        "Enter “Left on” on a customer's page under Edit, or import customers with a column “Churn date”. "
        "Those count who came to at least four events before."
    )
    return (
        known.left >= known.needed,
        title,
        f"{plural(known.left, 'customer')} recorded so far. {how}",
    )
