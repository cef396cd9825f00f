"""What calls are admitted with while the settings change."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.calls.outcomes import Outcomes
from bridge.calls.terms import Terms, TermsInForce
from bridge.settings import load
from sip.admission import Admitted, Refused
from tests.paper_bridge import PaperBridge, paper_settings_text
from tests.virtual_time import run_virtually


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    path = tmp_path_factory.mktemp("paper") / Path("bridge.toml")
    path.write_text(paper_settings_text(3), encoding="utf-8")
    return Outcomes(load(path, {}))


def terms_of(bridge: PaperBridge) -> Terms:
    return bridge.controller.terms.now


def without(terms: Terms, number: str) -> Terms:
    settings = terms.settings
    engines = {name: engines for name, engines in settings.engines.items() if name != number}
    return replace(terms, settings=replace(settings, engines=engines))


def test_an_agent_that_is_leaving_takes_a_call_on_the_terms_it_was_known_by(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 2, 2)
        first, gone = terms_of(bridge), bridge.numbers[1]
        terms = TermsInForce(first)
        second, third = without(first, gone), without(first, gone)
        terms.change(second)
        assert terms.of(gone) is first and terms.of(bridge.numbers[0]) is second
        terms.change(third)
        assert terms.of(gone) is first and terms.of(bridge.numbers[0]) is third
        bridge.agents.left.add(gone)
        terms.change(second)
        assert terms.of(gone) is None and terms.of("8999999999") is None
        bridge.agents.left.clear()
        terms.change(first)
        assert terms.of(gone) is first

    run_virtually(life())


def test_a_call_that_is_being_opened_keeps_the_terms_it_came_on(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 2, 2)
        first = terms_of(bridge)
        asked = asyncio.create_task(bridge.controller.admit(bridge.invite(1)))
        await asyncio.sleep(0)
        second = without(first, bridge.numbers[1])
        bridge.agents.left = {bridge.numbers[1]}
        bridge.controller.change(second.settings, replace(second.parts, retry_after_s=9))
        next(iter(bridge.media.opening.values())).set_result(True)
        await asyncio.sleep(0)
        next(iter(bridge.pool.reserving.values())).set_result(True)
        assert isinstance(await asked, Admitted)
        refused = await bridge.controller.admit(bridge.invite(1))
        assert isinstance(refused, Refused) and refused.status in (404, 486)
        await bridge.controller.stop()

    run_virtually(life())
