"""Checks of schemathesis for the APIs of other makers: a refusal for what there is says nothing of the form."""

import re

import schemathesis
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

# A task that is not ready, a key that was used, bytes that are no picture: each has a test of its own.
OF_WHAT_THERE_IS = (
    "There is no task with this id",
    "is still being made",
    "is not ready yet",
    "must be the id of a video",
    "belongs to an earlier request",
    "no image that is known here",
)

# What a model takes depends on the model, and on other fields: then the refusal says which field is to change.
NAMES_A_FIELD = re.compile(r'\b[a-z][a-z_]*(\.[^"]*)?: |\b[a-z]+_[a-z]+ cannot be given')


def is_refused_as_success(response):
    """kie refuses with HTTP 200 and a code."""
    if response.status_code != 200 or "json" not in response.headers.get("content-type", [""])[0]:
        return False
    body = response.json()
    return isinstance(body, dict) and body.get("code", 200) not in (0, 200)


@schemathesis.check
def what_violates_the_document_is_refused(ctx, response, case):
    """negative_data_rejection, where the status is no success of its own kind."""
    if is_refused_as_success(response):
        return None
    return negative_data_rejection(ctx, response, case)


@schemathesis.check
def what_the_document_allows_is_accepted(ctx, response, case):
    """positive_data_acceptance, but for refusals that have nothing to do with the form."""
    # A video is no text.
    if response.status_code < 400:
        return positive_data_acceptance(ctx, response, case)
    if any(words in response.text for words in OF_WHAT_THERE_IS):
        return None
    if case.method == "POST" and response.status_code in (400, 422) and NAMES_A_FIELD.search(response.text):
        return None
    return positive_data_acceptance(ctx, response, case)
