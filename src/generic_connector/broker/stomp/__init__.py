"""STOMP 1.2: frames, the pure codec, heart-beats, and an asyncio connection to a broker (stomp.github.io, 1.2)."""
