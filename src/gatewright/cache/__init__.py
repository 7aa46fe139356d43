"""What several nodes meter together, kept in Redis or Valkey (docs/decisions/0007-shared-meters.md)."""
