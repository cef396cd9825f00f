"""Other settings while the bridge runs: what would change, whether it can without a restart, and the change itself."""
