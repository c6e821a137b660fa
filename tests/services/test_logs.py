"""What a log line looks like, and what never gets into one."""

from __future__ import annotations

import logging
import sys

import pytest

from services.logs import OneLine, hide


def _line(message: str, *args: object, error: bool = False) -> str:
    exc_info = sys.exc_info() if error else None
    record = logging.LogRecord("services.uploads", logging.INFO, "", 0, message, args, exc_info)
    return OneLine().format(record)


def test_line_is_one_line_whatever_is_logged():
    line = _line("committed upload=%s", "7\nFORGED 2026 ERROR\r\x1b[31m")
    assert "\n" not in line
    assert "\r" not in line
    assert "\x1b" not in line
    assert "INFO services.uploads committed upload=7" in line


def test_traceback_stays_on_the_line_without_the_address_in_it():
    line = _line_about_an_error()
    assert "ValueError" in line
    assert "\n" not in line
    assert "olga" not in line


def _line_about_an_error() -> str:
    try:
        int("olga.ivanova@example.com")
    except ValueError:
        return _line("failed", error=True)
    raise AssertionError("an address is no number")


@pytest.mark.parametrize(
    "secret",
    [
        "olga@example.com",
        "csx_0123abcd_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
        "key=NmDnikSvipWuDbCr9IyrF2gimHfM3Akik6O6PRRcyDA",
        "password=hunter2",
        "postgresql+psycopg://app:s3cret@db/cscx",
    ],
)
def test_planted_secret_is_hidden(secret: str):
    hidden = hide(f"before {secret} after")
    assert hidden.startswith("before")
    assert hidden.endswith("after")
    for part in ("olga", "abcdefghij", "NmDnik", "hunter2", "s3cret"):
        assert part not in hidden
