"""FastAPI reads a handler's signature whenever a site is made: here once for all sites of a session.

A console has more than a hundred handlers, and nearly each of its tests makes a console of its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi import routing
from fastapi.dependencies import utils
from fastapi.dependencies.models import Dependant

GROWING = ("path_params", "query_params", "header_params", "cookie_params", "body_params", "dependencies")


def remember() -> None:
    """For the whole session."""
    utils.get_dependant = routing.get_dependant = _dependants(utils.get_dependant)
    routing.get_typed_return_annotation = _returned(routing.get_typed_return_annotation)
    routing._get_body_field = _bodies(routing._get_body_field)


def _returned(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    known: dict[object, Any] = {}

    def remembered(call: Any) -> Any:
        if not inspect.ismethod(call):
            return read(call)
        if call.__func__ not in known:
            known[call.__func__] = read(call)
        return known[call.__func__]

    return remembered


def _dependants(read: Callable[..., Dependant]) -> Callable[..., Dependant]:
    known: dict[tuple[object, ...], Dependant] = {}

    def remembered(*, path: str, call: Callable[..., Any], **rest: Any) -> Dependant:
        if not inspect.ismethod(call):
            return read(path=path, call=call, **rest)
        key = (path, call.__func__, repr(rest))
        if key not in known:
            known[key] = read(path=path, call=call, **rest)
        return replace(known[key], call=call, **{name: [*getattr(known[key], name)] for name in GROWING})

    return remembered


def _bodies(make: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[tuple[object, ...], tuple[Any, object]] = {}

    def remembered(*, body_params: list[Any], **rest: Any) -> Any:
        key = (*rest.values(), *map(id, body_params))
        if key not in known:
            known[key] = make(body_params=body_params, **rest), body_params  # kept, so that no other has its id
        return known[key][0]

    return remembered
