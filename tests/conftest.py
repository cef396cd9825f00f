"""Settings of the whole test run."""

import os

from hypothesis import settings

# A run must be the same everywhere; HYPOTHESIS_PROFILE=explore looks for what nobody has thought of yet.
settings.register_profile("steady", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
