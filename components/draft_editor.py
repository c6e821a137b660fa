"""Subject and text of a draft, kept as soon as one leaves a field, and never over somebody else's words.

What is typed and not yet left is kept by the browser, and offered when the draft is opened there again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from components import browser_bridge, identity, state
from components.draft_filters import PAGE
from components.loaders import DraftView

FIELDS = ("subject", "text")
Save = Callable[..., int | None]
"""Called with draft_id, revision, subject and text; the new revision, None when it was refused."""


def editor(draft: DraftView, save: Save, *, editable: bool) -> None:
    """Two fields that keep themselves. What is typed while a colleague changes the same draft is not lost:
    it is offered beside theirs."""
    number = draft.id
    if state.get(PAGE, f"{number}.base") != draft.revision:
        # Opened now, or changed by somebody else: fields of a new name begin with what is kept.
        state.put(PAGE, f"{number}.base", draft.revision)
        state.put(PAGE, f"{number}.turn", state.get(PAGE, f"{number}.turn", 0) + 1)
    above = st.container()
    keep: Any = partial(_keep, number, save)
    st.text_input(
        "Subject",
        draft.subject,
        key=_key(number, "subject"),
        max_chars=200,
        on_change=keep,
        disabled=not editable,
    )
    st.text_area(
        "Text",
        draft.text,
        key=_key(number, "text"),
        height=360,
        max_chars=50_000,
        on_change=keep,
        disabled=not editable,
        help="Kept as soon as you leave the field. A line that begins with “- ” becomes a list item; "
        "[label](https://…) becomes a link.",
    )
    _take_up_unsent(draft)
    if state.get(PAGE, f"{number}.mine"):
        with above:
            _offer(draft, save, editable=editable)


def own_change(draft: DraftView, shown: int) -> bool:
    """Whether all that has changed since revision `shown` is what was typed here: a click on a button takes
    along the field one was still in."""
    _, last = state.get(PAGE, f"{draft.id}.kept") or (0, 0)
    return typed_since(draft.id, shown) and last == draft.revision


def typed_since(number: int, shown: int) -> bool:
    """Whether words were typed here since revision `shown`, whatever others have changed besides."""
    first, last = state.get(PAGE, f"{number}.kept") or (0, 0)
    return first <= shown < last


def _keep(number: int, save: Save) -> None:
    subject = str(_typed(number, "subject") or "")
    text = str(_typed(number, "text") or "")
    base = state.get(PAGE, f"{number}.base")
    revision = save(draft_id=number, revision=base, subject=subject, text=text)
    if revision is None:
        _refused(number, subject, text)
        state.drop(PAGE, f"{number}.base")  # the fields show what is kept
        return
    state.put(PAGE, f"{number}.settled", (subject, text))
    first, last = state.get(PAGE, f"{number}.kept") or (base, base)
    state.put(PAGE, f"{number}.kept", (first if last == base else base, revision))
    state.put(PAGE, f"{number}.base", revision)


def _take_up_unsent(draft: DraftView) -> None:
    """Words that an earlier visit left in their field are offered like those that were refused."""
    number = draft.id
    kept, settled = (draft.subject, draft.text), state.get(PAGE, f"{number}.settled")
    unsent = browser_bridge.keep_typed(
        f"{identity.reader().person_id}.draft.{number}",
        {field: _key(number, field) for field in FIELDS},
        [dict(zip(FIELDS, words, strict=True)) for words in (kept, settled) if words],
    )
    if unsent:
        _refused(number, unsent["subject"], unsent["text"])
    offered = [words for words in state.get(PAGE, f"{number}.mine") or [] if words != kept]
    state.put(PAGE, f"{number}.mine", offered)


def _refused(number: int, subject: str, text: str) -> None:
    """Beside what was refused before and is not dropped yet: nothing typed is lost by typing more."""
    before = state.get(PAGE, f"{number}.mine") or []
    state.put(
        PAGE,
        f"{number}.mine",
        [*(one for one in before if one != (subject, text)), (subject, text)],
    )


def _offer(draft: DraftView, save: Save, *, editable: bool) -> None:
    """Until they are put in or dropped; where nothing can be changed any more, to be copied."""
    refused = state.get(PAGE, f"{draft.id}.mine")
    subject, text = refused[-1]
    with st.container(border=True):
        st.markdown(
            "**Words of yours are not in the draft.** You left before they were kept, or somebody "
            "changed the draft while you wrote:"
        )
        for one_subject, one_text in refused:
            st.text(one_subject)
            st.code(one_text, language=None, wrap_lines=True)
        with st.container(horizontal=True, gap="small"):
            put = state.key(PAGE, f"{draft.id}.put")
            if editable and st.button("Put mine in their place", key=put):
                words = {"subject": subject, "text": text}
                if save(draft_id=draft.id, revision=draft.revision, **words) is not None:
                    _settle(draft.id, refused[-1])
                st.rerun()
            if st.button("Drop mine", key=state.key(PAGE, f"{draft.id}.drop")):
                _settle(draft.id, refused[-1])
                st.rerun()


def _settle(number: int, last: tuple[str, str]) -> None:
    """What was offered is in the draft now, or is not wanted; `last` is what the browser still keeps."""
    state.drop(PAGE, f"{number}.mine")
    state.put(PAGE, f"{number}.settled", last)


def _key(number: int, field: str) -> str:
    return state.key(PAGE, f"{number}.{field}.{state.get(PAGE, f'{number}.turn', 0)}")


def _typed(number: int, field: str) -> Any:
    return state.get(PAGE, f"{number}.{field}.{state.get(PAGE, f'{number}.turn', 0)}")
