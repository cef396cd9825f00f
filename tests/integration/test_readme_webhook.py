"""What the README says of webhooks and of reloads: the receiver is run as it stands, and the list is the code's."""

import asyncio
import os
import re
import socket
import sys
from pathlib import Path
from time import time

from aiohttp import ClientSession

from bridge.engines.http_client import EngineHttp
from bridge.journal import Journal
from bridge.journal.records import CallAdmitted, CallAnswered
from bridge.settings.webhooks import WebhookEvent
from bridge.webhooks.courier import Courier
from bridge.webhooks.hook import Hook, signed_headers
from bridge.wrapup.plan import CallIds
from tests.free_ports import free_port

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.split("\n### Webhooks\n", 1)[1].split("\n### ", 1)[0]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


async def test_the_receiver_of_the_readme_takes_what_is_genuine_once_and_nothing_else(tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    port = free_port(socket.SOCK_STREAM)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code.replace("port=8095", f"port={port}"),
        env=dict(os.environ) | {"WEBHOOK_SECRET": SECRET},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    url = f"http://127.0.0.1:{port}/hooks/calls"
    try:
        await listening(port)
        http = EngineHttp()
        async with Journal(tmp_path / "journal.db", keep_days=1) as journal:
            courier = Courier(journal, http.post)
            courier.change([Hook("crm", url, SECRET, frozenset(WebhookEvent), True, 5.0)])
            journal.note(CallAdmitted("c1", time(), "8990000001", "+12134634007", CallIds()))
            journal.note(CallAnswered("c1", time()))
            async with asyncio.timeout(20.0):
                assert await process.stdout.readline() == b"call.started c1\n"
                assert await process.stdout.readline() == b"call.answered c1\n"
            await courier.stop()
        await http.close()
        body = b'{"type": "call.ended", "data": {"call": "c1"}}'
        now = int(time())
        genuine = signed_headers(SECRET, "msg_1", now, body)
        assert [await posted(url, genuine, body) for _ in range(2)] == [204, 204]
        assert await posted(url, genuine, body + b" ") == 401
        assert await posted(url, dict(genuine) | {"webhook-id": "msg_2"}, body) == 401
        assert await posted(url, signed_headers(SECRET, "msg_2", now - 3600, body), body) == 401
        assert await posted(url, signed_headers("another", "msg_2", now, body), body) == 401
    finally:
        process.terminate()
        out, _ = await process.communicate()
    assert out == b"call.ended c1\n"


async def listening(port: int) -> None:
    async with asyncio.timeout(20.0):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def posted(url: str, headers: object, body: bytes) -> int:
    async with ClientSession() as http, http.post(url, data=body, headers=headers) as response:  # type: ignore[arg-type]
        return response.status
