"""What is brought up unasked: what falls due, the reviews at 08:00 and 14:00, the ladder."""
