"""Why an event was taken for what it is, as codes that are stored and words for people."""

from __future__ import annotations

REASONS = {
    "person": "Nothing speaks against a person",
    "answered": "A reply written by a person",
    "said_no": "Pressed the button to unsubscribe",
    "reported": "Reported as spam by the reader",
    "privacy": "Loaded by a privacy service: whether anybody looked is hidden",
    "method": "Only checked that the address exists",
    "agent": "A program, by its own name or by giving none",
    "at_once": "Within 5 seconds of delivery",
    "hidden_link": "Followed a link that nobody can see",
    "many_links": "Several links within 10 seconds",
    "pre_check": "Fetched just before the reader's own click",
    "shared_ip": "From an address that opens the mail of many companies",
    "fast_domain": "Fast, at a company whose mail is scanned",
    "scanning_domain": "Many links, at a company whose mail is scanned",
    "server": "Reported by a mail server",
    "auto_reply": "Answered by itself",
    "platform": "Called automatic by the platform that sent it",
    "confirmed": "A colleague said that a person meant it",
    "total": "A total without times: nobody can tell how it came about",
}
PROGRAMS = (
    r"(?i)bot\b|crawl|spider|scan|preview|headless|phantom|python|curl|wget|libwww|okhttp|httpclient"
    r"|http-client|go-http|java/|axios|node-fetch|undici|aiohttp|httpx|scrapy|ruby|perl|php|powershell"
    r"|barracuda|mimecast|proofpoint|symantec|trend ?micro|sophos|fireeye|forcepoint|zscaler|ironport"
    r"|safelinks|bingpreview|urldefense|virustotal|checkpoint|cloudmark|monitor|slackbot|facebookexternal"
)
"""User agents of libraries, link checkers and security products."""
IMAGE_PROXIES = r"GoogleImageProxy|YahooMailProxy"
"""Fetch for a reader when they look, from the provider's own addresses."""
PRIVACY_AGENT = "Mozilla/5.0"
"""All that Apple's mail privacy service says of itself."""
