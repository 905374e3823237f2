// What a customer of the Open API runs: create, poll, and the URL of the result; and a failure as an error.
use omnivideo_sdk::{CreateTaskInput, OmniVideo, RunOptions};
use std::time::Duration;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let client = OmniVideo::new(Some(&words[2])).unwrap().with_base_url(format!("{}/api/v1", words[1]));
    let order = CreateTaskInput {
        model_id: "gpt-image-2".into(),
        prompt: words[3].clone(),
        aspect_ratio: Some("16:9".into()),
        ..Default::default()
    };
    let patience = RunOptions { poll_interval: Duration::from_millis(50), max_wait: Duration::from_secs(60) };
    match client.run(order, Some(patience)) {
        Ok(task) => println!(
            "{{\"task_id\":{:?},\"status\":{},\"url\":{:?},\"credits\":{}}}",
            task.task_id,
            task.task_status,
            task.output_url().unwrap_or(""),
            task.credits.unwrap_or(0)
        ),
        Err(error) => println!("{{\"error\":{:?}}}", error.to_string()),
    }
}
