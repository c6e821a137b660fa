"""A box that files are dropped on, which says truly how large they may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

_OWN_WORDS = "[data-testid=stFileUploaderDropzoneInstructions]"
"""The box rounds its limit to whole gigabytes from 500 MB on: 512 MB would read 1GB."""


def file_box(
    label: str, types: Sequence[str], most: int, *, any_name: bool = False, **how: Any
) -> Any:
    """What st.file_uploader gives; `most`: megabytes per file, named in the label and nowhere else. `any_name`:
    what is read is told by its content, so a file may be called what it likes."""
    st.html(f"<style>{_OWN_WORDS} {{ display: none }}</style>")
    offered = ", ".join(one.upper() for one in types)
    return st.file_uploader(
        f"{label} :gray[({offered}, up to {most} MB)]",
        type=None if any_name else list(types),
        max_upload_size=most,
        **how,
    )
