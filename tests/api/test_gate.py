"""The gate, the headers and the sign-in pages, around a stand-in for the dashboard."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import UTC, datetime

import anyio
import pytest
from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, Router, WebSocketRoute
from starlette.testclient import TestClient
from starlette.types import Message, Scope
from starlette.websockets import WebSocket, WebSocketDisconnect

from api import signin as forms
from api.pace import Visits
from api.site import MIDDLEWARE, ROUTES
from api.visitors import COOKIE, local_path, same_origin
from components.navigation import SCREENS
from data.db import transaction
from data.settings import settings
from data.tables import AuditEntry, Person, SignIn
from services.access import SYSTEM, links, signin, welcome
from services.access.signin import Tries

PASSWORD = "six unrelated words"
HOST = "http://localhost"
ORIGIN = {"Origin": HOST}
STREAM = "ws://localhost/_stcore/stream"


async def _dashboard(request: Request) -> PlainTextResponse:
    return PlainTextResponse("the dashboard")


async def _stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("the stream")
    await socket.close()


async def _asked(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(socket.headers["host"])
    await socket.close()


def _client(client: tuple[str, int] = ("127.0.0.1", 5000)) -> TestClient:
    methods = ["GET", "POST", "PUT", "DELETE"]
    app = Starlette(
        routes=[
            *ROUTES,
            WebSocketRoute("/_stcore/stream", _stream),
            WebSocketRoute("/asked", _asked),
            Route("/{path:path}", _dashboard, methods=methods),
        ],
        middleware=MIDDLEWARE,
    )
    return TestClient(
        app, HOST, follow_redirects=False, client=client, raise_server_exceptions=False
    )


@pytest.fixture
def visitor(app_database: Engine, monkeypatch: pytest.MonkeyPatch) -> Generator[TestClient]:
    monkeypatch.setattr(signin, "tries", Tries())
    monkeypatch.setattr(forms, "visits", Visits())
    with _client() as client:
        yield client


@pytest.fixture
def owner(visitor: TestClient) -> TestClient:
    """The visitor, signed up by link."""
    answer = _sign_up(visitor, _link())
    assert answer.status_code == 303
    return visitor


def _link() -> str:
    with transaction() as session:
        key = welcome.new_link(session, datetime.now(UTC))
    assert key
    return key


def _sign_up(client: TestClient, key: str, password: str = PASSWORD):
    form = {"key": key, "name": "Olga", "email": "olga@example.com", "password": password}
    return client.post("/welcome", data=form, headers=ORIGIN)


def _sign_in(client: TestClient, password: str = PASSWORD, wanted: str = "/"):
    form = {"email": "olga@example.com", "password": password}
    return client.post("/signin", params={"next": wanted}, data=form, headers=ORIGIN)


ADDRESSES = ["/", *(f"/{screen.key}" for screen in SCREENS), "/secret", "//", "/a/b/c"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_signed_out_visitor_is_sent_to_sign_in(visitor: TestClient, address: str):
    answer = visitor.get(f"{HOST}{address}?id=cus_42&x=1")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin?next=")
    assert "dashboard" not in answer.text


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/_stcore/metrics"),
        ("GET", "/_stcore/host-config"),
        ("POST", "/_stcore/agent/interact"),
        ("GET", "/_stcore/agent/openapi.json"),
        ("PUT", "/_stcore/upload_file/s/f"),
        ("DELETE", "/_stcore/upload_file/s/f"),
        ("GET", "/media/abc.csv"),
        ("GET", "/component/st_aggrid.agGrid/index.html"),
        ("POST", "/"),
        ("PUT", "/upload"),
    ],
)
def test_signed_out_program_is_refused(visitor: TestClient, method: str, address: str):
    answer = visitor.request(method, address)
    assert answer.status_code == 401
    assert answer.text == "Sign in first."


@pytest.mark.parametrize("address", ["/static/../upload", "/api/../upload", "/t/../media/x"])
def test_open_folder_leads_nowhere_else(visitor: TestClient, address: str):
    scope_path = visitor.build_request("GET", "/").url.copy_with(raw_path=address.encode())
    assert "dashboard" not in visitor.get(scope_path).text


@pytest.mark.parametrize(
    "address",
    ["/healthz", "/signin", "/_stcore/health", "/static/js/a.js", "/api/docs", "/assets/page.css"],
)
def test_open_addresses_need_no_session(visitor: TestClient, address: str):
    assert visitor.get(address).status_code == 200


def test_stream_is_refused_without_a_session(visitor: TestClient):
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        visitor.websocket_connect(STREAM),
    ):
        pass
    assert refused.value.code == 4401


def test_stream_opens_with_a_session_and_not_with_a_dead_one(owner: TestClient):
    with owner.websocket_connect(STREAM) as socket:
        assert socket.receive_text() == "the stream"
    token = owner.cookies[COOKIE]
    owner.post("/signout", headers=ORIGIN)
    owner.cookies.set(COOKIE, token)
    with pytest.raises(WebSocketDisconnect), owner.websocket_connect(STREAM):
        pass
    assert owner.get("/").status_code == 303


def test_owner_signs_up_and_is_in(owner: TestClient):
    assert owner.get("/customer?id=cus_42").text == "the dashboard"


def test_session_cookie_is_for_our_server_alone(visitor: TestClient):
    cookie = _sign_up(visitor, _link()).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie


def test_cookie_insists_on_https_where_people_use_it(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CSCX_BASE_URL", "https://engage.example.com")
    settings.cache_clear()
    answer = _sign_up(visitor, _link())
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]


def test_used_link_is_refused(owner: TestClient):
    owner.cookies.clear()
    with transaction(read_only=True) as session:
        people = session.scalars(select(Person)).all()
    for answer in (owner.get("/welcome?key=guess"), owner.get("/welcome")):
        assert answer.status_code == 403
        assert "prints a new one" in answer.text
    assert _sign_up(owner, "guess").status_code == 403
    with transaction(read_only=True) as session:
        assert len(session.scalars(select(Person)).all()) == len(people)


def test_form_comes_back_with_the_reason_and_without_the_password(visitor: TestClient):
    key = _link()
    answer = _sign_up(visitor, key, "short")
    assert answer.status_code == 422
    assert "12 characters" in answer.text
    assert 'value="olga@example.com"' in answer.text
    assert "short" not in answer.text
    assert _sign_up(visitor, key).status_code == 303


def test_wanted_page_is_kept_over_sign_in(owner: TestClient):
    owner.cookies.clear()
    sent_to = owner.get("/customer?id=cus_42&tab=timeline").headers["location"]
    page = owner.get(sent_to)
    assert 'action="/signin?next=%2Fcustomer%3Fid%3Dcus_42%26tab%3Dtimeline"' in page.text
    answer = _sign_in(owner, wanted="/customer?id=cus_42&tab=timeline")
    assert answer.headers["location"] == "/customer?id=cus_42&tab=timeline"


def test_wrong_password_says_what_to_do_and_sixth_try_waits(owner: TestClient):
    owner.cookies.clear()
    for _ in range(5):
        answer = _sign_in(owner, "wrong")
        assert answer.status_code == 403
        assert "Check both and try again" in answer.text
    waiting = _sign_in(owner)
    assert waiting.status_code == 429
    assert waiting.headers["retry-after"] == "60"
    assert COOKIE not in owner.cookies


def test_one_place_that_tries_many_people_waits(owner: TestClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CSCX_SIGNIN_PER_MINUTE", "3")
    monkeypatch.setattr(forms, "visits", Visits())
    settings.cache_clear()
    owner.cookies.clear()
    people = [f"guess{number}@example.com" for number in range(4)]
    tried = [
        owner.post("/signin", data={"email": who, "password": "wrong"}, headers=ORIGIN)
        for who in people
    ]
    assert [answer.status_code for answer in tried] == [403, 403, 403, 429]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:9999"},
    ],
)
def test_forms_from_elsewhere_do_nothing(owner: TestClient, headers: dict[str, str]):
    assert owner.post("/signout", headers=headers).status_code == 403
    assert owner.get("/").text == "the dashboard"
    owner.cookies.clear()
    form = {"email": "olga@example.com", "password": PASSWORD}
    assert owner.post("/signin", data=form, headers=headers).status_code == 403
    assert COOKIE not in owner.cookies


def test_sign_out_ends_the_session_in_the_database(owner: TestClient):
    assert "<form" in owner.get("/signout").text
    answer = owner.post("/signout", headers=ORIGIN)
    assert answer.headers["location"] == "/signin"
    assert COOKIE not in owner.cookies
    with transaction(read_only=True) as session:
        assert [row.ended_at is None for row in session.scalars(select(SignIn))] == [False]
        assert "person.signed_in" in session.scalars(select(AuditEntry.action)).all()


@pytest.mark.parametrize(("size", "status"), [(9, 400), (20_000, 413)])
def test_oversized_form_is_refused_without_a_crash(visitor: TestClient, size: int, status: int):
    form = {f"field{n}": "x" * size for n in range(40)}
    assert visitor.post("/signin", data=form, headers=ORIGIN).status_code == status


FORMS = ["/signin", "/welcome", "/password"]


def flood() -> Iterator[bytes]:
    """A body that says nothing of its length."""
    for _ in range(1_000):
        yield b"&" * 10_000


@pytest.mark.parametrize("address", FORMS)
def test_endless_form_is_cut_off_at_what_a_form_may_have(visitor: TestClient, address: str):
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        sent = ORIGIN | {"Content-Type": kind}
        assert visitor.post(address, content=flood(), headers=sent).status_code == 413
        announced = visitor.post(address, content=b"&" * 66_000, headers=sent)
        assert announced.status_code == 413
        assert visitor.post(address, content=b"&" * 65_000, headers=sent).status_code in (400, 422)


async def _unread() -> Message:
    raise AssertionError("The body was read.")


@pytest.mark.parametrize("address", FORMS)
def test_form_from_elsewhere_or_sent_too_often_is_not_read(
    visitor: TestClient, address: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CSCX_SIGNIN_PER_MINUTE", "1")
    settings.cache_clear()
    assert _status_unread(address, {"origin": "http://evil.example"}) == 403
    visitor.post(address, headers=ORIGIN)
    assert _status_unread(address, {"origin": HOST}) == 429


def _status_unread(address: str, headers: dict[str, str]) -> int:
    """The answer to a form, none of which is there to be read."""
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    raw = [
        (name.encode(), value.encode()) for name, value in {"host": "localhost", **headers}.items()
    ]
    scope: Scope = {
        "type": "http", "method": "POST", "path": address, "query_string": b"", "headers": raw,
        "client": ("127.0.0.1", 5000), "http_version": "1.1", "scheme": "http",
        "server": ("localhost", 80), "root_path": "",
    }  # fmt: skip
    anyio.run(Router(ROUTES), scope, _unread, send)
    return said[0]["status"]


@pytest.mark.parametrize("address", FORMS)
def test_form_of_half_characters_is_refused_without_a_crash(visitor: TestClient, address: str):
    """Encodings that no browser uses can spell them."""
    fields = ("key", "name", "email", "password", "next")
    part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n/\\ud800@a.example\r\n'
    body = "".join(part.format(name) for name in fields) + "--x--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=x; charset=unicode_escape"}
    answer = visitor.post(address, content=body.encode(), headers=ORIGIN | kind)
    assert answer.status_code in (403, 422)


def test_new_installation_says_where_the_link_is(visitor: TestClient):
    assert "Look at the terminal" in visitor.get("/signin").text


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\tfoo",
        "/a\r\nSet-Cookie: x=1",
        " /a",
        "",
        None,
        "customer",
    ],
)
def test_sign_in_never_leads_elsewhere(wanted: str | None):
    assert local_path(wanted) == "/"


FOREIGN = ["evil.example", "localhost.evil.example", "localhost:80@evil.example", "10.0.0.7", ""]
EVERYWHERE = [
    "/", "/signin", "/welcome", "/api/me", "/api/docs", "/static/x.js", "/hooks/zoom/x", "/t/o/x.gif", "/u/x",
]  # fmt: skip


@pytest.mark.parametrize("host", FOREIGN)
def test_nothing_answers_to_a_name_that_is_not_ours(owner: TestClient, host: str):
    for address in EVERYWHERE:
        answer = owner.get(address, headers={"Host": host})
        assert (answer.status_code, "STREAMLIT_SERVER_ALLOWED_HOSTS" in answer.text) == (400, True)
    with (
        pytest.raises(WebSocketDisconnect),
        owner.websocket_connect(STREAM, headers={"Host": host}),
    ):
        pass


def test_foreign_host_and_origin_together_sign_nobody_in(visitor: TestClient):
    together = {"Host": "evil.example", "Origin": "http://evil.example"}
    assert visitor.post("/signin", headers=together).status_code == 400
    assert not same_origin({name.lower(): value for name, value in together.items()})
    assert same_origin({"host": "localhost", "origin": HOST})


BEHIND_PROXIES = [
    # base, what the proxy passes on as Host, what the browser sent, ours
    ("https://engage.company.com:8443", "engage.company.com", "https://engage.company.com:8443", True),
    ("https://engage.company.com:8443", "engage.company.com:8443", "https://engage.company.com:8443", True),
    ("https://engage.company.com:8443", "engage.company.com:8501", "https://engage.company.com:8443", True),
    ("https://engage.company.com", "engage.company.com:443", "https://engage.company.com", True),
    ("https://engage.company.com", "ENGAGE.company.com", "https://engage.company.com", True),
    ("https://engage.company.com", "engage.company.com:8443", "https://engage.company.com:8443", True),
    ("http://engage.company.com", "engage.company.com:80", "http://engage.company.com", True),
    ("http://engage.company.com", "engage.company.com", "https://engage.company.com", True),
    ("https://[2001:db8::7]:8443", "[2001:db8::7]", "https://[2001:db8::7]:8443", True),
    ("https://engage.company.com", "[::1]:8501", "http://[::1]:8501", True),
    ("https://engage.company.com", "engage.company.com", "https://engage.company.com:8443", False),
    ("https://engage.company.com", "engage.company.com", "http://engage.company.com", False),
    ("https://engage.company.com", "engage.company.com:80", "http://engage.company.com", False),
    ("https://engage.company.com", "engage.company.com:443", "http://engage.company.com", False),
    ("https://engage.company.com", "localhost", "https://engage.company.com", False),
    ("https://engage.company.com", "localhost", "http://localhost:9", False),
    ("https://engage.company.com", "engage.company.com", "https://me@engage.company.com", False),
    ("https://engage.company.com", "engage.company.com", "engage.company.com", False),
    ("https://engage.company.com", "engage.company.com", "ftp://engage.company.com", False),
    ("https://engage.company.com", "engage.company.com", "https://engage.company.com:x", False),
]  # fmt: skip


@pytest.mark.parametrize(("base", "host", "origin", "ours"), BEHIND_PROXIES)
def test_form_is_ours_by_scheme_name_and_port_however_a_proxy_writes_them(
    monkeypatch: pytest.MonkeyPatch, base: str, host: str, origin: str, ours: bool
):
    monkeypatch.setenv("CSCX_BASE_URL", base)
    settings.cache_clear()
    assert same_origin({"host": host, "origin": origin}) is ours
    settings.cache_clear()


def test_behind_a_proxy_on_another_port_people_sign_in_and_see_the_dashboard(
    owner: TestClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CSCX_BASE_URL", "http://engage.company.com:8443")
    settings.cache_clear()
    monkeypatch.setattr("api.hosts._allowed.names", ["engage.company.com"])
    proxied = {"Host": "engage.company.com", "Origin": "http://engage.company.com:8443"}
    form = {"email": "olga@example.com", "password": PASSWORD}
    signed_in = owner.post("/signin", data=form, headers=proxied)
    assert signed_in.status_code == 303
    cookie = {"Cookie": f"{COOKIE}={signed_in.cookies[COOKIE]}"}
    for origin, seen in (
        (proxied["Origin"], "engage.company.com:8443"),
        ("http://evil.example", proxied["Host"]),
    ):
        headers = proxied | cookie | {"Origin": origin}
        with owner.websocket_connect("/asked", headers=headers) as socket:
            assert socket.receive_text() == seen


@pytest.mark.parametrize("address", ["/healthz", "/_stcore/health", "/metrics"])
def test_health_is_told_to_a_balancer_that_knows_no_name(visitor: TestClient, address: str):
    named, by_address = (
        visitor.get(address, headers={"Host": h}) for h in ("localhost", "10.0.0.7")
    )
    assert by_address.status_code == named.status_code != 400


@pytest.mark.parametrize(
    ("allowed", "host", "answers"),
    [
        (["engage.company.com"], "ENGAGE.company.com.", True),
        (["engage.company.com"], "engage.company.com:8501", True),
        (["engage.company.com"], "localhost", False),
        (["engage.company.com"], "engage.company.com:x", False),
        (["engage.company.com"], "links.company.com", True),
        (["engage.company.com"], "[::1]:8501", False),
        (["localhost", "127.0.0.1", "::1"], "[::1]:8501", True),
        (["*.company.com"], "engage.company.com", True),
        (["*.company.com"], "company.com", False),
        (["*.company.com"], "evilcompany.com", False),
        (["*"], "any.example", True),
        ([], "any.example", True),
    ],
)
def test_names_are_those_of_the_server_and_of_its_links(
    visitor: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    allowed: list[str],
    host: str,
    answers: bool,
):
    monkeypatch.setenv("CSCX_BASE_URL", "https://links.company.com")
    settings.cache_clear()
    monkeypatch.setattr("api.hosts._allowed.names", allowed)
    assert (visitor.get("/signin", headers={"Host": host}).status_code == 200) is answers


@pytest.mark.parametrize("address", ["/", "/signin", "/healthz", "/api/me", "/static/x.js"])
def test_every_answer_carries_the_security_headers(visitor: TestClient, address: str):
    headers = visitor.get(address).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert "'sha256-" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_inner_frames_may_be_framed_by_ourselves_only(owner: TestClient):
    headers = owner.get("/component/st_aggrid.agGrid/index.html").headers
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "SAMEORIGIN"


@pytest.fixture
def demo(app_database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSCX_DEMO", "1")
    settings.cache_clear()


def test_demo_is_open_on_its_own_machine(demo: None):
    with _client() as client:
        assert client.get("/customer").text == "the dashboard"
        assert client.get("/signin").headers["location"] == "/"
        with client.websocket_connect(STREAM) as socket:
            assert socket.receive_text() == "the stream"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "engage.example.com"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": ""},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
    ],
)
def test_demo_is_closed_to_anything_in_between(demo: None, headers: dict[str, str]):
    with _client() as client:
        for address in ("/", "/healthz", "/api/docs", "/static/x.js"):
            answer = client.get(address, headers=headers)
            assert answer.status_code == 403
            assert "no passwords" in answer.text
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(STREAM, headers=headers),
        ):
            pass


@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.2", "::ffff:10.0.0.7", "testclient"])
def test_demo_is_closed_to_other_machines(demo: None, address: str):
    with _client((address, 5000)) as client:
        assert client.get("/").status_code == 403


def test_first_screen_answers_to_its_name_too(owner: TestClient):
    assert owner.get("/today").headers["location"] == "/"
    owner.cookies.clear()
    assert owner.get("/today").headers["location"].startswith("/signin")


def _password_link() -> str:
    with transaction() as session:
        ben = Person(name="Ben", email="ben@example.com", created_at=datetime.now(UTC))
        session.add(ben)
        session.flush()
        return links.make(session, ben.id, by=SYSTEM, now=datetime.now(UTC)).partition("?key=")[2]


def test_link_of_an_admin_lets_a_colleague_choose_a_password(visitor: TestClient):
    key = _password_link()
    page = visitor.get(f"/password?key={key}")
    assert page.status_code == 200
    assert "ben@example.com" in page.text
    form = {"key": key, "password": PASSWORD}
    assert visitor.post("/password", data=form).status_code == 403  # sent from nowhere
    assert (
        visitor.post("/password", data=form | {"password": "short"}, headers=ORIGIN).status_code
        == 422
    )
    answer = visitor.post("/password", data=form, headers=ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert visitor.get("/customers").text == "the dashboard"
    assert visitor.get(f"/password?key={key}").status_code == 403
    assert visitor.post("/password", data=form, headers=ORIGIN).status_code == 403
