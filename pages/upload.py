"""Upload: attendance files in, looked at before they count, and taken back when they were wrong."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st

from components import actions, layout, loaders, moments, navigation, progress_bar, state
from components import upload_form as form
from components import upload_list as listed
from components import upload_outcome as outcome
from components import upload_questions as questions
from components import upload_rows as drawn
from components import upload_steps as steps
from services import demo, errors, first_steps, match_review
from services.access import company
from services.export import to_csv, to_xlsx
from services.ids import public_id, read_id
from services.session import settings
from services.uploads import intake, job, likely_events, listing, own_company, staying
from services.uploads.choices import FIELDS
from services.uploads.event_types import TITLES
from services.uploads.rematch import rematching

viewer = layout.page("Upload", head=False)
zone = moments.reader_zone()


def keep(path: Path, name: str) -> form.Kept:
    if (received := actions.attempt(intake.receive, path, name)) is None:
        return form.Kept(None)
    if received.repeat_of is not None:
        view = loaders.fresh(listing.find_upload, viewer, received.repeat_of)
        state.flash(outcome.repeated(name, view, zone), kind="note")
        return form.Kept(view.id if view else None)
    run(received.upload_id, steps.Decision("preview"))
    view = loaders.fresh(listing.get_upload, viewer, received.upload_id)
    return form.Kept(received.upload_id, new=view.state != "failed")


def run(number: int, wanted: steps.Decision) -> None:
    """Small files are done when this returns; for large ones the page shows the progress."""
    form.done()
    if wanted.purpose:
        actions.attempt(intake.take_for, number, wanted.purpose)
    view = loaders.fresh(listing.get_upload, viewer, number)
    choices = replace(view.choices, **wanted.changes) if wanted.changes else None
    found = actions.attempt(job.start, number, wanted.step or "preview", choices=choices)
    if found and found.done:
        finish(number, found)


def finish(number: int, found: loaders.Progress) -> None:
    if outcome.say(found):
        actions.attempt(job.start, number, "preview")


def act(number: int, wanted: steps.Decision) -> None:
    if wanted.step == "discard":
        st.query_params.clear()
        actions.run(intake.discard, number, done="Discarded. It never counted.")
    elif wanted.step or wanted.changes:
        with st.spinner("Working …"):
            run(number, wanted)
        st.rerun()


def show(view: loaders.UploadView) -> None:
    layout.heading(view.file_name)
    st.caption(listed.when(view, zone))
    navigation.link("upload", "All uploads")
    number, working = view.id, job.progress(view.id)
    if not working.done:
        read, cancel = partial(job.progress, number), partial(job.cancel, number)
        progress_bar.watch(read, cancel, partial(finish, number))
        return
    outcome.interrupted(working, view.state)
    if view.state == "reading" or (view.state == "previewed" and not view.summary):
        act(number, outcome.not_read(working, number))
    elif view.state == "previewed":
        own = loaders.fresh(own_company.suggest_own_domain, viewer, number)
        if domain := questions.own_company(own, number):
            actions.attempt(company.add_own_domain, domain, within=rematching)
            act(number, steps.Decision("preview"))
        act(number, questions.joins(loaders.fresh(likely_events.homeless, viewer, number), view))
        left = loaders.fresh(staying.staying, viewer, number)
        act(number, steps.preview(view, FIELDS, TITLES, settings().default_zone, left))
    elif view.state == "committed":
        waiting = loaders.read(match_review.questions, viewer, limit=1)[1]
        act(number, outcome.outcome(view, zone, waiting))
    else:
        outcome.closed(view, zone)
        return
    if "records" in view.summary:
        mend = partial(loaders.fresh, listing.download, viewer, number, drawn.TO_MEND)
        forms = {"csv": lambda: to_csv(mend()), "xlsx": lambda: to_xlsx(mend(), title="To mend")}
        drawn.rows(view, partial(loaders.fresh, listing.rows, viewer, number), forms)


asked = st.query_params.get("id")
if asked is None:
    layout.heading("Upload", "Attendance, bulk mail and tickets in, and out again when wrong")
    if not loaders.read(first_steps.first_steps, viewer).customers:
        form.customers_first()
    form.receive(keep, settings().upload_max_mb)
    practice = loaders.demo_mode() and partial(loaders.fresh, demo.practice_file, viewer)
    form.files_to_take(keep, practice)
    if not (found := loaders.fresh(listing.list_uploads, viewer, limit=listed.length() + 1)):
        form.teach()
    undone = listed.upload_list(found, zone, {row.id: public_id("upload", row.id) for row in found})
    if undone is not None:
        act(undone, steps.Decision("undo"))
else:
    try:
        show(loaders.fresh(listing.get_upload, viewer, read_id("upload", asked)))
    except errors.NotFound as error:
        outcome.missing(error.message)
