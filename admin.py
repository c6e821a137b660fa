"""The operators' command line: `python admin.py --help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from data.db import engine, migrate, transaction
from data.errors import AppError, BadInput, NotFound
from services import mailboxes, operations, terminal
from services.access import SCOPES, SYSTEM, WRITE
from services.clock import utc_now

FAILED, UNHEALTHY = 1, 3
Answer = terminal.Answer


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 refused with the reason on stderr, 2 wrong usage, 3 doctor found a problem."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    terminal.Parser.as_json = "--json" in given
    options = _parser().parse_args(given)
    try:
        answer = options.run(options)
    except (AppError, *operations.DATABASE_ERRORS) as error:
        message = error.message if isinstance(error, AppError) else operations.database_said(error)
        if not options.json:
            print(f"Error: {message}", file=sys.stderr)
        else:
            terminal.tell({"error": message})
        return FAILED
    terminal.tell(answer, None if options.json else options.show)
    return UNHEALTHY if answer.get("state") == "problem" else 0


def _parser() -> argparse.ArgumentParser:
    parser = terminal.Parser(
        prog="admin.py",
        description="Commands for operators of CSCX Engage. Settings come from the environment, as for the app.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar=None)
    add = _adder(commands)
    add("demo", _demo, "load a year of invented events into an empty installation")
    load = partial(partial, _load)
    customers = add("load-customers", load("customers"), "create or update a CRM's customers")
    contacts = add("load-contacts", load("stakeholders"), "create or update a CRM's contacts")
    for command in (customers, contacts):
        command.add_argument("file", **FILE, help="CSV or Excel; the same again changes nothing")
        _dry_run(command, "say what would happen, row by row, and write nothing")
        terminal.columns(command)
    _day_first(customers)
    imported = add("import", _import, "read an attendance file, match it, count it")
    imported.add_argument("file", **FILE, help="an export of Zoom, Teams, GoToWebinar and others")
    _dry_run(imported, "keep it as a preview that can be looked at on the Upload page")
    imported.add_argument(
        "--zone", help="its times' zone, such as Europe/Berlin, where it has none"
    )
    imported.add_argument("--event-name", help="what to call the event, for a file of one event")
    imported.add_argument("--event-type", help="its type, such as webinar or workshop")
    imported.add_argument("--event-date", **DAY, help="its day, such as 2026-03-31")
    terminal.columns(imported)
    imported.add_argument(
        "--statuses",
        metavar="JSON",
        help=f"what words for a status mean that are not known, such as {STATUSES}",
    )
    _day_first(imported)
    computed = add("recompute", _recompute, "score every customer anew")
    computed.add_argument(
        "--as-of",
        **DAY,
        help="tell the board of a past day, such as 2026-03-31; nothing is kept of it",
    )
    token = add("create-token", _create_token, "a token for the API; it is shown once")
    _scopes(token)
    link = add("sign-in-link", _sign_in_link, "a link by which somebody chooses a password")
    for made in (token, link):
        made.add_argument("--email", required=True, help="whose; made a colleague when unknown")
        made.add_argument("--role", choices=("csm", "manager", "admin"), help="from now on")
    export = add("export-stakeholder", _export, "all that is held about one stakeholder, as a file")
    export.add_argument("file", **FILE, help="where to; must not exist yet")
    erase = add("erase-stakeholder", _erase, "put one stakeholder out of everything, for good")
    erase.add_argument(
        "--name", help="their whole name, to confirm it; without it nothing is done but told"
    )
    for asked in (export, erase):
        asked.add_argument("--id", required=True, help="whose, such as sth_42")
    saved = add("backup", _backup, "copy the database while the app runs")
    saved.add_argument("file", **FILE, help="where to; must not exist yet")
    drill = add("rehearse-restore", _rehearse, "restore a backup elsewhere and check it")
    drill.add_argument("file", **FILE, help="made by backup; it stays as it is")
    add("rotate-secrets", _rotate, "seal the passwords of mailboxes with a new key")
    add("doctor", _doctor, "check this installation", show=terminal.show_checks)
    return parser


def _adder(commands: Any) -> Callable[..., argparse.ArgumentParser]:
    def add(
        name: str,
        run: Callable[[Any], Answer],
        words: str,
        show: Callable[[Answer], None] | None = None,
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name, help=words, description=f"{words[0].upper()}{words[1:]}."
        )
        command.add_argument("--json", action="store_true", help="answer as JSON")
        command.set_defaults(run=run, show=show or terminal.show)
        return command

    return add


def _dry_run(command: argparse.ArgumentParser, words: str) -> None:
    which = command.add_mutually_exclusive_group()
    which.add_argument("--commit", action="store_true", default=True, help="write it (the default)")
    which.add_argument("--dry-run", dest="commit", action="store_false", help=words)


def _scopes(command: argparse.ArgumentParser) -> None:
    may = command.add_mutually_exclusive_group()
    may.add_argument("--read-only", action="store_true", help="it changes nothing")
    may.add_argument(
        "--scope",
        action="append",
        choices=tuple(SCOPES),
        help="what it may do besides reading; can be repeated; write, when it is not said",
    )


def _day_first(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--day-first",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="read 03/04/2026 as 3 April (or not), where the file leaves it open",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("give a day as 2026-03-31") from None


STATUSES = '{"Dialled in": "attended"}'
FILE: dict[str, Any] = {"type": Path}
DAY: dict[str, Any] = {"type": _day, "metavar": "DATE"}


def _demo(_options: Any) -> Answer:
    migrate()
    import_module("services.demo.load").load(utc_now())
    return {"loaded": "demo"}


def _load(purpose: str, options: Any) -> Answer:
    from services import customers

    migrate()
    mapping = tuple(terminal.pair(text) for text in options.map) or None
    day_first = getattr(options, "day_first", None)
    source = customers.Source(_bytes(options.file), purpose, mapping, day_first)
    if not options.commit:
        with transaction(read_only=True) as session:
            return _previewed(customers.preview_file(session, SYSTEM, source))
    rematching = import_module("services.uploads.rematch").rematching
    changed: list[int] = []
    within = partial(rematching, changed=changed)
    result = customers.load_file(source, by=SYSTEM, now=utc_now(), within=within)
    return {**result.as_dict(), "rematched": sum(changed), "committed": True}


def _previewed(preview: Any) -> Answer:
    if preview.needs_mapping:
        raise BadInput(
            f"A required column was not recognised. The file has: {', '.join(preview.columns)}. "
            "Name it with --map FIELD=COLUMN."
        )
    return {**preview.as_dict(), "committed": False}


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise NotFound(f"There is no file {path}.")
    return path.read_bytes()


def _import(options: Any) -> Answer:
    intake = import_module("services.uploads.intake")
    choices = import_module("services.uploads.records").Choices
    read_pairs = import_module("services.uploads.choices").read_pairs
    if not options.file.is_file():
        raise NotFound(f"There is no file {options.file}.")
    migrate()
    said = {name: getattr(options, f"event_{name}") for name in ("name", "type", "date")}
    event = {name: str(value) for name, value in said.items() if value}
    done = intake.import_file(
        options.file,
        by=SYSTEM,
        now=utc_now(),
        commit=options.commit,
        choices=choices(
            mapping=dict(map(terminal.pair, options.map)) or None,
            statuses=read_pairs("--statuses", options.statuses, STATUSES),
            zone=options.zone,
            only_event=event,
            day_first=options.day_first,
        ),
        keep_refused=False,
    )
    return done if options.commit else {**done, "rows": _unmatched(done["upload_id"])}


def _unmatched(upload_id: int) -> list[dict[str, Any]]:
    """The rows of a preview that are not matched, at most 1,000."""
    listing, records = map(import_module, ("services.uploads.listing", "services.uploads.records"))
    others = [verdict for verdict in records.VERDICTS if verdict != "matched"]
    with transaction(read_only=True) as session:
        found = listing.rows(session, SYSTEM, upload_id, verdicts=others, limit=1_000)
    return found.select("line", "verdict", "reason").to_dicts()


def _recompute(options: Any) -> Answer:
    operating = import_module("services.scoring.operating")
    migrate()
    with transaction() as session:
        return operating.recomputed(session, now=utc_now(), as_of=options.as_of)


def _create_token(options: Any) -> Answer:
    from services.access import tokens

    scopes = () if options.read_only else options.scope or (WRITE,)
    make = partial(tokens.create_token, name="command line", scopes=scopes)
    return {**_made_for(options, "token", make), "scopes": sorted(scopes)}


def _sign_in_link(options: Any) -> Answer:
    from services.access import links

    return _made_for(options, "link", links.make)


def _made_for(options: Any, what: str, make: Callable[..., str]) -> Answer:
    """Something to come in by, for a colleague who is added when unknown."""
    from services.access import people

    migrate()
    now = utc_now()
    with transaction() as session:
        person = people.ensure_person(session, options.email, options.role, now)
        made = make(session, person_id=person.id, by=SYSTEM, now=now)
        return {what: made, "email": person.email, "role": person.role}


def _export(options: Any) -> Answer:
    migrate()
    asking = import_module("services.erasure.asking")
    with transaction() as session:
        return asking.export_to(session, options.id, options.file, by=SYSTEM, now=utc_now())


def _erase(options: Any) -> Answer:
    migrate()
    asking = import_module("services.erasure.asking")
    return asking.erase_or_tell(options.id, options.name, by=SYSTEM, now=utc_now())


def _backup(options: Any) -> Answer:
    from dataclasses import asdict

    return asdict(operations.backup(engine(), options.file))


def _rehearse(options: Any) -> Answer:
    return vars(import_module("services.rehearsal").rehearse(engine(), options.file))


def _rotate(_options: Any) -> Answer:
    migrate()
    with transaction() as session:
        return vars(mailboxes.rotate(session, by=SYSTEM, now=utc_now()))


def _doctor(_options: Any) -> Answer:
    return operations.as_dict(operations.doctor(engine, utc_now))


if __name__ == "__main__":
    sys.exit(main())
