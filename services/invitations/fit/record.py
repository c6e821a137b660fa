"""Who could have come to which event, and who did, as the Ground's positions."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from services.invitations.fit.ground import Bools, Ground, Ints

PAIRS: dict[str, Any] = {"customer_id": pl.Int64, "event_id": pl.Int64}
EXPLAINED = 0.5
"""An event counts as one of invitations when at least this share of those who came had one."""


class Record:
    """`came` and `invited` (PAIRS) may repeat; customers and events that are not the Ground's are left out."""

    def __init__(self, ground: Ground, came: pl.DataFrame, invited: pl.DataFrame) -> None:
        self._ground = ground
        self._came = _by_event(ground, came)
        self._invited = _by_event(ground, invited)

    def of(self, event: int) -> tuple[Bools, Bools]:
        """Who was offered the event and who came.

        Those who were invited, where invitations account for who came; else everybody it was for.
        """
        came = self._mask(self._came, event)
        invited = self._mask(self._invited, event)
        explained = (came & invited).sum() >= EXPLAINED * came.sum()
        if invited.any() and explained:
            return invited | came, came
        return self._ground.eligible(event) | came, came

    def _mask(self, found: dict[int, Ints], event: int) -> Bools:
        mask = np.zeros(self._ground.size, np.bool_)
        if event in found:
            mask[found[event]] = True
        return mask


def _by_event(ground: Ground, pairs: pl.DataFrame) -> dict[int, Ints]:
    who = ground.customers.select("customer_id").with_row_index("c")
    what = ground.events.select("event_id").with_row_index("e")
    rows = pairs.select(*PAIRS).join(who, on="customer_id").join(what, on="event_id")
    found = rows.sort("e").partition_by("e", as_dict=True, include_key=False)
    return {int(key[0]): some["c"].to_numpy().astype(np.int64) for key, some in found.items()}
