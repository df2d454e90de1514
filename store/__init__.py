"""What is remembered: journal, directory, inbox, outbox; sealed at rest."""
