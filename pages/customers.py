"""Customers: the portfolio as a list, and how it gets in."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import actions, customer_list, file_import, layout, loaders, state
from components.text import plain, plural
from services import customers
from services.errors import AppError
from services.export import to_csv
from services.uploads.rematch import rematch

viewer = layout.page("Customers", "Your portfolio, and the way new customers get in.")
options = loaders.read(customers.choices, viewer)
chosen = customer_list.filters(options.segments, options.csms)
narrowed = {"search": chosen.search, "segment": chosen.segment, "csm_id": chosen.csm_id}
first = loaders.read(customers.list_customers, viewer, **narrowed, sort=chosen.sort)

if not first.everything:
    layout.empty(
        "No customers yet.",
        hint="Drop an export from your CRM below: names, domains, CSMs. Attendance files are "
        "matched to these customers by their domains and names.",
    )
elif not first.total:
    layout.empty("No customer fits these filters.", hint="Clear one of them to see more.")
else:
    place = customer_list.page_number(first.total)
    shown = first
    if place:
        offset = place * customer_list.ROWS
        shown = loaders.read(
            customers.list_customers, viewer, **narrowed, sort=chosen.sort, offset=offset
        )
    customer_list.table(shown.rows, first.total, first.everything)
    with st.container(horizontal=True, gap="small"):
        for form, label in (("csv", "CSV"), ("xlsx", "Excel")):
            st.download_button(
                f"Download {label}",
                partial(
                    loaders.fresh,
                    customers.export_customers,
                    viewer,
                    form=form,
                    **narrowed,
                    sort=chosen.sort,
                ),
                file_name=f"customers.{form}",
                on_click="ignore",
                key=state.key("customers", f"export.{form}"),
            )

with st.expander(
    "Load customers or stakeholders from a file",
    expanded=not first.everything,
    icon=":material/upload_file:",
):
    file = file_import.choose()
    if file:
        source = customers.Source(file.body, file.purpose, file.mapping, file.day_first)
        try:
            preview = loaders.read(customers.preview_file, viewer, source)
        except AppError as error:
            st.error(plain(error.message))
        else:
            if not preview.rejected.is_empty():
                st.download_button(
                    f"Download {plural(preview.rejected.height, 'rejected row')}",
                    to_csv(preview.rejected),
                    file_name="rejected.csv",
                    on_click="ignore",
                    key=state.key("customers", "rejected"),
                )
            if file_import.review(preview):
                result = actions.attempt(customers.load_file, source)
                if result:
                    file_import.done()
                    actions.attempt(rematch)
                    new, changed = result.counts["created"], result.counts["updated"]
                    lost = result.counts["rejected"]
                    state.flash(f"Loaded: {new:,} new, {changed:,} changed, {lost:,} rejected.")
                st.rerun()
