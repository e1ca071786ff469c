"""How a cloud call leaves the SDK, and how a foreign URL is fetched."""
