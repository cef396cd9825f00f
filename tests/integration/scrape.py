"""What a Prometheus gets from /metrics, read as Prometheus reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import ClientSession
from prometheus_client import Metric as Family
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from bridge.metrics.metric import PREFIX

OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"


@dataclass(frozen=True)
class Scrape:
    """One exposition."""

    families: Mapping[str, Family]
    """By name, without PREFIX."""

    def value(self, name: str, **labels: str) -> float:
        """One sample; raises KeyError when there is none."""
        return self._samples[PREFIX + name, frozenset(labels.items())]

    def sum(self, name: str, **labels: str) -> float:
        """All samples that have these labels, whatever others they have."""
        wanted = set(labels.items())
        return sum(
            value for (told, having), value in self._samples.items() if told == PREFIX + name and wanted <= having
        )

    @property
    def _samples(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }


async def scrape(url: str, accept: str = "", token: str = "") -> Scrape:
    """GET /metrics of the API at `url`."""
    headers = {"Accept": accept} if accept else {}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    async with ClientSession() as http, http.get(f"{url}/metrics", headers=headers) as response:
        assert response.status == 200
        text = await response.text()
        is_open = response.content_type == "application/openmetrics-text"
        assert is_open or (response.content_type, response.charset) == ("text/plain", "utf-8")
    families = list((read_openmetrics if is_open else read_text)(text))
    assert all(family.name.startswith(PREFIX) and family.documentation for family in families)
    assert len({family.name for family in families}) == len(families)
    return Scrape({family.name.removeprefix(PREFIX): family for family in families})
