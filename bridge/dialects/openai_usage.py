"""[sans-IO] What a Realtime conversation cost in tokens (`response.done`, usage)."""

from dataclasses import asdict, dataclass

from bridge.dialects.openai_events import Event, count_in, object_in


@dataclass
class Usage:
    """Sums over responses."""

    responses: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    """Of the input; cheaper than the others."""
    input_audio_tokens: int = 0
    input_text_tokens: int = 0
    output_audio_tokens: int = 0
    output_text_tokens: int = 0

    def add(self, usage: Event) -> None:
        """One response's usage."""
        spent, made = object_in(usage, "input_token_details"), object_in(usage, "output_token_details")
        self.responses += 1
        self.input_tokens += count_in(usage, "input_tokens")
        self.output_tokens += count_in(usage, "output_tokens")
        self.cached_tokens += count_in(spent, "cached_tokens")
        self.input_audio_tokens += count_in(spent, "audio_tokens")
        self.input_text_tokens += count_in(spent, "text_tokens")
        self.output_audio_tokens += count_in(made, "audio_tokens")
        self.output_text_tokens += count_in(made, "text_tokens")

    def facts(self) -> dict[str, int]:
        """The sums by name."""
        return asdict(self)
