"""`python -m bridge.media`: started by the bridge, not by hand."""

import sys

from bridge.media.process import main

sys.exit(main(sys.argv[1:]))
