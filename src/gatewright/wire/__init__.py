"""The AWS protocols, from the server's side, in both directions, by botocore's service models and nothing else.

    select_service → route_operation → parse_request → check_constraints → …the operation… → serialize_response
                                                                                            or serialize_error

`services` tells whose a request is, `operation_router` which operation it calls; `parse` gives its input as plain Python
values by the names of the model, `constraints` says in AWS's words what is wrong with it; `serialize` and `errors` write
the answer. No IO but the reading of models, and no knowledge of what the operations do.
"""
