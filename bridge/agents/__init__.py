"""The virtual agents: each one's session with LiveVox (`virtual_agent`), and the driver of them all (`pool`)."""
