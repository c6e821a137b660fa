"""Customers: the portfolio as a list, and how it gets in."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from components import actions, customer_list, customer_start, file_import, layout, loaders, state
from components.downloads import download_buttons
from components.text import plain, plural
from services import customers, first_steps
from services.errors import AppError
from services.export import to_csv
from services.uploads.rematch import rematching

viewer = layout.page("Customers", "Your portfolio, and the way new customers get in.")
empty = not loaders.read(first_steps.first_steps, viewer).customers


def portfolio() -> None:
    options = loaders.read(customers.choices, viewer)
    chosen = customer_list.filters(options.segments, options.csms)
    narrowed = {"search": chosen.search, "segment": chosen.segment, "csm_id": chosen.csm_id}
    order: dict[str, Any] = {"sort": chosen.sort}
    shown = loaders.read(customers.list_customers, viewer, **narrowed, **order)
    if not shown.total:
        layout.empty("No customer fits these filters.", hint="Clear one of them to see more.")
        return
    place = customer_list.page_number(shown.total)
    if place:
        order["offset"] = place * customer_list.ROWS
        shown = loaders.read(customers.list_customers, viewer, **narrowed, **order)
    customer_list.table(shown.rows, shown.total, shown.everything)
    order.pop("offset", None)
    make = partial(loaders.fresh, customers.export_customers, viewer, **narrowed, **order)
    download_buttons(customer_list.PAGE, "customers", make)


def load_from_file() -> None:
    file = file_import.choose(customers.LARGEST_MB)
    if not file:
        return
    source = customers.Source(file.body, file.purpose, file.mapping, file.day_first)
    try:
        with st.spinner("Reading the file …"):
            preview = loaders.read(customers.preview_file, viewer, source)
    except AppError as error:
        st.error(plain(error.message))
        return
    if not preview.rejected.is_empty():
        st.download_button(
            f"Download {plural(preview.rejected.height, 'rejected row')}",
            to_csv(preview.rejected),
            file_name="rejected.csv",
            on_click="ignore",
            key=state.key("customers", "rejected"),
        )
    if file_import.review(preview):
        with st.spinner("Loading …"):
            result = actions.attempt(customers.load_file, source, within=rematching)
        if result:
            file_import.done()
            new, changed = result.counts["created"], result.counts["updated"]
            lost = result.counts["rejected"]
            state.flash(f"Loaded: {new:,} new, {changed:,} changed, {lost:,} rejected.")
        st.rerun()


if empty:
    customer_start.teach()
else:
    portfolio()
with st.expander(
    "Load customers or stakeholders from a file", expanded=empty, icon=":material/upload_file:"
):
    load_from_file()
