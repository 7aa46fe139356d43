"""The process that an operator starts, which owns the addresses and keeps the processes that serve alive."""
