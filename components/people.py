"""The people list."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.loaders import PersonRow
from components.sidebar import ROLE_WORDS


def people_table(rows: Sequence[PersonRow]) -> None:
    st.dataframe(
        {
            "Name": [row.name for row in rows],
            "E-mail": [row.email or "" for row in rows],
            "Role": [ROLE_WORDS[row.role] for row in rows],
            "Customers": [row.customers for row in rows],
            "Can sign in": [row.can_sign_in for row in rows],
        },
        hide_index=True,
        width="stretch",
    )
