"""What an operator may set, validated once: options and environment in as text, one frozen `Settings` out.

What these modules know: the defaults of DESIGN 1 and the form of every option, a module for what belongs together. What
they keep to:

- A `Settings` that exists is usable; nobody checks a port or a region again.
- A refusal is a sentence: the option, what was expected, what was found, and what to do.
- Files named by options are looked at here, once; nothing else of the user's is opened, bound or made.

Where the texts come from, and the page of help, is `gatewright.cli`'s.
"""
