"""Checks of schemathesis for the client API, which refuses with HTTP 200 and code 0."""

import schemathesis
from schemathesis.specs.openapi.checks import negative_data_rejection


@schemathesis.check
def what_violates_the_document_is_refused(ctx, response, case):
    """negative_data_rejection, which looks at the status alone, where the answer is no refusal."""
    if response.status_code == 200 and response.json().get("code") == 0:
        return None
    # A list beyond its maximum may be too large a body as well, which is refused before it is read.
    if response.status_code == 413:
        return None
    return negative_data_rejection(ctx, response, case)


@schemathesis.check
def what_the_document_allows_is_understood(ctx, response, case):
    """There may be nothing to read, but the parameters are never called wrong."""
    if case.method != "GET" or case.meta is None or case.meta.generation.mode.is_negative:
        return
    body = response.json()
    if body.get("code") == 0:
        assert body["error"]["type"] != "invalid_request", body
