"""`python -m bridge`: the same as the command livevox-bridge."""

import sys

from bridge.cli import main

sys.exit(main())
