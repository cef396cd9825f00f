"""The command line of operators: `calls`, `agents` and `drain`, clients of the HTTP API of a bridge that runs."""
