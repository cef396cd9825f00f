"""Webhooks: what happens to calls, told by signed HTTP POSTs out of the journal, at least once and in order."""
