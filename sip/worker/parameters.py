"""What our commands become for pjsua2: its parameter objects."""

from typing import Any

import pjsua2.pjsua2 as pj

from sip.messages import CALL_HEADER, Dial, Header, SendRequest
from sip.worker.received import readable


def sip_headers(headers: tuple[Header, ...]) -> Any:
    """The headers, each on one line."""
    vector = pj.SipHeaderVector()
    for header in headers:
        line = pj.SipHeader()
        line.hName = header.name
        line.hValue = one_line(header.value)
        vector.append(line)
    return vector


def answer(status: int, headers: tuple[Header, ...] = ()) -> Any:
    """A response to an INVITE, or a hang-up: 0 lets pjsip choose between CANCEL and BYE."""
    option = pj.CallOpParam()
    option.statusCode = status
    option.txOption.headers = sip_headers(headers)
    return option


def invite(command: Dial) -> Any:
    """An INVITE of ours; its description is put in by onCallSdpCreated."""
    option = pj.CallOpParam(True)
    option.opt.audioCount = 1
    option.opt.videoCount = 0
    option.opt.customCallId = command.sip_call_id
    option.txOption.localUri = name_address(command.display_name, command.caller)
    option.txOption.headers = sip_headers((Header(CALL_HEADER, command.call), *command.headers))
    return option


def request(command: SendRequest) -> Any:
    """A request inside a dialog."""
    parameter = pj.CallSendRequestParam()
    parameter.method = command.method
    parameter.txOption.headers = sip_headers(command.headers)
    if command.body:
        parameter.txOption.contentType = command.content_type
        parameter.txOption.msgBody = readable(command.body)
    return parameter


def name_address(display_name: str, uri: str) -> str:
    """A From value (RFC 3261 section 25.1, name-addr)."""
    quoted = one_line(display_name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{one_line(uri)}>' if quoted else f"<{one_line(uri)}>"


def one_line(text: str) -> str:
    """Without what would begin another header or end the message: a line break becomes a space, the rest goes."""
    return "".join(character for character in " ".join(readable(text).split()) if character.isprintable())
