"""One question of the match review, with everything that speaks for an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from components import state
from components.loaders import Question, public_id
from components.match_words import PART, about, asked, be, capital
from components.text import plain, plural

PAGE = "match_review"
EVIDENCE = {
    "shared_email": "The address is recorded for several customers.",
    "conflict": "The mail domain points to one customer, the company name to another.",
    "shared_domain": "Several customers share this mail domain.",
    "shared_domain_person": "Several customers share this domain; a person has a stakeholder's name.",
    "shared_domain_company": "Several customers share this domain; the company name fits one.",
    "typo_email": "The domain looks mistyped; corrected, the address is a stakeholder's.",
    "typo_domain_person": "The domain looks mistyped; a person has a stakeholder's name.",
    "typo_domain_company": "The domain looks mistyped; the company name fits.",
    "typo_domain": "The domain looks like a mistyped one of a customer.",
    "company": "The company name looks like a customer's.",
    "company_and_person": "Company name and person's name look like a customer's.",
    "person_name": "Only a person's name is the same as a stakeholder's.",
}
UNKNOWN = "Nothing points to one of your customers."


@dataclass(frozen=True)
class Answer:
    """`verdict` is is, never or nobody; `done` says to the person what follows from it."""

    question: Question
    verdict: str
    customer_id: int | None
    done: str


def review_card(
    question: Question, search: Callable[[str], Sequence[tuple[int, str]]]
) -> Answer | None:
    """The answer, when one was pressed. `search` finds customers as (id, name)."""
    with st.container(border=True):
        st.markdown(f"**{plain(asked(question.kind, question.key))}**")
        st.caption(_facts(question))
        pressed = _buttons(question)
        if _is_open(question):
            pressed = _other(question, search) or pressed
    return pressed


def _facts(question: Question) -> str:
    rows = plural(question.rows, "row")
    said = [EVIDENCE.get(question.evidence, UNKNOWN)]
    said.append(f"{plural(question.people, 'person', 'people')}, {rows}.")
    if question.names:
        said.append(f"Such as {', '.join(question.names)}.")
    if question.companies:
        said.append(f"They write {', '.join(f'“{name}”' for name in question.companies)}.")
    if PART in question.key:
        said.append("Your answer moves nobody else at this domain.")
    return plain(" ".join(said))


def _buttons(question: Question) -> Answer | None:
    pressed = None
    labels = _labels(question)
    with st.container(horizontal=True, gap="small"):
        for place, candidate in enumerate(question.candidates):
            if st.button(
                f"{plain(labels[candidate.customer_id])} · {candidate.confidence:.0%}",
                type="primary" if place == 0 else "secondary",
                key=_key(question, f"is.{candidate.customer_id}"),
                help="Yes, they belong to this customer",
            ):
                pressed = _is(question, candidate.customer_id, labels[candidate.customer_id])
        if st.button("Not a customer", key=_key(question, "nobody")):
            whom = capital(about(question.key), question.key)
            done = f"{whom} {be(question.key)} no customer of yours: not asked again."
            pressed = Answer(question, "nobody", None, done)
        label = "Close" if _is_open(question) else "Something else …"
        if st.button(label, type="tertiary", key=_key(question, "other")):
            state.put(PAGE, "open", None if _is_open(question) else (question.kind, question.key))
            st.rerun()
    return pressed


def _other(question: Question, search: Callable[[str], Sequence[tuple[int, str]]]) -> Answer | None:
    """Another customer, or a candidate that it certainly is not."""
    pressed = None
    typed = st.text_input(
        "Find another customer",
        key=_key(question, "search"),
        placeholder="Name or domain, then Enter",
        max_chars=100,
        width=320,
    )
    found = search(typed.strip()) if typed and typed.strip() else ()
    with st.container(horizontal=True, gap="small"):
        for number, name in found:
            same = sum(other == name for _, other in found) > 1
            label = f"{name} ({public_id('customer', number)})" if same else name
            if st.button(plain(label), key=_key(question, f"other.{number}")):
                pressed = _is(question, number, name)
        if typed and not found:
            st.caption("No customer of yours is called that.")
    labels = _labels(question)
    with st.container(horizontal=True, gap="small"):
        for candidate in question.candidates:
            key = _key(question, f"never.{candidate.customer_id}")
            label = labels[candidate.customer_id]
            if st.button(f"Never {plain(label)}", icon=":material/block:", key=key):
                whom = capital(about(question.key), question.key)
                done = f"{whom} will never be matched to {label}."
                pressed = Answer(question, "never", candidate.customer_id, done)
    return pressed


def _labels(question: Question) -> dict[int, str]:
    """What to call each candidate: by name, and where two are called the same by more than that."""
    names = [candidate.name.casefold() for candidate in question.candidates]
    return {
        c.customer_id: f"{c.name} ({c.detail})" if names.count(c.name.casefold()) > 1 else c.name
        for c in question.candidates
    }


def _is(question: Question, customer_id: int, name: str) -> Answer:
    done = f"{plural(question.rows, 'row')} of {about(question.key)} now count for {name}."
    if question.rows == 1:
        done = done.replace("now count", "now counts")
    return Answer(question, "is", customer_id, done)


def _is_open(question: Question) -> bool:
    return state.get(PAGE, "open") == (question.kind, question.key)


def _key(question: Question, name: str) -> str:
    return state.key(PAGE, f"{question.kind}.{question.key}.{name}")
