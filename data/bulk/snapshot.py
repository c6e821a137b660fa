"""What is committed in a SQLite file, read by a process of its own: `python -m data.bulk.snapshot`.

ADBC's library reads straight into columns, with a fifth of the work that Python's rows make, but must not
open the database in the process whose locks are at stake (see `read_large`).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa

SCHEMA, ROWS = "schema.arrow", "rows.arrow"
_ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def reading_file(
    database: str, statement: str, schema: pa.Schema
) -> Iterator[Callable[[], Path | None]]:
    """Begin to read; the function given waits for the file of rows, which is there until the block ends.

    Text, whole numbers and floats only. None when the other process failed, for whatever reason.
    """
    with tempfile.TemporaryDirectory(prefix="cscx-reading-") as folder:
        Path(folder, SCHEMA).write_bytes(schema.serialize())
        child = subprocess.Popen(  # noqa: S603 - our own module; the statement is made of our names
            [sys.executable, "-m", "data.bulk.snapshot", database, statement, folder],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield lambda: Path(folder, ROWS) if child.wait() == 0 else None
        finally:
            child.kill()
            child.wait()


def _main(database: str, statement: str, folder: str) -> None:
    # Not its dbapi module: that loads pandas, which takes longer than the reading.
    import adbc_driver_manager as adbc
    import adbc_driver_sqlite
    from adbc_driver_sqlite import _driver_path  # pyright: ignore[reportPrivateUsage]

    schema = pa.ipc.read_schema(pa.OSFile(str(Path(folder, SCHEMA))))
    # A column has the type of its first values, so the first row is one that has them all.
    first = ", ".join(_example(kind) for kind in schema.types)
    uri = f"file:{quote(database)}?mode=ro"
    with (
        adbc.AdbcDatabase(driver=_driver_path(), uri=uri) as opened,
        adbc.AdbcConnection(opened) as connection,
        adbc.AdbcStatement(connection) as query,
    ):
        query.set_options(**{adbc_driver_sqlite.StatementOptions.BATCH_ROWS.value: "65536"})
        query.set_sql_query(f"SELECT {first} UNION ALL SELECT * FROM ({statement})")
        stream, _ = query.execute_query()
        batches = pa.RecordBatchReader._import_from_c(stream.address)
        _keep(batches, schema, Path(folder, ROWS))


def _example(kind: pa.DataType) -> str:
    if pa.types.is_floating(kind):
        return "0.0"
    return "0" if pa.types.is_integer(kind) else "''"


def _keep(batches: pa.RecordBatchReader, schema: pa.Schema, path: Path) -> None:
    """All rows but the first."""
    skipped = 1
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as out:
        for batch in batches:
            columns = [
                column.cast(kind)
                for column, kind in zip(batch.slice(skipped).columns, schema.types, strict=True)
            ]
            out.write_batch(pa.record_batch(columns, schema=schema))
            skipped = 0


if __name__ == "__main__":
    _main(*sys.argv[1:])
