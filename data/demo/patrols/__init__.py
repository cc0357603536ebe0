"""Patrols of the demo town: who is out when, where they walk, and what their devices report."""
