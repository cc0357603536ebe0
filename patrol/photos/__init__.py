"""Photos of cases: checked, encoded anew, and kept apart from the database that knows of them."""
