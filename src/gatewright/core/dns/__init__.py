"""Authoritative DNS without a wire: names, zones, and what a zone's data answer to a question."""
