"""Benchmarks: the work the product does, measured against what the machine could do at best."""
