"""The bridge's settings on the stage: an agent and an engine of its own for each scenario."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.settings import Settings, load

PASSWORD = TOKEN = "simulated"
FIRST_AGENT = 8990000001
#: An engine that has not answered by then is given up.
CONNECT_TIMEOUT_S = 1.5

_TEXT = """
[sip]
listen = "127.0.0.1:{sip_port}"
rate_per_s = 1000
burst = 1000
{sip}
[media]
ports = "{first_port}-{last_port}"

[admin]
listen = "127.0.0.1:{admin_port}"

[livevox]
url = "{url}"
client_name = "Demo"
service_id = "46014"
login_per_s = 100
rate_per_s = 500
burst = 500

[outcomes]
default = {{ term_code = "Completed" }}
customer_hung_up = {{ term_code = "Customer Hung Up" }}
transferred = {{ term_code = "Transferred to Agent" }}
transfer_failed = {{ term_code = "Transfer Failed" }}
bridge_failure = {{ term_code = "System Failure" }}
promised = {{ term_code = "Payment Promised" }}

[targets]
collections = {{ contacts = ["Collections Queue"] }}
busy = {{ contacts = ["After Hours Voicemail"] }}
"""

_AGENT = """
[[agents]]
number = "{number}"
user_name = "VA{index:04d}"
engines = ["bot{number}"]

[engines.bot{number}]
kind = "sip"
uri = "{uri}"
connect_timeout_s = {timeout}
"""


@dataclass(frozen=True)
class Network:
    """Where the parts of the stage are."""

    sip_port: int
    admin_port: int
    livevox: str
    """URL of the simulated LiveVox."""
    engines: Sequence[tuple[str, str]]
    """Number and engine's URI of each agent, in order."""


def bridge_settings(network: Network, sip: str, folder: Path, environ: Mapping[str, str]) -> Settings:
    """The settings as the bridge reads them; `sip` are further lines for that section."""
    first = random.randrange(10_000, 29_000, 2)  # below the ports that tests give out (tests.free_ports)
    text = _TEXT.format(
        sip_port=network.sip_port,
        sip=sip,
        first_port=first,
        last_port=first + 1999,
        admin_port=network.admin_port,
        url=network.livevox,
    )
    for index, (number, uri) in enumerate(network.engines, 1):
        text += _AGENT.format(number=number, index=index, uri=uri, timeout=CONNECT_TIMEOUT_S)
    path = folder / "bridge.toml"
    path.write_text(text)
    return load(path, environ)
