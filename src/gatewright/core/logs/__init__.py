"""What is written of requests for the owner of an API: access logs, execution logs, and the patterns they are searched by."""
