"""The same lists loaded by other tools: `python -m benchmarks.peers`."""
