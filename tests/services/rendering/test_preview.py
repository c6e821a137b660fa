"""HTML made safe to show: whatever was typed, nothing runs, nothing is fetched, nothing leaves its box."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rendering import from_text, safe_preview
from services.rendering.preview import clean_body

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://evil.example/pixel.gif'>",
    "<svg onload=alert(1)><circle/></svg>",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='https://evil.example'></object>",
    "<embed src='https://evil.example'>",
    "<link rel=stylesheet href='https://evil.example/a.css'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    "<form action='https://evil.example'><input name=password><button>Go</button></form>",
    "<style>body{background:url(https://evil.example)}</style>",
    "<style>@import 'https://evil.example'</style>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href=' &#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<p onclick=alert(1)>x</p>",
    "<p style='position:fixed;top:0;left:0;width:100vw;height:100vh'>x</p>",
    "<div style='background-image:url(https://evil.example)'>x</div>",
    "<div style='background:url(//evil.example)'>x</div>",
    "<div style='background-color:url(https://evil.example)'>x</div>",
    "<p style='margin-top:-2000px'>x</p>",
    "<p style='margin:0 0 0 -999px'>x</p>",
    "<p style='margin-top: calc(0px - 2000px)'>x</p>",
    "<p style='display:none'>x</p>",
    "<p style='padding:9999px'>x</p>",
    "<p style='mar\\67in:-10px'>x</p>",
    "<p style='font-size:500vw'>x</p>",
    "<p style='list-style-type:url(https://evil.example)'>x</p>",
    "<p id='root' class='stApp'>x</p>",
    "<video src='https://evil.example' autoplay></video>",
    "<audio src='https://evil.example' autoplay></audio>",
    "<input type=image src='https://evil.example'>",
    "<body background='https://evil.example'>x</body>",
    "<table background='https://evil.example'><tr><td>x</td></tr></table>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<!--><script>alert(1)</script>-->",
    "<<script>alert(1)//<</script>",
]
HARM = re.compile(
    r"<(?:script|img|svg|math|iframe|object|embed|link|meta|base|form|input|button|style|video|audio"
    r"|template|noscript|body)\b|\son\w+=|javascript:|vbscript:|data:text|url\(|position|\b(?:id|class|background)="
    r"|-\d+px|calc|9999|vw|display:\s*none",
    re.IGNORECASE,
)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("clean", [safe_preview, clean_body])
def test_payload_does_no_harm(payload: str, clean):
    assert HARM.findall(clean(f"<p>before</p>{payload}<p>after</p>")) == []


@given(
    st.lists(st.sampled_from(PAYLOADS) | st.text("<>/='\"ab &;!-", max_size=8), max_size=6).map(
        "".join
    )
)
def test_payloads_side_by_side_do_no_harm(html: str):
    once = safe_preview(html)
    assert HARM.findall(re.sub(r">[^<]*<", "><", f">{once}<")) == []
    assert safe_preview(once) == once


def test_words_stay_and_links_open_elsewhere():
    shown = safe_preview(from_text("Hi <Maria>,\n\n- see https://a.example/?b=1&c=2"))
    assert "<p>Hi &lt;Maria&gt;,</p>" in shown
    assert "<ul><li>see <a " in shown
    assert 'href="https://a.example/?b=1&amp;c=2"' in shown
    assert 'target="_blank"' in shown
    assert 'rel="noopener noreferrer"' in shown
    assert "max-width:600px" in shown


def test_a_link_drawn_as_a_button_keeps_its_looks():
    style = "display:inline-block;padding:10px 18px;border:1px solid;text-decoration:none"
    assert style in safe_preview(f'<a href="https://a.example" style="{style}">Register</a>')


def test_what_is_sent_keeps_its_links_as_they_are():
    assert clean_body('<a href="https://a.example">x</a>') == '<a href="https://a.example">x</a>'
    assert clean_body('<p style="font-size: 13px">x</p>') == '<p style="font-size:13px">x</p>'
