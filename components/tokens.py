"""The list of API tokens with a button to revoke each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components.loaders import TokenRow
from components.moments import reader_zone
from components.text import moment, plain

SHOWN = 50


def token_list(rows: Sequence[TokenRow], named: Mapping[str, str]) -> int | None:
    """Draw the tokens still in use; the id of the one to revoke when its button was pressed. `named`: words for
    what they may do."""
    live = [row for row in rows if row.works]
    if not live:
        st.caption("No tokens yet.")
    pressed, zone = None, reader_zone()
    for row in live[:SHOWN]:
        words, button = st.columns([5, 1], vertical_alignment="center")
        may = ", ".join(named[one].lower() for one in row.scopes)
        more = f", may {may}" if may else ", only reads"
        ends = f", ends {moment(row.expires_at, zone)}" if row.expires_at else ""
        used = f"last used {moment(row.last_used_at, zone)}" if row.last_used_at else "never used"
        words.markdown(
            f"**{plain(row.name or 'Unnamed')}** · `csx_{row.prefix}_…` · {plain(row.person)} · "
            f"{plain(f'made {moment(row.created_at, zone)}, {used}{ends}{more}')}"
        )
        if button.button("Revoke", key=f"settings.revoke.{row.id}", width="stretch"):
            pressed = row.id
    return pressed
