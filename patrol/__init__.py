"""Field work: fixes in, tracks, duty and cases."""
