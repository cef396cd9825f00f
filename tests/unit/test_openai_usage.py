from bridge.dialects.openai_usage import Usage


def test_it_adds_up_what_is_a_number_and_passes_over_the_rest() -> None:
    usage = Usage()
    usage.add({"input_tokens": 5, "output_tokens": "7", "input_token_details": {"cached_tokens": 2}})
    usage.add({"input_tokens": -3, "output_token_details": {"audio_tokens": 4, "text_tokens": True}})
    usage.add({})
    facts = usage.facts()
    assert {name: count for name, count in facts.items() if count} == {
        "responses": 3,
        "input_tokens": 5,
        "cached_tokens": 2,
        "output_audio_tokens": 4,
    }
