"""Reports: what a week, month, quarter or year came to, fixed once it is over."""
