"""How loaders and actions call a service: the arguments of the page, plus what the edge knows."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from inspect import Parameter, Signature, signature
from typing import Any

EDGE = ("session", "by", "now")


def named(
    service: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """The page's arguments by name, wherever `session`, `by` and `now` stand in the signature."""
    return dict(_rest(service).bind(*args, **kwargs).arguments)


def takes(service: Callable[..., Any], name: str) -> bool:
    return name in _parameters(service)


def from_edge(service: Callable[..., Any], **known: object) -> dict[str, Any]:
    """Those of `session`, `by` and `now` that the service asks for."""
    return {name: value for name, value in known.items() if takes(service, name)}


@lru_cache(maxsize=512)
def _parameters(service: Callable[..., Any]) -> frozenset[str]:
    return frozenset(signature(service).parameters)


@lru_cache(maxsize=512)
def _rest(service: Callable[..., Any]) -> Signature:
    whole = signature(service)
    kept = [p for p in whole.parameters.values() if p.name not in EDGE]
    if any(p.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD) for p in kept):
        raise TypeError(f"{service!r} must name its parameters")
    return whole.replace(parameters=kept)
