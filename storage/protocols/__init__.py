"""What a store must be able to do, whoever keeps it: Protocols, parted by subject."""
