"""The doctor: question → plan → probes → evidence → checks → findings → report (DESIGN 9).

It is a client of the public AWS APIs and of DNS, TLS and HTTP, and of nothing else, so that the same doctor serves a
Gatewright and a real AWS account. Only `probes` does IO; `checks` are pure functions of the evidence.
"""
