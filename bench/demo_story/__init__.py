"""Makes services/demo/story/placement.csv: who attended what in the demo."""
