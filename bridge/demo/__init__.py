"""The demo: everything on this machine, and three real calls, over any dialect."""
