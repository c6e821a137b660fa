"""The worker: sends what is due, does jobs, and ticks the clock. `python -m worker`."""
