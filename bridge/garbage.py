"""When a process of ours looks for cyclic garbage: seldom, and never among what was there when it began to work."""

import gc

#: So many more objects than before, and the youngest are looked through: it takes some milliseconds. By default 700.
_YOUNG = 5_000
#: Every so many of those rounds the next older ones as well, and every so many of these rounds all. By default 10.
_OLDER, _OLDEST = 10, 20


def begin_work() -> None:
    """What is there now stays; calls come and go from here on.

    A round through everything holds up every call of the process: 150 ms with 250 agents, whose settings and code are
    most of what there is. Left out, it is a few milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLDEST)
