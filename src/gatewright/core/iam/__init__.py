"""IAM policies: documents, conditions, and what they say of one call."""
