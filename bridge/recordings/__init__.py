"""The recordings of calls on disk: which calls have one, where it is, and how long it is kept."""
