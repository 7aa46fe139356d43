"""Lambda authorizers: who is asked, what is made of the answer. The judgement of it is `core.iam`."""
