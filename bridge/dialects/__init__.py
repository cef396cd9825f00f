"""What is said to speech engines that are reached by WebSocket, one module a dialect.

A dialect is one file: its table of the settings, the class that reads and writes its messages, and a `KIND` that names
both. Nothing else must be told of it: `registry.KINDS` finds it.
"""
