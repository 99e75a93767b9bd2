"""What clients say and hear: commands, events and errors as tables, and their text and JSON forms."""
