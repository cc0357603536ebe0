"""Tables for people to take along, as CSV and workbooks, which say where they come from."""
