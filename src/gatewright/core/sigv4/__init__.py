"""Signature Version 4, the verifying side: who signed this request, and does the signature hold?

`credential` reads what the client sent, `canonical` writes the request the way both sides must write it, `payload` says
which payload hash goes in, `verification` judges, `refusal` says no in the words of each AWS protocol.
"""
