"""The broker door and the brokers behind it."""
