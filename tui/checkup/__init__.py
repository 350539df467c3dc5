"""What `memglass doctor` looks at: this machine, and a memory."""
