"""The app at one and the same moment, whatever the day: `python -m tests.support.still_clock MOMENT run app.py`."""

from __future__ import annotations

import sys
from datetime import datetime

from services import clock


def main() -> None:
    moment = datetime.fromisoformat(sys.argv.pop(1))
    clock.utc_now = lambda: moment
    # Only now: whoever is imported from here on takes the clock by its name.
    from streamlit.web import cli

    cli.main(prog_name="streamlit")


if __name__ == "__main__":
    main()
