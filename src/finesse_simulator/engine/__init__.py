"""The pure heart of the pretend Finesse: agents, calls and queues on a clock of their own, without I/O."""
