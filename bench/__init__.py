"""Measures the coach on real and rendered speech; never part of a unit."""
