"""The cloud environment's own doors: for server SDKs, for clients, and who may do what there."""
