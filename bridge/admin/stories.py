"""The endpoints of calls that are over too: finding them, one call's story as JSON and as a page, the audit."""

from collections.abc import Awaitable, Callable
from datetime import tzinfo
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from aiohttp import web

from bridge.admin.access import Scope
from bridge.admin.audit import Audit
from bridge.admin.caller import caller_of
from bridge.admin.instants import instant
from bridge.admin.route import Reply, Route
from bridge.admin.search import only_known, read_flag, read_limit, read_query
from bridge.errors import ApiRefused, JournalUnusable
from bridge.journal.reader import JournalReader
from bridge.masks import mask_number
from bridge.story.as_json import call_body, story_body
from bridge.story.as_text import story_text
from bridge.story.page import content_security_policy, story_page
from bridge.story.story import Story, tell

ToldT = TypeVar("ToldT")

#: A page or a story is of this moment, and of whoever asked.
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class StoryEndpoints:
    """All of them; who has not the admin token sees customers masked."""

    def __init__(
        self,
        reader: JournalReader,
        audit: Audit,
        zone: Callable[[], tzinfo],
        find_recording: Callable[[str], Awaitable[Path | None]],
    ) -> None:
        """`zone`: in which the pages write moments. `find_recording` gets a call's id."""
        self._reader = reader
        self._audit = audit
        self._zone = zone
        self._find_recording = find_recording

    def routes(self) -> tuple[Route, ...]:
        """Where they are."""
        return (
            Route("GET", "/v1/calls/{id}/story", Scope.VIEW, self._story),
            Route("GET", "/calls/{id}", Scope.VIEW, self._page, page=True),
            Route("GET", "/v1/audit", Scope.ADMIN, self._actions),
        )

    async def find(self, request: web.Request) -> Reply:
        """A page of calls, those that go on among them, the latest first."""
        caller = caller_of(request)
        query = read_query(request.query)
        if query.caller and not caller.sees_all:
            raise ApiRefused(403, "forbidden", "finding a customer's calls needs the admin token")
        page = await _readable(self._reader.find(query))
        shown = str if caller.sees_all else mask_number
        calls = [call_body(row, shown(row.caller)) for row in page.calls]
        return 200, {"calls": calls, "next": page.cursor or None}

    async def _story(self, request: web.Request) -> Reply:
        only_known(request.query, ("download", "whole", "format", "messages"))
        match request.query.get("format", "json"):
            case "json":
                return await self._json(request)
            case "html":
                return await self._html(request)
            case "text":
                return await self._text(request)
        raise ApiRefused(400, "invalid_parameter", "format must be json, html or text")

    async def _page(self, request: web.Request) -> Reply:
        only_known(request.query, ("download", "whole"))
        return await self._html(request)

    async def _json(self, request: web.Request) -> web.Response:
        download, whole = self._wanted(request)
        response = web.json_response(await self._told(request, whole, story_body), headers=_HEADERS)
        return _as_file(response, request, "json") if download else response

    async def _html(self, request: web.Request) -> web.Response:
        download, whole = self._wanted(request)
        zone = self._zone()
        recording = "" if download or not caller_of(request).sees_all else await self._recording(request)
        text = await self._told(request, whole, lambda story: story_page(story, zone, recording))
        policy = content_security_policy(plays=recording != "")
        headers = _HEADERS | {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
        response = web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)
        return _as_file(response, request, "html") if download else response

    async def _recording(self, request: web.Request) -> str:
        """The URL of the call's recording; empty: there is none."""
        call = request.match_info["id"]
        return f"/v1/calls/{quote(call)}/recording" if await self._find_recording(call) else ""

    async def _text(self, request: web.Request) -> web.Response:
        download, whole = self._wanted(request)
        zone, messages = self._zone(), bool(read_flag(request.query, "messages"))
        text = await self._told(request, whole, lambda story: story_text(story, zone, messages=messages))
        response = web.Response(text=text, content_type="text/plain", charset="utf-8", headers=_HEADERS)
        return _as_file(response, request, "txt") if download else response

    async def _actions(self, request: web.Request) -> Reply:
        only_known(request.query, ("limit",))
        actions = await _readable(self._reader.actions(read_limit(request.query)))
        told = [
            {"at": instant(each.at), "who": each.who, "did": each.did, "about": each.about, "result": each.result}
            for each in actions
        ]
        return 200, {"actions": told}

    def _wanted(self, request: web.Request) -> tuple[bool, bool]:
        """Whether it is a file, and whether it is whole: a file may leave the house, so that must be asked for."""
        caller = caller_of(request)
        download, whole = bool(read_flag(request.query, "download")), read_flag(request.query, "whole")
        if whole and not caller.sees_all:
            raise ApiRefused(403, "forbidden", "a story with customers' numbers and names needs the admin token")
        if download and whole:
            self._audit.note(caller, "export_story", request.match_info["id"], "whole", call=request.match_info["id"])
        return download, caller.sees_all and not download if whole is None else whole

    async def _told(self, request: web.Request, whole: bool, show: Callable[[Story], ToldT]) -> ToldT:
        """Made in the reader's thread: a long call's takes a while."""
        told = await _readable(self._reader.call(request.match_info["id"], lambda rows: show(tell(rows, whole=whole))))
        if told is None:
            raise ApiRefused(404, "unknown_call", "the journal has no call with this id")
        return told


async def _readable(asked: Awaitable[ToldT]) -> ToldT:
    try:
        return await asked
    except JournalUnusable as exc:
        raise ApiRefused(503, "journal_unreadable", f"the journal cannot be read: {exc.reason}") from exc


def _as_file(response: web.Response, request: web.Request, kind: str) -> web.Response:
    """To be kept, not shown."""
    name = "".join(char for char in request.match_info["id"] if char.isascii() and char.isalnum())
    response.headers["Content-Disposition"] = f'attachment; filename="call-{name}.{kind}"'
    return response
