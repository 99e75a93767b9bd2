"""What outlives a process: the session store, and the lease that says who may serve."""
