"""The agents: one inbox, one state and one task each, and the registry that holds them."""
