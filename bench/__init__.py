"""What measures: `python -m bench` does all of it and writes docs/performance.md. Run from the repository root."""
