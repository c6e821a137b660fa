"""A Google of our own on a loopback port: OAuth, Gmail drafts and Sent, a calendar, with a ledger and faults on demand.

The ledger is what counts: one line for each message that would have reached somebody. Message-IDs are
rewritten on sending and searches are not honoured, as the real one may do.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import re
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

from integrations.google_http import GoogleAccount, GoogleClient

Fault = Literal[
    "none",
    "dropped",  # done, then the connection breaks
    "refused",  # 503, not done
    "done_503",  # 503, done all the same
    "limit",  # 429
    "daily",  # 403 dailyLimitExceeded, which does not say until when
    "spent",  # 429 as Gmail's limit of a day: its words name the moment, 23 hours ahead
    "rate",  # 403 rateLimitExceeded
    "hangs",  # never answers, not done
    "done_hangs",  # never answers, done
    "late",  # done, but only after the client has given up
    "forbidden",  # 403 for good
    "wrong",  # 400
    "unauthorized",  # 401: the access token is no longer good
    "garbled",  # done, and the answer is no JSON
]
FAULTY: Mapping[Fault, float] = {
    "dropped": 0.02,
    "refused": 0.02,
    "done_503": 0.01,
    "limit": 0.02,
    "hangs": 0.005,
    "done_hangs": 0.005,
    "late": 0.005,
}
"""8.5 sends of 100, as a bad day has them."""
SCOPES = (
    "https://www.googleapis.com/auth/gmail.compose https://www.googleapis.com/auth/gmail.readonly"
)


@dataclass
class GmailFake:
    """`rates` draws a fault for each send; `next_faults` are taken first, by the name of the call
    (`send`, `create`, `get`, `list`, `delete`, `token`)."""

    rates: Mapping[Fault, float] = field(default_factory=dict[Fault, float])
    seed: int = 1
    hang_seconds: float = 3.0
    rewrites_ids: bool = True
    finds_recipients: bool = False
    """Whether a search for `to:` is honoured, which a full Sent needs."""
    scopes: str = SCOPES
    next_faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    accounts: dict[str, str] = field(default_factory=lambda: {"refresh-ana": "ana@vendor.example"})
    """Refresh token to address."""
    revoked: set[str] = field(default_factory=set[str])
    ledger: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(our header's value, SHA-256 of the bytes), one for each delivery."""
    taken_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """When the message of this key was taken last."""
    drafts: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    sent: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    entries: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """The calendar's."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    calls: Counter[str] = field(default_factory=Counter[str])
    injected: Counter[str] = field(default_factory=Counter[str])
    url: str = ""
    _random: random.Random = field(init=False)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def client(self, seconds: float = 20.0) -> GoogleClient:
        """Our OAuth client, pointed here; `seconds` until it gives a call up."""
        return GoogleClient(
            client_id="client-1",
            client_secret="a client's secret",
            auth_url=f"{self.url}/o/oauth2/v2/auth",
            token_url=f"{self.url}/token",
            revoke_url=f"{self.url}/revoke",
            api_url=self.url,
            seconds=seconds,
        )

    def account(self, seconds: float = 20.0) -> GoogleAccount:
        """Ana's."""
        return GoogleAccount(self.client(seconds), "refresh-ana")

    def environment(self) -> dict[str, str]:
        """Settings of an app that takes this for Google."""
        client = self.client()
        return {
            "CSCX_GOOGLE_CLIENT_ID": client.client_id,
            "CSCX_GOOGLE_CLIENT_SECRET": client.client_secret,
            "CSCX_GOOGLE_AUTH_URL": client.auth_url,
            "CSCX_GOOGLE_TOKEN_URL": client.token_url,
            "CSCX_GOOGLE_REVOKE_URL": client.revoke_url,
            "CSCX_GOOGLE_API_URL": client.api_url,
        }

    def copies(self) -> Counter[str]:
        """How often each message was delivered."""
        return Counter(key for key, _ in self.ledger)

    # What the calls do, each under the lock.

    def create(self, raw: bytes) -> dict[str, Any]:
        number = f"r{next(self._numbers)}"
        self.drafts[number] = self._message(raw, ["DRAFT"])
        return {"id": number, "message": {"id": self.drafts[number]["id"]}}

    def send(self, number: str, raw: bytes | None) -> dict[str, Any] | None:
        """None: there is no such draft (any more)."""
        draft = self.drafts.pop(number, None)
        if draft is None:
            return None
        text: bytes = raw or draft["raw"]
        message = self._message(text, ["SENT"])
        if self.rewrites_ids:
            message["headers"]["Message-ID"] = f"<CA{message['id']}@mail.gmail.com>"
        self.sent[message["id"]] = message
        key = message["headers"].get("X-CSCX-Message", "")
        self.taken_at[key] = datetime.now(UTC)
        self.ledger.append((key, hashlib.sha256(text).hexdigest()))
        return {"id": message["id"], "threadId": message["threadId"], "labelIds": ["SENT"]}

    def fault(self, call: str) -> Fault:
        with self._lock:
            self.calls[call] += 1
            chosen: Fault = "none"
            if self.next_faults[call]:
                chosen = self.next_faults[call].pop(0)
            elif call == "send" and self.rates:
                kinds: list[Fault] = [*self.rates, "none"]
                weights = [*self.rates.values(), max(0.0, 1 - sum(self.rates.values()))]
                chosen = self._random.choices(kinds, weights)[0]
            if chosen != "none":
                self.injected[chosen] += 1
            return chosen

    def hang(self) -> None:
        self._stopped.wait(self.hang_seconds)

    def _message(self, raw: bytes, labels: list[str]) -> dict[str, Any]:
        number = f"{next(self._numbers):016x}"
        parsed: Message = message_from_bytes(raw)
        return {
            "id": number,
            "threadId": f"t{number}",
            "labelIds": labels,
            "internalDate": str(int(time.time() * 1000)),
            "headers": {str(k): str(v) for k, v in parsed.items()},
            "raw": raw,
        }


@contextmanager
def running_gmail(**options: Any) -> Generator[GmailFake]:
    """The fake on a free port of this machine, until the block ends."""
    fake = GmailFake(**options)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": fake}))
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield fake
    finally:
        fake._stopped.set()
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that were killed break their connections."""


class _Dropped(Exception):
    """The connection ends without an answer."""


class _Handler(BaseHTTPRequestHandler):
    fake: GmailFake
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass

    def _answer(self, method: str) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.parts = urlsplit(self.path)
        try:
            status, said = self._routed(method, self.parts.path.strip("/").split("/"))
        except _Dropped:
            self.close_connection = True
            return
        if status == 302:
            self.send_response(302)
            self.send_header("Location", said)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = said if isinstance(said, bytes) else json.dumps(said).encode() if said else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 429 and b"Retry after" not in body:
            self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(body)

    def _routed(self, method: str, path: list[str]) -> tuple[int, Any]:
        if path == ["o", "oauth2", "v2", "auth"]:
            return self._consent()
        if path == ["token"]:
            return self._token()
        if path == ["revoke"]:
            self.fake.revoked.add(self._form().get("token", ""))
            return 200, {}
        if self._who() is None:
            return _error(401, "authError")
        if path[:5] == ["calendar", "v3", "calendars", "primary", "events"]:
            return self._faulty("calendar", lambda: self._calendar(method, path[5:]))
        if path[:4] != ["gmail", "v1", "users", "me"]:
            return _error(404, "notFound")
        return self._gmail(method, path[4:])

    def _gmail(self, method: str, path: list[str]) -> tuple[int, Any]:
        match method, path:
            case "GET", ["settings", "sendAs"]:
                primary = {"sendAsEmail": self._who(), "displayName": "", "isPrimary": True}
                return self._faulty("identity", lambda: (200, {"sendAs": [primary]}))
            case "POST", ["drafts"]:
                raw = _raw(json.loads(self.body)["message"])
                return self._faulty("create", lambda: (200, self.fake.create(raw)))
            case "POST", ["drafts", "send"]:
                asked = json.loads(self.body)
                raw = _raw(asked["message"]) if asked.get("message") else None
                return self._faulty("send", lambda: self._sent(asked["id"], raw))
            case "GET", ["drafts" | "messages" as kind]:
                return self._faulty("list", lambda: self._listed(kind))
            case "GET", ["drafts" | "messages" as kind, number]:
                return self._faulty("get", lambda: self._one(kind, number))
            case "DELETE", ["drafts", number]:
                return self._faulty("delete", lambda: self._deleted(number))
            case _:
                return _error(404, "notFound")

    def _faulty(self, call: str, do: Any) -> tuple[int, Any]:
        fault = self.fake.fault(call)
        free = datetime.now(UTC) + timedelta(hours=23)
        refused = {
            "spent": (429, f"User-rate limit exceeded.  Retry after {free:%FT%T}.123Z"),
            "refused": (503, "backendError"),
            "limit": (429, "rateLimitExceeded"),
            "rate": (403, "userRateLimitExceeded"),
            "daily": (403, "dailyLimitExceeded"),
            "forbidden": (403, "domainPolicy"),
            "wrong": (400, "invalidArgument"),
            "unauthorized": (401, "authError"),
        }
        if fault in refused:
            return _error(*refused[fault])
        if fault in ("hangs", "late"):
            self.fake.hang()
            if fault == "hangs":
                raise _Dropped
        with self.fake._lock:
            answer = do()
        if fault == "none":
            return answer
        if fault == "done_503":
            return _error(503, "backendError")
        if fault == "garbled":
            return 200, b"<html>"
        if fault == "done_hangs":
            self.fake.hang()
        raise _Dropped

    def _sent(self, number: str, raw: bytes | None) -> tuple[int, Any]:
        done = self.fake.send(number, raw)
        return (200, done) if done else _error(404, "notFound")

    def _listed(self, kind: str) -> tuple[int, Any]:
        if kind == "drafts":
            found = [{"id": n, "message": {"id": d["id"]}} for n, d in self.fake.drafts.items()]
        else:
            found = [{"id": n, "threadId": m["threadId"]} for n, m in self.fake.sent.items()]
        query = parse_qs(self.parts.query)
        asked = re.search(r"\bto:(\S+)", query.get("q", [""])[0])
        if kind == "messages" and asked and self.fake.finds_recipients:
            kept = self.fake.sent
            found = [one for one in found if kept[one["id"]]["headers"].get("To") == asked[1]]
        start, size = (
            int(query.get("pageToken", ["0"])[0]),
            int(query.get("maxResults", ["100"])[0]),
        )
        newest = found[::-1]
        page: dict[str, Any] = {"resultSizeEstimate": len(found)}
        if newest[start : start + size]:
            page[kind] = newest[start : start + size]
        if newest[start + size :]:
            page["nextPageToken"] = str(start + size)
        return 200, page

    def _one(self, kind: str, number: str) -> tuple[int, Any]:
        message = (self.fake.drafts if kind == "drafts" else self.fake.sent).get(number)
        if message is None:
            return _error(404, "notFound")
        headers = [{"name": k, "value": v} for k, v in message["headers"].items()]
        shown = {k: v for k, v in message.items() if k not in ("raw", "headers")}
        shown["payload"] = {"headers": headers}
        return 200, {"id": number, "message": shown} if kind == "drafts" else shown

    def _deleted(self, number: str) -> tuple[int, Any]:
        return (204, None) if self.fake.drafts.pop(number, None) else _error(404, "notFound")

    def _calendar(self, method: str, path: list[str]) -> tuple[int, Any]:
        """A deleted entry keeps its id, as Google's do."""
        entries = self.fake.entries
        said = json.loads(self.body) if self.body else {}
        number = path[0] if path else said.get("id", "")
        match method:
            case "POST" if number in entries:
                return _error(409, "duplicate")
            case "PUT" if number not in entries:
                return _error(404, "notFound")
            case "DELETE" if entries.get(number, {}).get("status") != "confirmed":
                return _error(410, "deleted")
            case "DELETE":
                entries[number]["status"] = "cancelled"
                return 204, None
            case _:
                entries[number] = said
                return 200, {"id": number, **said}

    def _consent(self) -> tuple[int, Any]:
        """As a person who ticks everything at once."""
        asked = {name: values[0] for name, values in parse_qs(self.parts.query).items()}
        code = f"code-{next(self.fake._numbers)}"
        self.fake.codes[code] = asked
        back = asked["redirect_uri"]
        return 302, f"{back}?{urlencode({'code': code, 'state': asked.get('state', '')})}"

    def _token(self) -> tuple[int, Any]:
        if self.fake.fault("token") != "none":
            return 503, {"error": "temporarily_unavailable"}
        form = self._form()
        if form.get("client_secret") != self.fake.client().client_secret:
            return 401, {"error": "invalid_client"}
        if form.get("grant_type") == "refresh_token":
            token = form.get("refresh_token", "")
            if token not in self.fake.accounts or token in self.fake.revoked:
                return 400, {
                    "error": "invalid_grant",
                    "error_description": "Token has been revoked.",
                }
            return 200, {
                "access_token": f"at.{token}",
                "expires_in": 3599,
                "scope": self.fake.scopes,
            }
        asked = self.fake.codes.pop(form.get("code", ""), None)
        if asked is None or not _proves(form, asked):
            return 400, {"error": "invalid_grant"}
        token = f"refresh-{next(self.fake._numbers)}"
        self.fake.accounts[token] = asked.get("login_hint", "ana@vendor.example")
        granted = self.fake.scopes or asked.get("scope", "")
        return 200, {
            "access_token": f"at.{token}",
            "refresh_token": token,
            "expires_in": 3599,
            "scope": granted,
        }

    def _form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    def _who(self) -> str | None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer at.")
        return None if token in self.fake.revoked else self.fake.accounts.get(token)


def _proves(form: dict[str, str], asked: dict[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
    return challenge == asked.get("code_challenge") and form.get("redirect_uri") == asked.get(
        "redirect_uri"
    )


def _raw(message: dict[str, str]) -> bytes:
    return urlsafe_b64decode(message["raw"])


def _error(status: int, reason: str) -> tuple[int, Any]:
    said = {"code": status, "message": reason, "errors": [{"reason": reason}]}
    return status, {"error": said}
