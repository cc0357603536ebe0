"""Alerts: what somebody has to look at now, told by fixes and by the clock."""
