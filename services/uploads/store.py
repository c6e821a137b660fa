"""The parts an upload keeps in the database: original bytes and staged frames, compressed, in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from data.frames import PIECE, pack, unpack
from data.tables import UploadPart


def save_file(session: Session, upload_id: int, path: Path) -> None:
    """Keep the original, compressed block by block, so that a large file is never whole in memory."""
    with path.open("rb") as stream:
        for seq, block in enumerate(iter(lambda: stream.read(PIECE), b"")):
            _add(session, upload_id, "original", seq, pa.compress(block, "zstd", asbytes=True))


def write_file(session: Session, upload_id: int, path: Path) -> None:
    """Put the original bytes back into a file."""
    with path.open("wb") as stream:
        for body in _bodies(session, upload_id, "original"):
            stream.write(pa.input_stream(pa.py_buffer(body), compression="zstd").read())


def save_frame(session: Session, upload_id: int, name: str, frame: pl.DataFrame) -> None:
    """Keep a frame under this name, in the place of the one that was there."""
    save_pieces(session, upload_id, name, pack(frame))


def save_pieces(session: Session, upload_id: int, name: str, pieces: Iterable[bytes]) -> None:
    """As `save_frame`, for a frame that `data.frames.pack` has packed already."""
    forget(session, upload_id, name)
    for seq, body in enumerate(pieces):
        _add(session, upload_id, name, seq, body)


def load_frame(session: Session, upload_id: int, name: str) -> pl.DataFrame | None:
    """The frame kept under this name; None when there is none."""
    return unpack(_bodies(session, upload_id, name))


def forget(session: Session, upload_id: int, *names: str) -> None:
    session.execute(
        delete(UploadPart).where(UploadPart.upload_id == upload_id, UploadPart.name.in_(names))
    )


def _add(session: Session, upload_id: int, name: str, seq: int, body: bytes) -> None:
    session.execute(insert(UploadPart).values(upload_id=upload_id, name=name, seq=seq, body=body))


def _bodies(session: Session, upload_id: int, name: str) -> Iterator[bytes]:
    yield from session.scalars(
        select(UploadPart.body)
        .where(UploadPart.upload_id == upload_id, UploadPart.name == name)
        .order_by(UploadPart.seq)
    )
