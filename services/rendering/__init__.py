"""Words for mails: templates and their values, HTML from text, safe previews, what was left open."""

from __future__ import annotations

from integrations.templating.words import Words
from services.rendering.catalogue import TemplateInfo, catalogue, info
from services.rendering.checks import links_differ, open_placeholders
from services.rendering.difference import DiffLine, difference
from services.rendering.layout import Rendered, from_text, with_unsubscribe
from services.rendering.preview import safe_preview
from services.rendering.render import render, render_many, render_sample, render_version

__all__ = [
    "DiffLine",
    "Rendered",
    "TemplateInfo",
    "Words",
    "catalogue",
    "difference",
    "from_text",
    "info",
    "links_differ",
    "open_placeholders",
    "render",
    "render_many",
    "render_sample",
    "render_version",
    "safe_preview",
    "with_unsubscribe",
]
