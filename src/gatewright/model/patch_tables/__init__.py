"""Patch tables, one a noun: path → setter (facts 1.6). A table is named `TABLE` in the module of its noun."""
