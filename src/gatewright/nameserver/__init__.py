"""The built-in DNS: zone data on the wire, over UDP and TCP, and updates to a DNS server elsewhere.

It is told of zones (`gatewright.core.dns`) by whoever reads the store.
"""
