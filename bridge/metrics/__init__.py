"""What Prometheus scrapes: counts of what happened to calls, and the state of every part when it is asked."""
