"""What happened on a call, told: what went wrong in words, one timeline, a ladder; as JSON, as text, as a page."""
