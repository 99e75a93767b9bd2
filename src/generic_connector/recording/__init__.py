"""Pausing and resuming the recording of a call at a site's recorder."""
