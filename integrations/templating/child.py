"""The child: reads words and then values, line by line, writes a mail per line, under limits, and ends."""

from __future__ import annotations

import json
import resource
import sys
from contextlib import suppress
from typing import Any

from data.errors import AppError
from integrations.templating.words import Words, compiled

MEMORY = 256 << 20
WARM = Words("{{ a|default('x') }}", "{% for b in c %}{{ b }}{% endfor %}", "{{ a|rich }}")
BROKEN = Words("{{ a.b|nope('x') }}", "", "{% if %}")


def limit(seconds: int) -> None:
    """Address space, processor time, no core file, nothing opened or written beyond what is open now."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def warm_up() -> None:
    """What Jinja imports at first use, also to report an error, is imported before files are out of reach."""
    fill = compiled(WARM)
    fill({"a": 1, "c": []})
    for fails in (lambda: fill({}), lambda: compiled(BROKEN)):
        with suppress(AppError):
            fails()


def work(task: dict[str, Any], output_limit: int) -> None:
    """Answers are `{subject, text, html}` per line of values, or one `{refused}` and the end."""
    try:
        fill = compiled(Words(**task["words"]))
        written = 0
        for line in sys.stdin:
            filled = fill(json.loads(line))
            answer = json.dumps([filled.subject, filled.text, filled.html])
            written += len(answer)
            if written > output_limit:
                return
            sys.stdout.write(answer + "\n")
    except AppError as refused:
        sys.stdout.write(json.dumps({"refused": refused.message}) + "\n")
    sys.stdout.write('"done"\n')


def main() -> None:
    warm_up()
    task = json.loads(sys.stdin.readline())
    limit(task["seconds"])
    try:
        work(task, task["output"])
    except (MemoryError, RecursionError):
        return
    sys.stdout.flush()


if __name__ == "__main__":
    main()
