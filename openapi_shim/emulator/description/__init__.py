"""The OpenAPI 3.1 document of the emulator's HTTP doors, made from the catalog."""
