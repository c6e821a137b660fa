"""Log lines: one per event, `key=value`, with ids and reason words only."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

# The last wall. Nobody logs addresses or secrets on purpose, but an exception's text may hold them.
_HIDDEN = (
    (re.compile(r"[^\s@<>\"'=(),;:/]{1,128}@[^\s@<>\"'=(),;:/]{1,255}"), "<address>"),
    (re.compile(r"csx_[0-9a-f]{8}_[\w-]+"), "<token>"),
    (re.compile(r"(key|password|secret|token)=[^\s&\"']+", re.IGNORECASE), r"\1=<hidden>"),
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), "://<hidden>@"),
)
# Streamlit and uvicorn keep handlers of their own, past the root's.
_OWN_HANDLERS = ("streamlit", "uvicorn")


class OneLine(logging.Formatter):
    """`2026-11-21T12:00:00.000Z INFO services.uploads committed upload=7`; tracebacks are folded in."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = f"{at[:-6]}Z {record.levelname} {record.name} {record.getMessage()}"
        if record.exc_info:
            line += f" traceback={self.formatException(record.exc_info)}"
        return hide("".join(c if c.isprintable() else " ⏎ " if c == "\n" else " " for c in line))


def hide(text: str) -> str:
    """The text without mail addresses, tokens and passwords."""
    for pattern, instead in _HIDDEN:
        text = pattern.sub(instead, text)
    return text


def set_up(level: str) -> None:
    """Send everything to the terminal in this form, what libraries say from WARNING on."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("api", "components", "data", "integrations", "pages", "services", "worker"):
        logging.getLogger(ours).setLevel(level.upper())
    # Packages that touch Streamlit when imported make it warn that no page is running.
    logging.getLogger(f"{_OWN_HANDLERS[0]}.runtime.scriptrunner_utils.script_run_context").setLevel(
        logging.ERROR
    )
    for name in list(logging.Logger.manager.loggerDict):
        if name.startswith(_OWN_HANDLERS):
            for theirs in logging.getLogger(name).handlers:
                theirs.setFormatter(OneLine())
