"""The HTTP API: what engines and operators may ask of the bridge. It reads and orders; the calls decide."""
