"""Reports of people without an account, who follow their case by a code."""
