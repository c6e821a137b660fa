"""Records that the address of a screen names."""

from __future__ import annotations

import streamlit as st

from components.text import plain
from services.errors import NotFound
from services.ids import read_id


def in_address(kind: str, name: str) -> int | None:
    """The record of this kind that the address names; what is no id of one is said, and nobody meant."""
    given = st.query_params.get(name)
    try:
        return read_id(kind, given) if given else None
    except NotFound as error:
        st.warning(plain(error.message))
        return None
