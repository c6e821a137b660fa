"""Mail templates: the words that mails start from, tried out with a sample before they count."""

from __future__ import annotations

import streamlit as st

from components import actions, layout, loaders, state
from components.mail_preview import mail_preview
from components.template_editor import (
    PAGE,
    changed_below,
    editor_base,
    overtaken_words,
    template_choice,
    values_table,
    version_list,
    words_editor,
)
from components.text import plain
from components.text_difference import text_difference
from services import rendering
from services.access import ADMINISTRATOR
from services.errors import BadInput
from services.rendering import versions

viewer = layout.page(
    "Mail templates", "The words that mails start from. Each mail is still yours to change."
)
is_admin = viewer.role == ADMINISTRATOR
entries = loaders.read(rendering.catalogue, viewer)
changed_keys = loaders.read(versions.overtaken, viewer)
overtaken_words([entry.title for entry in entries if entry.key in changed_keys])
entry = template_choice(entries)
st.caption(plain(entry.about))
history = loaders.read(versions.versions, viewer, key=entry.key)
in_use = next(row for row in history if row.in_use)
product = history[-1].words
if changed_below(
    in_use, product, lambda words: versions.words_difference(words, product), settles=is_admin
):
    actions.run(
        versions.keep_ours, entry.key, in_use.version, done="Kept. New mails start from yours."
    )

preview, edit, past = st.tabs(["Preview", "Words", f"History ({len(history) - 1})"])

with preview:
    try:
        sample = loaders.read(
            rendering.render_sample, viewer, key=entry.key, version=in_use.version
        )
    except BadInput as error:
        st.error(
            plain(f"{error.message} New mails of this kind cannot be made until it is mended.")
        )
    else:
        st.caption("Filled with an invented sample, in the words in use.")
        safe = rendering.safe_preview(sample.html)
        mail_preview(PAGE, "used", subject=sample.subject, text=sample.text, safe_html=safe)

with edit:
    values_table(entry)
    base = editor_base(entry.key, history)
    left, right = st.columns(2)
    with left:
        typed = words_editor(entry.key, base)
    changed, tried = typed != base.words, None
    with right:
        try:
            tried = loaders.read(versions.try_out, viewer, key=entry.key, words=typed)
        except BadInput as error:
            st.warning(plain(error.message))
        else:
            safe = rendering.safe_preview(tried.html)
            mail_preview(PAGE, "tried", subject=tried.subject, text=tried.text, safe_html=safe)
    if typed != product:
        with st.expander("What differs from the product's words"):
            text_difference(versions.words_difference(product, typed))
    if not is_admin:
        st.info("You can try words out here. Ask an admin to save them.")
    elif changed and tried:
        with st.form(state.key(PAGE, "save")):
            note = st.text_input(
                "Why the change?", key=state.key(PAGE, "note"), max_chars=versions.LONGEST_NOTE
            )
            if st.form_submit_button("Save and use for new mails", type="primary"):
                actions.run(
                    versions.save,
                    key=entry.key,
                    words=typed,
                    note=note,
                    based_on=base.version,
                    done="Saved: new mails start from these words.",
                )

with past:
    chosen = version_list(
        history, lambda words: versions.words_difference(product, words), revertible=is_admin
    )
    if chosen is not None:
        actions.run(
            versions.use,
            key=entry.key,
            version=chosen,
            based_on=in_use.version,
            done="New mails start from these words again.",
        )
