"""State that several processes or hosts share: SQLite, Redis or DynamoDB, behind one Protocol."""
