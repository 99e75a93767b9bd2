"""Queues, skill groups and supervisors out of a site's databases.

model, door, queries and settings are pure: what there is to know, and how it is asked for. site is what stands behind
the door: answers that are kept for a while, from databases that SQLAlchemy reads on a few threads. Nothing here writes
to a site's database.
"""
