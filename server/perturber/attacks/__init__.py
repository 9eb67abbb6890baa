"""Adversarial attacks on the current picture, one step at a time (thesis 2.2 and 5.2.2)."""
