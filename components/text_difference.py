"""What changed between two texts, as lines with + and -."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.loaders import DiffLine

MARKS = {"same": "  ", "added": "+ ", "removed": "- "}


def text_difference(lines: Sequence[DiffLine], *, unchanged: str = "No difference.") -> None:
    """The lines as they stand, or `unchanged` when none was added or removed."""
    if all(line.kind == "same" for line in lines):
        st.caption(unchanged)
        return
    shown = "\n".join(f"{MARKS[line.kind]}{line.text}" for line in lines)
    st.code(shown, language="diff", wrap_lines=True)
