"""What became of an upload, and how a step on it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components import layout, navigation, state, upload_mail, upload_preview
from components.loaders import Progress, UploadView
from components.text import moment, plain, plural
from components.upload_steps import Decision, discard_button

PAGE = "upload"
STEPS = {
    "preview": "The preview was not made anew.",
    "commit": "The import did not happen.",
    "undo": "The import was not taken back.",
}
"""What a step that failed has left undone."""
GONE = (
    ("follow_ups", "follow-up", "follow-ups"),
    ("drafts", "draft", "drafts"),
    ("signals", "risk signal", "risk signals"),
    ("notifications", "notification", "notifications"),
)
KEPT = (
    ("drafts_kept", "approved draft", "approved drafts"),
    ("signals_kept", "risk signal", "risk signals"),
    ("opportunities", "advocacy opportunity", "advocacy opportunities"),
)


def outcome(view: UploadView, zone: str, questions: int) -> Decision:
    """What the import changed and where to go next."""
    changes = view.summary["changes"]
    st.success(
        plain(
            f"Imported {moment(view.committed_at, zone)}: {changes['new']:,} new, "
            f"{changes['changed']:,} changed, {changes['same']:,} as before. "
            f"{plural(changes['new_people'], 'person', 'people')} seen for the first time."
        ),
        icon=":material/check_circle:",
    )
    if changes.get("others"):
        st.info(
            plain(
                f"{plural(changes['others'], 'attendance', 'attendances')} of the same events came with "
                "other files and not with this one. They still count: undo the other file to remove them."
            ),
            icon=":material/info:",
        )
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        if upload_mail.is_mail(view):
            navigation.link("campaigns", "See the campaigns")
        elif upload_mail.is_tickets(view):
            navigation.link("tickets", "See the tickets")
        else:
            navigation.link("engagement", "See the board")
        if questions:
            navigation.link("match_review", f"Match review ({plural(questions, 'question')})")
        undone = st.button(
            "Undo this import", icon=":material/undo:", key=state.key(PAGE, f"undo.{view.id}")
        )
    upload_preview.facts(view)
    upload_preview.types_table(view.summary)
    return Decision("undo" if undone else None)


def missing(why: str) -> None:
    """There is no such upload for this person."""
    layout.heading("Upload")
    st.warning(plain(why))
    navigation.link("upload", "All uploads")


def closed(view: UploadView, zone: str) -> None:
    """An upload that counts no more."""
    if view.state == "failed":
        st.error(plain(view.error or "The file could not be read."), icon=":material/error:")
        st.caption("Nothing of it was kept. Correct or export the file again, and upload it.")
    elif view.state == "undone":
        st.info(
            plain(f"Taken back {moment(view.undone_at, zone)}. Upload the file again to count it."),
            icon=":material/undo:",
        )
        for said in taken_along(view.summary.get("withdrawn") or {}):
            st.caption(plain(said))
    else:
        st.info("Discarded: it never counted. Upload the file again to look at it.")


def taken_along(found: Mapping[str, int]) -> list[str]:
    """What went with an import, and what stays since a person has acted on it. `found`: `withdrawn` of the
    upload's summary."""

    def several(words: Sequence[tuple[str, str, str]]) -> list[str]:
        return [plural(found[name], one, many) for name, one, many in words if found.get(name)]

    said = []
    if gone := several(GONE):
        said.append(f"Withdrawn with it: {', '.join(gone)}.")
    if kept := several(KEPT):
        said.append(f"Kept, because somebody has acted on it: {', '.join(kept)}.")
    return said


def say(found: Progress) -> bool:
    """How a step ended, for the top of the page; whether the preview has been overtaken and is made anew."""
    overtaken = found.step == "commit" and found.kind == "InvalidMove"
    if found.error:
        state.put(PAGE, "told", found.error)
        state.flash(found.error, kind="note" if overtaken else "error")
    elif found.step == "undo":
        state.flash("Taken back, and the scores with it.")
    return overtaken


def interrupted(found: Progress, reached: str) -> None:
    """How the last step ended when nobody was there to be told, as when the app was restarted meanwhile."""
    untold = found.error and found.error != state.get(PAGE, "told")
    if untold and reached in ("previewed", "committed"):
        st.warning(plain(f"{STEPS[found.step]} {found.error}"), icon=":material/history:")


def not_read(found: Progress, upload_id: int) -> Decision:
    """A file that came but was not read to its end."""
    st.warning(plain(found.error or "This file has not been read yet."))
    with st.container(horizontal=True, gap="small"):
        again = st.button("Read it now", type="primary", key=state.key(PAGE, f"again.{upload_id}"))
        unwanted = discard_button(upload_id)
    return Decision("preview" if again else "discard" if unwanted else None)


def repeated(name: str, view: UploadView | None, zone: str) -> str:
    """The same bytes were imported before; `view` is None when that upload is a colleague's."""
    if view is None:
        return f"A colleague has imported {name} already: it counts. Nothing to do."
    by = view.uploaded_by or "a program"
    return f"{name} was imported on {moment(view.committed_at, zone)} by {by}: nothing to do."
