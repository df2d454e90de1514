"""What is said: templates, announcements, invitations and documents."""
