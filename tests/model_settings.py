"""How long the models of tests.unit.test_*_model are played: briefly each time, long when somebody explores."""

import os

from hypothesis import settings

#: So many times as many examples with HYPOTHESIS_PROFILE=explore.
EXPLORING = 20


def model_settings(examples: int, steps: int) -> settings:
    """For a state machine; of several faults it reports one, as shrinking them all takes minutes."""
    exploring = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
    return settings(
        max_examples=examples * (EXPLORING if exploring else 1),
        stateful_step_count=steps,
        deadline=None,
        report_multiple_bugs=False,
    )
