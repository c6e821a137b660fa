"""The peer: one upload as an analyst would do it in a notebook, in plain pandas.

    python -m bench.notebook FOLDER --db URL [--file FILE] [--fresh]

FOLDER holds what `bench.generator` writes. Every step is the first idiom the pandas documentation
gives, neither tuned nor slowed down. It stores less than the app does (no raw rows, no reasons, no
history), and its score is a simpler one. One line of JSON: seconds per step and in all (imports not
counted), and sums that show that the work was done.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
from rapidfuzz import fuzz, process

from bench.notebook_scores import scores
from bench.processes import cpu_seconds, warm
from data.db import transaction

FREE_MAIL = [
    "gmail.com",
    "outlook.com",
    "yahoo.com",
    "hotmail.com",
    "icloud.com",
    "gmx.de",
    "proton.me",
]
LEGAL = r"(?:\s(?:inc|incorporated|llc|ltd|limited|gmbh|ag|plc|corp|corporation|co|company|s a|b v|sa|bv))+$"
STATUS = {
    **dict.fromkeys(
        ["attended", "yes", "present", "completed", "1", "true", "checked in"], "attended"
    ),
    **dict.fromkeys(["no show", "no-show", "no", "absent", "0"], "no_show"),
    "registered": "registered",
    **dict.fromkeys(["cancelled", "canceled"], "cancelled"),
}
BEST = {"cancelled": 0, "no_show": 1, "registered": 2, "attended": 3}
KEY = ["event_id", "person"]
ALIKE = 88


@dataclass
class Stopwatch:
    """Seconds per step, each counted from the end of the one before."""

    began: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)

    def step(self, name: str) -> None:
        self.seconds[name] = round(time.perf_counter() - self.began - sum(self.seconds.values()), 3)


@dataclass
class Master:
    customers: pd.DataFrame
    contacts: pd.DataFrame
    events: pd.DataFrame


def read_master(folder: Path) -> Master:
    events = pd.read_csv(folder / "events.csv", parse_dates=["starts_at"])
    events["date"] = events["starts_at"].dt.normalize()
    return Master(
        pd.read_csv(folder / "customers.csv"), pd.read_csv(folder / "contacts.csv"), events
    )


def read_upload(path: Path) -> pd.DataFrame:
    as_text = {"Duration": str}
    if path.suffix == ".xlsx":
        return pd.read_excel(path, dtype=as_text)
    return pd.read_csv(path, dtype=as_text)


def clean_email(found: pd.Series) -> pd.Series:
    lower = found.fillna("").str.strip().str.lower()
    bare = lower.str.extract(r"<([^>]*)>", expand=False).fillna(lower)
    bare = bare.str.replace("mailto:", "", regex=False).str.strip(" ;,")
    return bare.str.replace(r"\+[^@]*@", "@", regex=True)


def clean_company(found: pd.Series) -> pd.Series:
    words = found.fillna("").str.lower().str.replace(r"[^\w&]+", " ", regex=True).str.strip()
    return words.str.replace(r"^the ", "", regex=True).str.replace(LEGAL, "", regex=True)


def clean_event(found: pd.Series) -> pd.Series:
    return found.str.lower().str.replace(r"\s+", " ", regex=True).str.strip()


def minutes(text: Any) -> int:
    if pd.isna(text):
        return 0
    if ":" in text:
        hours, rest = str(text).split(":")[:2]
        return int(hours) * 60 + int(rest)
    number = re.match(r"\d+", str(text).strip())
    return int(number.group()) if number else 0


def tidy(rows: pd.DataFrame) -> pd.DataFrame:
    rows["email"] = clean_email(rows["Email"])
    rows["company"] = clean_company(rows["Customer"])
    rows["event_key"] = clean_event(rows["Event"])
    moments = pd.to_datetime(rows["Date"], format="mixed", utc=True)
    rows["joined"] = moments.dt.tz_localize(None)
    words = rows["Status"].astype("str").str.strip().str.lower()
    rows["status"] = words.map(STATUS).fillna("unknown")
    rows["duration"] = rows["Duration"].apply(minutes)
    for name in ("Questions", "Polls", "Downloads"):
        rows[name.lower()] = pd.to_numeric(rows[name], errors="coerce").fillna(0).astype(int)
    rows["feedback"] = pd.to_numeric(rows["Feedback"], errors="coerce")
    return rows


def unambiguous(keys: pd.Series, values: pd.Series) -> pd.Series:
    """Key -> value for the keys that have one value only."""
    pairs = pd.DataFrame({"key": keys, "value": values}).dropna().drop_duplicates()
    return pairs[~pairs["key"].duplicated(keep=False)].set_index("key")["value"]


def squashed(names: pd.Series) -> pd.Series:
    return names.str.replace(" ", "", regex=False)


def match_exactly(rows: pd.DataFrame, master: Master) -> tuple[pd.DataFrame, pd.Series]:
    """By contact's address, then domain, then name; also gives name without blanks -> customer."""
    customers, contacts, events = master.customers, master.contacts, master.events
    events["event_key"] = clean_event(events["name"])
    rows = rows.merge(events[["event_key", "event_id"]], on="event_key", how="left")
    contacts["email"] = clean_email(contacts["email"])
    known = contacts[["email", "contact_id", "customer_id"]].drop_duplicates("email")
    rows = rows.merge(known, on="email", how="left")
    ids = customers["customer_id"]
    by_domain = unambiguous(
        pd.concat([customers["domain"], customers["alt_domains"]]), pd.concat([ids, ids])
    ).drop(FREE_MAIL, errors="ignore")
    aliases = customers["aliases"].astype("object").str.lower()
    names = pd.concat([clean_company(customers["name"]), aliases])
    by_name = unambiguous(names, pd.concat([ids, ids]))
    by_squashed = unambiguous(squashed(names), pd.concat([ids, ids]))
    rows["customer_id"] = (
        rows["customer_id"]
        .fillna(rows["email"].str.split("@").str[-1].map(by_domain))
        .fillna(rows["company"].map(by_name))
        .fillna(squashed(rows["company"]).map(by_squashed))
    )
    return rows, by_squashed


def match_alike(rows: pd.DataFrame, by_squashed: pd.Series) -> None:
    left = rows.loc[rows["customer_id"].isna() & (rows["company"] != ""), "company"].unique()
    choices = dict(zip(by_squashed.to_numpy(), by_squashed.index, strict=True))
    found = {}
    for name in left:
        squashed_name = name.replace(" ", "")
        hit = process.extractOne(squashed_name, choices, scorer=fuzz.ratio, score_cutoff=ALIKE)
        if hit:
            found[name] = hit[2]
    rows["customer_id"] = rows["customer_id"].fillna(rows["company"].map(found))


def one_row_each(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per person and event, the best status first."""
    by_name = rows["Name"].str.lower() + "|" + rows["company"]
    rows["person"] = rows["email"].where(rows["email"] != "", by_name)
    rows["rank"] = rows["status"].map(BEST).fillna(-1)
    rows = rows.drop_duplicates([*KEY, "joined", "status", "duration"])
    rows = rows.sort_values("rank", ascending=False, kind="stable")
    grouped = rows.groupby(KEY, sort=False)
    return grouped.agg(
        customer_id=("customer_id", "first"),
        contact_id=("contact_id", "first"),
        name=("Name", "first"),
        joined=("joined", "min"),
        status=("status", "first"),
        duration=("duration", "sum"),
        questions=("questions", "max"),
        polls=("polls", "max"),
        downloads=("downloads", "max"),
        feedback=("feedback", "max"),
        sessions=("joined", "size"),
    ).reset_index()


def store(rows: pd.DataFrame, engine: sa.Engine) -> int:
    """Append what is not there yet; gives how many rows that was."""
    if sa.inspect(engine).has_table("nb_attendance"):
        there = pd.read_sql("select event_id, person from nb_attendance", engine)
        rows = rows.merge(there, on=KEY, how="left", indicator=True)
        rows = rows[rows["_merge"] == "left_only"].drop(columns="_merge")
    rows.to_sql("nb_attendance", engine, if_exists="append", index=False)
    with transaction(engine) as session:
        session.execute(
            sa.text("create unique index if not exists nb_key on nb_attendance(event_id, person)")
        )
    return len(rows)


def run(folder: Path, upload: Path, engine: sa.Engine) -> dict[str, Any]:
    warm(upload)
    cpu, watch = cpu_seconds(), Stopwatch()
    master, rows = read_master(folder), read_upload(upload)
    read = len(rows)
    watch.step("read")
    rows = tidy(rows)
    watch.step("tidy")
    rows, by_squashed = match_exactly(rows, master)
    watch.step("match")
    match_alike(rows, by_squashed)
    watch.step("match alike")
    rows = one_row_each(rows)
    watch.step("merge")
    new = store(rows, engine)
    watch.step("store")
    columns = "event_id, person, customer_id, status, questions, polls, downloads, feedback"
    attendance = pd.read_sql(f"select {columns} from nb_attendance", engine)  # noqa: S608 - our columns
    watch.step("read back")
    result = scores(attendance, master.events)
    watch.step("score")
    result.to_sql("nb_scores", engine, if_exists="replace", index=False)
    watch.step("store scores")
    names = master.customers[["customer_id", "name", "segment", "csm"]]
    top = result.merge(names, on="customer_id").nlargest(100, "score")
    bands = pd.cut(result["score"], [0, 40, 60, 80, 100.001], right=False).value_counts(sort=False)
    watch.step("show")
    return {
        "seconds": round(sum(watch.seconds.values()), 3),
        "cpu": round(cpu_seconds() - cpu, 3),
        "steps": watch.seconds,
        "records": read,
        "merged": len(rows),
        "new": new,
        "matched": int(rows["customer_id"].notna().sum()),
        "scored": len(result),
        "score_sum": round(float(result["score"].sum()), 3),
        "bands": [int(count) for count in bands],
        "top": top["name"].iloc[0] if len(top) else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.notebook")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--db", required=True, help="SQLAlchemy URL")
    parser.add_argument("--file", type=Path, help="the upload; FOLDER/attendance.csv without it")
    parser.add_argument("--fresh", action="store_true", help="drop the notebook's tables first")
    given = parser.parse_args()
    engine = sa.create_engine(given.db)
    if given.fresh:
        with transaction(engine) as session:
            for table in ("nb_attendance", "nb_scores"):
                session.execute(sa.text(f"drop table if exists {table}"))
    print(json.dumps(run(given.folder, given.file or given.folder / "attendance.csv", engine)))


if __name__ == "__main__":
    main()
