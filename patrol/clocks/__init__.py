"""The clocks of cases: terms in hours, days, working hours and working days, and what they end at."""
