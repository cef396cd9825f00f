"""The sections about what the bridge tells others of its calls: [hep] and [tracing]."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bridge.section import EnvironmentName, HttpHeaderName, Line, OptionalHttpUrl, Section, Text, text_of, unusable

_SERVER = re.compile(r"(?P<host>[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")


def _server(value: Any) -> str:
    """Host and port; "" stands for none."""
    text = text_of(value, "homer.example.com:9060")
    found = _SERVER.fullmatch(text)
    if text and (found is None or not 1 <= int(found["port"]) <= 65_535):
        raise unusable(f'"{text}" is not a host with a port', 'write it as "homer.example.com:9060"')
    return text


class HepSection(Section):
    """[hep]: SIP messages for a Homer server."""

    server: Annotated[str, BeforeValidator(_server)] = ""
    """Host and port of a HEP3 receiver (heplify-server, homer-app); empty: none."""
    transport: Literal["udp", "tcp"] = "udp"
    """How it is spoken to."""
    capture_id: Annotated[int, Field(strict=True, ge=1, le=4_294_967_295)] = 2001
    """The number this bridge has in Homer."""
    secret_env: EnvironmentName = ""
    """Environment variable with the key that the server demands; empty: none is sent."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `server`."""
        host, _, port = self.server.rpartition(":")
        return host, int(port)


class TracingSection(Section):
    """[tracing]: OpenTelemetry spans of calls; needs the extra livevox-bridge[tracing]."""

    endpoint: OptionalHttpUrl = ""
    """Where spans are posted to (OTLP over HTTP), the whole URL; empty: none are made."""
    service_name: Text = "livevox-bridge"
    """The resource's service.name."""
    sample: Annotated[float, Field(strict=True, ge=0, le=1)] = 1.0
    """The share of calls that are traced."""
    headers: Mapping[HttpHeaderName, Line] = {}
    """Further headers of the POSTs."""
    secret_env: EnvironmentName = ""
    """Environment variable with the token sent as Authorization: Bearer; empty: none."""
