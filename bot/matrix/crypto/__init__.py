"""The keys: own identity, sessions, other people's devices and how far they are trusted."""
