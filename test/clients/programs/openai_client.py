"""Runs steps of OpenAI's SDK and LiteLLM, given as JSON [[step, prompt]]; prints their results as JSON."""
import base64
import io
import json
import os
import sys
import time

import openai

base_url, key = sys.argv[1:3]
client = openai.OpenAI(base_url=base_url, api_key=key)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def kinds(pictures):
    return [base64.b64decode(one.b64_json)[1:4].decode() for one in pictures]


def generate(prompt, impatient=False):
    patient = client.with_options(timeout=1, max_retries=8) if impatient else client
    answer = patient.images.generate(model="gpt-image-2", prompt=prompt, size="1024x1024")
    return {"kinds": kinds(answer.data), "format": answer.output_format, "tokens": answer.usage.total_tokens}


def edit(prompt):
    files = [("one.png", io.BytesIO(PNG), "image/png"), ("two.png", io.BytesIO(PNG), "image/png")]
    return {"kinds": kinds(client.images.edit(model="gpt-image-2", prompt=prompt, image=files, n=1).data)}


def video(prompt):
    made = client.videos.create_and_poll(
        model="seedance-2", prompt=prompt, seconds="4", size="1280x720", input_reference=("a.png", PNG, "image/png")
    )
    content = client.videos.download_content(made.id).read()
    listed = [one.id for one in client.videos.list(limit=1)]
    deleted = client.videos.delete(made.id).deleted
    return {"status": made.status, "type": content[4:8].decode(), "listed": made.id in listed, "deleted": deleted}


def models(_prompt):
    return {"ids": [model.id for model in client.models.list()]}


def litellm_image(prompt):
    import litellm

    answer = litellm.image_generation(
        model="openai/gpt-image-2", prompt=prompt, api_base=base_url, api_key=key, n=2, size="1024x1024"
    )
    return {"kinds": kinds(answer.data)}


def litellm_edit(prompt):
    import litellm

    ask = {"model": "openai/gpt-image-2", "prompt": prompt, "api_base": base_url, "api_key": key}
    for _ in range(20):
        try:
            return {"kinds": kinds(litellm.image_edit(**ask, image=[io.BytesIO(PNG)]).data)}
        except litellm.ServiceUnavailableError:
            # For edits LiteLLM does not try again by itself.
            time.sleep(0.5)
    raise RuntimeError("no picture came")


def litellm_video(prompt):
    import litellm

    settings = {"api_base": base_url, "api_key": key}
    made = litellm.video_generation(model="openai/seedance-2", prompt=prompt, seconds="4", **settings)
    for _ in range(600):
        status = litellm.video_status(video_id=made.id, **settings).status
        if status in ("completed", "failed"):
            break
        time.sleep(0.2)
    content = litellm.video_content(video_id=made.id, **settings)
    return {"status": status, "type": content[4:8].decode()}




STEPS = {
    "generate": generate,
    "impatient": lambda prompt: generate(prompt, impatient=True),
    "edit": edit,
    "video": video,
    "models": models,
    "litellm_image": litellm_image,
    "litellm_edit": litellm_edit,
    "litellm_video": litellm_video,
}


def result(step, prompt):
    try:
        return STEPS[step](prompt)
    except Exception as error:
        status = getattr(error, "status_code", None)
        return {"error": type(error).__name__, "status": status, "message": str(error)}


print("RESULTS " + json.dumps([result(step, prompt) for step, prompt in json.loads(sys.argv[3])]), flush=True)
# Threads of libraries may keep the process for long.
os._exit(0)
