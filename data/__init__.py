"""Everything that touches the database or the process environment. Imports nothing of ours."""
