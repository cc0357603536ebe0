"""Cases: anything to be dealt with, from the report to the closing, on the record."""
