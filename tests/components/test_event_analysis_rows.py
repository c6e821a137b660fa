"""The rows behind a figure, as a small screen shows them."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from components.event_analysis_rows import readable
from components.late_follow_ups import _SHOWN


def test_what_came_of_a_follow_up_stands_before_what_only_explains_it():
    row = {
        "event_id": 7, "event": "Rate limits", "customer_id": 3, "customer": "TechCorp",
        "type": "user_group", "detected_at": datetime(2026, 11, 20, 9, tzinfo=UTC),
        "sent": True, "replied": False, "let_go": False,
    }  # fmt: skip
    read = readable(pl.DataFrame([row]))
    assert read.columns == [
        "customer", "event", "sent", "replied", "let_go", "type", "detected_at",
    ]  # fmt: skip
    assert read["type"].to_list() == ["user group"]
    assert [*_SHOWN][:2] == ["customer", "broken"]


def test_rows_without_those_columns_stay_as_they_are():
    rows = pl.DataFrame({"segment": ["SMB"], "customer": ["TechCorp"]})
    assert readable(rows).columns == ["customer", "segment"]
