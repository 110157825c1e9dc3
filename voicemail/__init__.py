"""Voicemail: messages on the server's disk, their mailboxes, and the mail that tells of them."""
