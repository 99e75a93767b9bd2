"""The REST interface of the pretend Finesse."""
