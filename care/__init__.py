"""What is true about care coordination: pure values and functions. Knows nothing of the world."""
