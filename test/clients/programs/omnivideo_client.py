# What a customer of the Open API runs: create, poll, and the URL of the result; and a failure as an error.
import json
import sys

from omnivideo_sdk import OmniVideo, OmniVideoError

url, key, prompt = sys.argv[1:]
client = OmniVideo(key, base_url=f"{url}/api/v1")
try:
    task = client.run("gpt-image-2", prompt, aspect_ratio="16:9", poll_interval=0.05, max_wait=60)
    print(json.dumps({"task_id": task.task_id, "status": int(task.task_status), "url": task.output_url, "credits": task.credits}))
except OmniVideoError as error:
    print(json.dumps({"error": str(error), "code": error.code, "status": error.status}))
