"""When cyclic garbage is looked for."""

import subprocess
import sys

_BEGIN = """
import gc
from bridge import garbage

class Node:
    pass

before = [Node() for _ in range(100)]
garbage.begin_work()
assert gc.get_freeze_count() > 100, "what was there is left out from now on"
assert gc.get_threshold()[0] > 700, "and the rest is looked through more seldom"
node = Node()
node.itself = node
del node
assert gc.collect() == 1, "but it is looked through"
"""


def test_what_was_there_is_left_out_and_what_comes_is_still_collected() -> None:
    subprocess.run([sys.executable, "-c", _BEGIN], check=True, timeout=60)
