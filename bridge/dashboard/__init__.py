"""The page that an operations room has open: live calls, agents, engines, alarms in words, and the last hour."""
