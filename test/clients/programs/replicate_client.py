# What a program with Replicate's Python client does.
import json
import os
import sys

import replicate
from replicate.exceptions import ModelError, ReplicateError

client = replicate.Client(api_token=os.environ["KEY"], base_url=os.environ["GATEWAY"] + "/replicate")
deed, argument = sys.argv[1], sys.argv[2]


def run():
    return client.run(argument, input={"prompt": "a heron"}, use_file_output=False)


def poll():
    prediction = client.models.predictions.create(argument, input={"prompt": "a", "num_outputs": 2})
    prediction.wait()
    return {"status": prediction.status, "output": prediction.output}


def fail():
    return client.run(argument, input={"prompt": "to fail"}, use_file_output=False)


def cancel():
    prediction = client.models.predictions.create(argument, input={"prompt": "a"})
    prediction.cancel()
    return prediction.status


try:
    said = {"result": {"run": run, "poll": poll, "fail": fail, "cancel": cancel}[deed]()}
except (ModelError, ReplicateError) as error:
    said = {"error": str(error)}
print(json.dumps(said))
