"""Scripts that measure; run them as modules from the repository root."""
