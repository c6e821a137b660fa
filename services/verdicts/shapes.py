"""The frames that go in and come out."""

from __future__ import annotations

import polars as pl

MOMENT = pl.Datetime("us", "UTC")
EVENTS = {
    "id": pl.Int64,
    "message": pl.Int64,
    "kind": pl.String,
    "at": MOMENT,
    "link": pl.Int64,
    "hidden": pl.Boolean,
    "method": pl.String,
    "ip": pl.String,
    "user_agent": pl.String,
    "flagged": pl.Boolean,
}
"""`message` is one mail to one recipient. `kind` is open, click, unsubscribe, reply, auto_reply, bounce,
complaint or delivered. `link` tells the links of one message apart; `hidden` marks the one nobody sees.
`method`, `ip` and `user_agent` are null where the source does not tell them; an empty agent is "".
`flagged`: the platform itself calls this open automatic."""
DELIVERIES = {
    "message": pl.Int64,
    "recipient": pl.Int64,
    "company": pl.Int64,
    "domain": pl.String,
    "delivered_at": MOMENT,
}
"""`domain` is that of the recipient's address; `company` may be null."""
RESULT = {"id": pl.Int64, "verdict": pl.String, "reason": pl.String}
