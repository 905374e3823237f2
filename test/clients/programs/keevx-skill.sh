#!/bin/bash
# What the pages of Keevx's two skills tell an agent to run, with another host: upload, create, poll.
set -euo pipefail
API_BASE="$GATEWAY/keevx/v1"
KEEVX_API_KEY="$KEY"
field() { node -e 'let all = ""; process.stdin.on("data", (d) => (all += d)).on("end", () => console.log(eval("(x) => x" + process.argv[1])(JSON.parse(all)) ?? ""))' "$1"; }

URL=$(curl -s --location "$API_BASE/figure-resource/upload/file" \
  --header "Authorization: Bearer $KEEVX_API_KEY" \
  --header 'source: skill' \
  --form "file=@\"$PICTURE\"" | field .result.url)

poll() {
  for i in $(seq 1 600); do
    status=$(curl -s -X GET "$API_BASE/$1/$2" \
      -H "Authorization: Bearer $KEEVX_API_KEY" \
      -H "source: skill" | field .data.status)
    if [ "$status" = "SUCCEEDED" ]; then echo "$1 Success"; break
    elif [ "$status" = "FAILED" ]; then echo "$1 Failed"; break; fi
    sleep 0.1
  done
}

IMAGE=$(curl -s -X POST "$API_BASE/image_generate" \
  -H "Authorization: Bearer $KEEVX_API_KEY" \
  -H "source: skill" \
  -H "Content-Type: application/json" \
  -d "{
    \"prompt\": \"Product shot on white background with soft lighting\",
    \"reference_images\": [\"$URL\"],
    \"module\": \"pro\",
    \"generate_count\": 1,
    \"image_quality\": \"4K\",
    \"image_ratio\": \"1:1\"
  }" | field .data.task_ids[0])
poll image_generate "$IMAGE"

VIDEO=$(curl -s -X POST "$API_BASE/image_to_video" \
  -H "Authorization: Bearer $KEEVX_API_KEY" \
  -H "source: skill" \
  -H "Content-Type: application/json" \
  -d '{
    "model": "V",
    "prompt": "Waves crashing on the beach at sunset",
    "image_url": "https://example.com/beach.jpg",
    "aspect_ratio": "16:9",
    "aspect_resolution": "1080p",
    "duration": 6,
    "generate_audio": true
  }' | field .data.task_ids[0])
poll image_to_video "$VIDEO"
