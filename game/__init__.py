"""The pure core: what can happen, what it does, what is seen. No clock, no files, no network, no unseeded randomness."""
