"""What the Customers page shows before there is a customer."""

from __future__ import annotations

import streamlit as st

from components import layout, state

PAGE = "customers"
TEMPLATE = """\
Account Name,Account ID,Domains,Other Names,Segment,Region,CSM,ARR,Currency,Customer Since,Renewal Date
Example Ltd,A-100,example.com; example.co.uk,Example UK,Enterprise,EMEA,Maya Torres,120000,USD,2024-03-01,2027-03-01
"""


def teach() -> None:
    """For those who have no customer yet: what a file needs, and what it is good for."""
    layout.empty(
        "No customers yet.",
        hint="Drop an export from your CRM below: Salesforce, HubSpot, Gainsight or any table with a name "
        "per row. Worth having in it: mail domains, other names, segment, CSM and ARR. Attendance files "
        "are matched to these customers by their domains and names. Stakeholders can follow in a file of "
        "their own: their addresses make the matching surer.",
    )
    st.download_button(
        "Download a template",
        TEMPLATE.encode("utf-8-sig"),
        file_name="customers template.csv",
        mime="text/csv",
        icon=":material/table:",
        type="tertiary",
        on_click="ignore",
        key=state.key(PAGE, "template"),
    )
