"""One call from INVITE to closed: its decisions (`call`, `outcomes`, …), and their driver (`live_call`)."""
