"""A prompt in a circle."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.media.prompt_loop import PromptLoop


@given(st.binary(min_size=1, max_size=1000), st.integers(1, 20))
def test_the_prompt_goes_round_without_a_seam(audio: bytes, frames: int) -> None:
    loop = PromptLoop(audio)
    heard = b"".join(loop.next_frame() for _ in range(frames))
    assert heard == (audio * (frames * 160 // len(audio) + 1))[: frames * 160]
