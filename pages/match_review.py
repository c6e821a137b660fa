"""Match review: whom people in files, tickets and campaigns belong to, asked once per company."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import streamlit as st

from components import actions, layout, loaders, navigation, state
from components.answer_list import answer_list
from components.moments import reader_zone
from components.review_card import Answer, review_card
from components.text import plural
from components.views import one_view
from services import customers, match_review
from services.ids import read_id
from services.uploads.rematch import rematching

PAGE = "match_review"
CARDS = 10
FOUND = 8
VIEWS = ("Questions", "Answers given")
BANDS = {"All": None, "With a likely customer": "review", "Unknown": "unmatched"}

viewer = layout.page("Match review", "Asked once per company, remembered, and reversible.")
zone = reader_zone()


def search(words: str) -> list[tuple[int, str]]:
    found = loaders.read(customers.list_customers, viewer, search=words, limit=FOUND).rows
    return [
        (read_id("customer", number), name) for number, name in found.select("id", "name").rows()
    ]


def give(answer: Answer) -> None:
    asked = answer.question
    with st.spinner("Matching everybody again …"):
        number = actions.attempt(
            match_review.answer,
            kind=asked.kind,
            key=asked.key,
            verdict=answer.verdict,
            customer_id=answer.customer_id,
            done=answer.done,
            within=rematching,
        )
    if number is not None:
        state.put(PAGE, "last", number)
        state.drop(PAGE, "open")
    st.rerun()


def take_back(number: int) -> None:
    state.drop(PAGE, "last")
    done = "The answer is taken back, and the scores follow."
    with st.spinner("Matching everybody again …"):
        actions.attempt(match_review.withdraw, answer_id=number, done=done, within=rematching)
    st.rerun()


def questions() -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        words = st.text_input(
            "Search",
            key=state.key(PAGE, "search"),
            bind="query-params",
            placeholder="Domain or company",
            max_chars=100,
            width=240,
        )
        band = st.selectbox(
            "Show", list(BANDS), key=state.key(PAGE, "band"), bind="query-params", width=240
        )
    narrowed: dict[str, Any] = {"search": words or None, "band": BANDS[band]}
    asked = partial(loaders.read, match_review.questions, viewer, **narrowed, limit=CARDS)
    shown, total = asked(offset=0)
    if not total:
        nothing(narrowed=any(narrowed.values()))
        return
    if total > CARDS:
        pages = math.ceil(total / CARDS)
        place = st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params") - 1
        shown, total = asked(offset=place * CARDS)
    st.caption(f"{plural(total, 'open question')}, those that settle most rows first.")
    pressed = [answer for question in shown if (answer := review_card(question, search))]
    if pressed:
        give(pressed[0])


def nothing(*, narrowed: bool) -> None:
    if narrowed:
        layout.empty("No question fits this search.", hint="Clear it to see all of them.")
        return
    hint = "Questions come up when a file names people whose company is not certain."
    layout.empty("Nothing to decide.", hint=hint)
    navigation.link("upload", "Upload a file")


last = state.get(PAGE, "last")
if last is not None and st.button(
    "Undo the last answer", icon=":material/undo:", key=f"{PAGE}.undo"
):
    take_back(last)
view = one_view(PAGE, VIEWS)
if view == VIEWS[0]:
    questions()
else:
    withdrawn = answer_list(loaders.read(match_review.answers, viewer), zone)
    if withdrawn is not None:
        take_back(withdrawn)
