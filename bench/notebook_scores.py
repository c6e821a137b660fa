"""The peer notebook's score: five components in plain pandas, simpler than the app's."""

from __future__ import annotations

import pandas as pd

AS_OF = pd.Timestamp("2026-01-31")


def scores(attendance: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Per customer: score as of AS_OF, the one 90 days before, and the trend between them."""
    came = attendance[(attendance["status"] == "attended") & attendance["customer_id"].notna()]
    came = came.merge(events[["event_id", "type", "date"]], on="event_id")
    came["ago"] = (AS_OF - came["date"]).dt.days
    came = came[(came["ago"] > 0) & (came["ago"] <= 450)]
    came["period"] = (came["ago"] - 1) // 30
    came["points"] = 2 * came["questions"] + came["polls"] + came["downloads"]
    came["points"] += 2 * came["feedback"].notna()
    result = _window(came[came["period"] <= 11], 0).join(
        _window(came[came["period"] >= 3], 90)["score"].rename("previous"), how="outer"
    )
    result[["score", "previous"]] = result[["score", "previous"]].fillna(0)
    change = result["score"] - result["previous"]
    result["trend"] = "stable"
    result.loc[change > 5, "trend"] = "rising"
    result.loc[change < -5, "trend"] = "declining"
    return result.reset_index()


def _window(came: pd.DataFrame, shift: int) -> pd.DataFrame:
    grouped = came.groupby("customer_id")
    found = pd.DataFrame(
        {
            "events": grouped["event_id"].nunique(),
            "users": grouped["person"].nunique(),
            "last": grouped["ago"].min() - shift,
            "types": grouped["type"].nunique(),
            "depth": grouped["points"].mean(),
            "periods": grouped["period"].nunique(),
        }
    )
    found["score"] = (
        30 * (found["events"] / 12).clip(upper=1)
        + 25 * (1 - found["last"] / 180).clip(lower=0)
        + 20 * found["types"] / 5
        + 15 * (found["depth"] / 4).clip(upper=1)
        + 10 * found["periods"] / 12
    )
    return found
