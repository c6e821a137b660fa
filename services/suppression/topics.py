"""What a recipient can say no to."""

from __future__ import annotations

from data.errors import BadInput

TOPICS = {
    "relationship": "Personal messages from your CSM",
    "events": "Events and invitations",
    "campaigns": "News and product updates",
    "support": "After support tickets",
}
EVERYTHING = ""
"""The topic of a suppression that stands for all of them."""


def check_topic(topic: str) -> str:
    """The topic itself; BadInput when there is none of this name."""
    if topic != EVERYTHING and topic not in TOPICS:
        raise BadInput(f"There is no topic of this name. Choose one of: {', '.join(TOPICS)}.")
    return topic


def topic_words(topic: str) -> str:
    """As people read it."""
    return TOPICS.get(topic, "Everything") if topic else "Everything"
