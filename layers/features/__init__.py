"""Features of any layer: pages of them, where they are, and files to take along."""
