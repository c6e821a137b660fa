"""Files, frames and deliveries that are kept: named people are put out of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from data.frames import pack, unpack
from data.tables import HookDelivery, KeptFrame, Upload, UploadPart
from services.erased import NAME
from services.erasure.words import Scrubber

ORIGINAL = "original"
_BLANKED = ("title", "detail", "raw", "first_name", "last_name")


@dataclass(frozen=True)
class Kept:
    """`uploads`: whose original is given up; `frames` and `deliveries`: how many were changed."""

    uploads: list[int]
    frames: int
    deliveries: int


def scrub_kept(session: Session, scrubber: Scrubber, keys: dict[str, str]) -> Kept:
    """`keys`: per former person_key what stands in its place. Call it within the turn of imports."""
    named, frames = [], 0
    for number in session.scalars(select(Upload.id).order_by(Upload.id)).all():
        changed = _upload(session, number, scrubber, keys)
        frames += changed
        if changed or _says(_original(session, number), scrubber):
            named.append(number)
            part = UploadPart
            session.execute(delete(part).where(part.upload_id == number, part.name == ORIGINAL))
    _kept_frames(session, scrubber)
    return Kept(named, frames, _deliveries(session, scrubber))


def naming(session: Session, scrubber: Scrubber, keys: dict[str, str]) -> tuple[list[int], int]:
    """The ids of uploads, and how many deliveries, that name them; nothing is changed."""
    found = []
    for number in session.scalars(select(Upload.id).order_by(Upload.id)).all():
        frames = _frames(session, number)
        if any(not scrubbed(frame, scrubber, keys).equals(frame) for _, frame in frames) or _says(
            _original(session, number), scrubber
        ):
            found.append(number)
    bodies = session.execute(select(HookDelivery.body)).scalars()
    return found, sum(scrubber.body(body) != body for body in bodies)


def scrubbed(frame: pl.DataFrame, scrubber: Scrubber, keys: dict[str, str]) -> pl.DataFrame:
    """The frame without them. Rows stay, in their order; their key, address and name are stand-ins."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    if not texts:
        return frame
    of_people = "person_key" in texts
    hit = pl.lit(value=False)
    changes: list[pl.Expr] = []
    for name in texts:
        column = pl.col(name)
        found = _changed(frame[name], scrubber, keys if name == "person_key" else {})
        if not found or (of_people and name == "name"):
            continue  # a row of people is told by its address or key: a namesake's stays
        if not of_people or name in ("person_key", "email"):
            hit = hit | column.is_in(list(found))
        changes.append(column.replace(found).alias(name))
    if not changes:
        return frame
    marked = frame.with_columns(_hit=hit.fill_null(value=False)).with_columns(changes)
    mine = pl.col("_hit")
    if of_people and "email" in texts:
        addressed = pl.when(mine).then("person_key").otherwise("email").alias("email")
        named = pl.when(mine).then(pl.lit(NAME)).otherwise("name").alias("name")
        marked = marked.with_columns(addressed, named)
    blank = [pl.when(~mine).then(c).alias(c) for c in _BLANKED if c in texts]
    return marked.with_columns(blank).select(frame.columns)


def _changed(column: pl.Series, scrubber: Scrubber, keys: dict[str, str]) -> dict[str, str]:
    """Former text -> new text, of those that change."""
    suspects = column.drop_nulls().unique()
    if suspects.is_empty():
        return {}
    lower = suspects.str.to_lowercase()
    pieces = [*scrubber.needles, *(key.casefold() for key in keys)]
    suspects = suspects.filter(lower.str.contains_any(pieces)) if pieces else suspects.clear()
    after = {text: keys.get(text) or scrubber.text(text) for text in suspects.to_list()}
    return {text: new for text, new in after.items() if new != text}


def _upload(session: Session, number: int, scrubber: Scrubber, keys: dict[str, str]) -> int:
    changed, people = 0, None
    frames = _frames(session, number)
    for name, frame in frames:
        after = scrubbed(frame, scrubber, keys)
        if name == "people" and "person" in frame.columns:
            different = after["person_key"].ne_missing(frame["person_key"])
            people = frame.filter(different)["person"]
        if not after.equals(frame):
            _save(session, number, name, after)
            changed += 1
    if people is None or people.is_empty():
        return changed
    for name, frame in _frames(session, number):
        words = [c for c in _BLANKED if c in frame.columns and frame.schema[c] == pl.String]
        if name == "rows" and "person" in frame.columns and words:
            others = ~pl.col("person").is_in(people.implode()).fill_null(value=False)
            blank = [pl.when(others).then(c).alias(c) for c in words]
            _save(session, number, name, frame.with_columns(blank))
    return changed


def _frames(session: Session, number: int) -> list[tuple[str, pl.DataFrame]]:
    part = UploadPart
    names = session.scalars(
        select(part.name).where(part.upload_id == number, part.name != ORIGINAL).distinct()
    ).all()
    found = [(name, unpack(_bodies(session, number, name))) for name in sorted(names)]
    return [(name, frame) for name, frame in found if frame is not None]


def _save(session: Session, number: int, name: str, frame: pl.DataFrame) -> None:
    part = UploadPart
    session.execute(delete(part).where(part.upload_id == number, part.name == name))
    session.add_all(
        part(upload_id=number, name=name, seq=seq, body=body)
        for seq, body in enumerate(pack(frame))
    )
    session.flush()


def _bodies(session: Session, number: int, name: str) -> Iterator[bytes]:
    part = UploadPart
    yield from session.scalars(
        select(part.body).where(part.upload_id == number, part.name == name).order_by(part.seq)
    )


def _original(session: Session, number: int) -> bytes:
    pieces = _bodies(session, number, ORIGINAL)
    return b"".join(
        pa.input_stream(pa.py_buffer(body), compression="zstd").read() for body in pieces
    )


def _says(raw: bytes, scrubber: Scrubber) -> bool:
    """Whether a file names them, whatever it is: text in any of the usual codes, or a spreadsheet."""
    texts = [raw]
    if raw[:2] == b"PK":
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith((".xml", ".csv"))]
            texts = [archive.read(member) for member in members]
    for text in texts:
        codes = ("utf-16",) if text[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "latin-1")
        for code in codes:
            decoded = text.decode(code, errors="ignore")
            low = decoded.casefold()
            if any(one in low for one in scrubber.needles) and scrubber.text(decoded) != decoded:
                return True
    return False


def _kept_frames(session: Session, scrubber: Scrubber) -> None:
    """What is kept to be quick goes when it names them: it is made again when it is asked for."""
    kept = KeptFrame
    for name in session.scalars(select(kept.name).distinct()).all():
        pieces = select(kept.body).where(kept.name == name).order_by(kept.seq)
        frame = unpack(session.scalars(pieces))
        if frame is not None and not scrubbed(frame, scrubber, {}).equals(frame):
            session.execute(delete(kept).where(kept.name == name))


def _deliveries(session: Session, scrubber: Scrubber) -> int:
    changed = 0
    for number in session.scalars(select(HookDelivery.id)).all():
        body = session.scalar(select(HookDelivery.body).where(HookDelivery.id == number)) or b""
        after = scrubber.body(body)
        if after != body:
            here = HookDelivery.id == number
            session.execute(update(HookDelivery).where(here).values(body=after))
            changed += 1
    return changed
