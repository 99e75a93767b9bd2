"""A pretend Cisco Finesse: REST, XMPP notifications, agents, calls, queues, and a control door to play with them."""
