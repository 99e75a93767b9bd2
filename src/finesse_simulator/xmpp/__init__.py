"""The notification servers of the pretend Finesse: our own XMPP server, and a real prosody that we steer.

Both stand behind the seam of `finesse_simulator.notifying` and share what they say about pub/sub, so that a client
sees the same Finesse through either. Three rings, imports point inwards only:

    addresses, markup, stream                          XML and names, no decisions
    stanzas, framing, envelope, subscriptions, pubsub,
    web_application, requests, session, domain         what is answered to what; no sockets
    connections, server                                sockets and timers of our own server
    component, component_server,
    password_hook, prosody, ejabberd                   sockets, processes and timers of real ones
"""
