"""The conformance suite: every row of the client protocol tried against a connector and a pretend Finesse.

It talks to the connector only through a broker and to the pretend Finesse only through its control door, so it tries
any connector at any address. The cases are tables (cases_*.py); case.py says what a row of them is.
"""
