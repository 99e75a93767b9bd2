"""Finesse's language (model, payloads, request and notification tables) and the links to its nodes."""
