"""Audit log: who did what to which record, when."""

from __future__ import annotations

import math
from functools import partial

import streamlit as st

from components import actions, layout, loaders, state
from components.audit_list import PAGE, ROWS, filters, table
from components.downloads import download_buttons
from components.text import plural
from services import audit_log

viewer = layout.page("Audit log", "Who did what to which record. Rows are only ever added.")
people, nouns = loaders.fresh(audit_log.choices, viewer)
wanted = filters(people, nouns)
found = loaders.fresh(audit_log.listing, viewer, wanted, limit=ROWS)
if found.total > ROWS:
    pages = math.ceil(found.total / ROWS)
    place = st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params") - 1
    found = loaders.fresh(audit_log.listing, viewer, wanted, offset=place * ROWS, limit=ROWS)
if found.total:
    st.caption(plural(found.total, "entry", "entries"))
    table(found)
    make = partial(actions.exported, audit_log.export, audit_log.note_export, viewer, wanted)
    download_buttons(PAGE, "audit-log", make)
else:
    layout.empty(
        "Nothing fits these filters.", hint="Clear some of them: every change leaves a line here."
    )
