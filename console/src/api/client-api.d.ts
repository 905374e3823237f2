// Types of the client API, written from its OpenAPI document by `npm run console:types`.
export interface paths {
    "/api/v1/brand": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Brand
         * @description Whose gateway this is: name, logo, colours, links, a notice, where credits are bought; each text in English and Chinese. It needs no key. `ETag` is answered to `If-None-Match`.
         */
        get: operations["getBrand"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/chat/credit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Credits */
        get: operations["getKieCredits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Balance */
        get: operations["getCredits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credits/low_balance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Low Balance
         * @description A charge that leads below it sends the webhook `balance.low`, once until the balance was above.
         */
        get: operations["getLowBalance"];
        /** Set Low Balance */
        put: operations["setLowBalance"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credits/redeem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Redeem a Code
         * @description Case, spaces, hyphens and full-width letters do not matter. A code that your account has redeemed before is answered again, with `Idempotency-Replayed: true`, and credited once; any other that cannot be redeemed is `invalid_code`. Wrong codes are bounded by account and by address.
         */
        post: operations["redeemCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch All Tasks
         * @description The changes of all tasks of the account. Server-Sent Events without an end, one stream for a page. It begins with an event `reset`: lists that are read after it are whole, and each `task` event says what has changed since, within a second. A stream that is opened again with `Last-Event-ID` is told what it has missed, a task perhaps twice; where that is too much or too long ago (an hour), it begins with `reset`. Comments keep proxies from closing it. It ends when its key or session does, and when the gateway is restarted. At most 50 of one account, beyond which 429; it counts as one request.
         */
        get: operations["watchTasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upload a File
         * @description JPG, PNG, BMP, WebP or GIF by content, 20 MB at most. The URL is usable in `image_urls`, until `expires_at` where we keep the file.
         */
        post: operations["uploadFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/createTask": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a Task
         * @description Charges the account and queues the order. One task, whatever the number of its outputs.
         */
        post: operations["createKieTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/recordInfo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Query a Task */
        get: operations["getKieTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Keys
         * @description The keys of the account, newest first, with their limits, what they have used of them, and when they were last used. What each has spent is in Usage, `group=key`.
         */
        get: operations["listAccountKeys"];
        put?: never;
        /**
         * Create Key
         * @description The answer is the only place where `key` is ever shown. The limits of the account hold beside those of the key. A key does not make or change keys unless the operator allows it (403): sign in to the console by a link or a password.
         */
        post: operations["createAccountKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke Key
         * @description Works at once, also for the key that asks, and for the sessions of the console that act as it.
         */
        delete: operations["revokeAccountKey"];
        options?: never;
        head?: never;
        /**
         * Change Key
         * @description What is left out stays as it is. Takes effect with the next request. A key does not make or change keys unless the operator allows it (403): sign in to the console by a link or a password.
         */
        patch: operations["changeAccountKey"];
        trace?: never;
    };
    "/api/v1/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ledger
         * @description Every grant, charge and refund with the balance it led to, newest first.
         */
        get: operations["listLedger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Models
         * @description Each model with the parameters it takes, what goes with what, and its price rule.
         */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Quote
         * @description Takes the body of create and answers what it would cost. Nothing is charged or ordered. A create that names `quote_id` within 10 minutes pays no more than this, whatever the prices have become; the prompt and the pictures may be others. A quote with pictures does not hold for an order without any that needs a first frame.
         */
        post: operations["quoteTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Tasks
         * @description Newest first. With a filter, a page looks at 5000 rows at most: it may hold fewer than `limit`, also none, while `next_cursor` leads on. The list ends where `next_cursor` is null.
         */
        get: operations["listTasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Query Task
         * @description Poll until `task_status` is 3 (success) or 4 (failed), or wait for it: `?wait=30` answers when the task has ended, or after 30 seconds with what it is then, and counts as one request. What the key may see is settled when the wait begins.
         */
        get: operations["getTask"];
        put?: never;
        post?: never;
        /**
         * Cancel Task
         * @description Cancels a task that still waits in our queue and gives its credits back: it has failed then, and its webhook says so. The other tasks of its request stay. What was ordered already, or perhaps was, is `too_late` to cancel; so is an order whose first frame was, and the first output of one that waits for its first frame while others wait with it: the price of the frame is in that output. Cancelling again answers the same.
         */
        delete: operations["cancelTask"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}/details": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Task in Detail
         * @description With what was ordered, when what happened, its entries in the ledger and its webhooks.
         */
        get: operations["getTaskDetail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch Task
         * @description Server-Sent Events: an event `task` with the task as Query Task shows it, at once and whenever `task_status` changes. The stream ends after 3 (success) or 4 (failed), and its connection with it; one that ends earlier, as when the gateway is restarted, is to be opened again. `id` is the `task_status`: with `Last-Event-ID` what was shown already is not shown again. Comments every 15 seconds keep proxies from closing it. The key goes into the `Authorization` header, as everywhere, and never into the URL: a browser’s `EventSource` sends no headers, so read the stream with `fetch`. What the key may see is settled when the stream begins. It counts as one request.
         */
        get: operations["watchTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create Task
         * @description Charges the account and queues one task for each output. It answers as soon as both are durably stored; failed tasks are refunded by themselves. With an `Idempotency-Key` it can be repeated safely.
         */
        post: operations["createTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Usage
         * @description Credits by day, model or key. Charges count when they are made, refunds when they are given, as in the ledger.
         */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Webhook */
        get: operations["getWebhook"];
        /**
         * Set the Webhook
         * @description Where webhooks go of each task whose request names no `callback_url`; null removes it. Deliveries follow [Standard Webhooks](https://www.standardwebhooks.com), with the task in `data`; their types stand under `webhooks`. Any 2xx takes one; 410 switches the URL off; everything else is tried again under the same `webhook-id`.
         */
        put: operations["setWebhook"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Deliveries
         * @description Newest first. Those that have ended are kept for 30 days.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/deliveries/{id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resend a Delivery
         * @description Due now, under the same `webhook-id`, also when it was delivered or given up; with the task as it is now. `task.running` is not sent any more once the task has ended.
         */
        post: operations["resendDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Renew the Secret
         * @description Shown once. For 24 hours the secret before signs beside it, so that receivers can change.
         */
        post: operations["renewWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Test the Webhook
         * @description Sends one event of type `webhook.test` to your URL now, signed as every other, and answers what the receiver said. It is not repeated, and neither stands among the deliveries nor switches anything on or off.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keevx/v1/figure-resource/upload/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upload a Picture
         * @description JPG, PNG, BMP, WebP or GIF by content, 20 MB at most.
         */
        post: operations["uploadKeevxFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keevx/v1/image_generate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create Image Tasks
         * @description Charges the account and queues a task for each output. The model is the first of the catalogue that is made by this mode of Keevx.
         */
        post: operations["createKeevxImage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keevx/v1/image_generate/{task_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Query a Image Task */
        get: operations["getKeevxImage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keevx/v1/image_to_video": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create Video Tasks
         * @description Charges the account and queues a task for each output. The model is the first of the catalogue that is made by this mode of Keevx.
         */
        post: operations["createKeevxVideo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/keevx/v1/image_to_video/{task_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Query a Video Task */
        get: operations["getKeevxVideo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Model Context Protocol
         * @description The tasks API as tools for agents: one JSON-RPC message for each request, without sessions. Revision 2026-07-28 needs no handshake; clients of 2025 send `initialize` first. The key goes into the `Authorization` header; there is no OAuth.
         */
        post: operations["sendMcpMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/replicate/v1/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upload a File
         * @description JPG, PNG, BMP, WebP or GIF by content, 20 MB at most.
         */
        post: operations["uploadReplicateFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/replicate/v1/models/{owner}/{name}/predictions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a Prediction
         * @description The name of the model is its id here, or an alias; the owner does not matter.
         */
        post: operations["createReplicatePredictionOfModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/replicate/v1/predictions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Predictions
         * @description All orders of the account, by whatever API they were made; newest first.
         */
        get: operations["listReplicatePredictions"];
        put?: never;
        /**
         * Create a Prediction
         * @description With `model` or `version` in the body.
         */
        post: operations["createReplicatePrediction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/replicate/v1/predictions/{prediction_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a Prediction */
        get: operations["getReplicatePrediction"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/replicate/v1/predictions/{prediction_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a Prediction
         * @description Cancels the outputs that still wait in our queue, and gives their credits back. What was ordered already goes on: the prediction is answered as it is then, and `logs` says so.
         */
        post: operations["cancelReplicatePrediction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/edits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Edit Images
         * @description It is answered when the pictures are made, which takes minutes. A request whose connection breaks can be sent again: the same request takes up what was ordered and is not charged twice. With `stream`, one event for each picture.
         */
        post: operations["editOpenAiImages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/generations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create Images
         * @description It is answered when the pictures are made, which takes minutes. A request whose connection breaks can be sent again: the same request takes up what was ordered and is not charged twice. With `stream`, one event for each picture.
         */
        post: operations["createOpenAiImages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Models
         * @description Each model, and each of its aliases as a model of its own.
         */
        get: operations["listOpenAiModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve Model */
        get: operations["getOpenAiModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/video/generations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Create Video (new-api) */
        post: operations["createOpenAiVideoTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/video/generations/{video_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve Video (new-api) */
        get: operations["getOpenAiVideoTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/videos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Videos
         * @description Newest first, without those that were deleted.
         */
        get: operations["listOpenAiVideos"];
        put?: never;
        /**
         * Create Video
         * @description Poll Retrieve Video until `status` is `completed` or `failed`. JSON is taken as well as a form.
         */
        post: operations["createOpenAiVideo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/videos/{video_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Retrieve Video */
        get: operations["getOpenAiVideo"];
        put?: never;
        post?: never;
        /**
         * Delete Video
         * @description Removes its file, and the video from this list, when it has ended; 400 before. Its task and what it cost stay in the tasks API.
         */
        delete: operations["deleteOpenAiVideo"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/videos/{video_id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download Video
         * @description Whole or a range. 400 while it is not ready.
         */
        get: operations["getOpenAiVideoContent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "balance.low": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * balance.low
         * @description A charge has led the balance below the threshold that the operator has set (`low_balance`). `data` is `balance` and `low_balance`, and no task. Sent once for each time that it falls below, to the URL of the account. Sent unless the account has chosen otherwise.
         */
        post: operations["receiveBalanceLow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "task.failed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * task.failed
         * @description The task failed (`task_status` 4), and its credits came back. Sent unless the account has chosen otherwise.
         */
        post: operations["receiveTaskFailed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "task.running": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * task.running
         * @description The task shows as running (`task_status` 2): it has begun upstream, or may have (its order was sent and the answer was lost). At most one for each task, and none is sent any more once it has ended. It may still arrive after the event of the end: the `task_status` of a task never goes back, so ignore an event with a lower one than you have seen. Sent only to accounts that have chosen it: see `event_types` of PUT /api/v1/webhooks.
         */
        post: operations["receiveTaskRunning"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "task.succeeded": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * task.succeeded
         * @description The task has its result (`task_status` 3). Sent unless the account has chosen otherwise.
         */
        post: operations["receiveTaskSucceeded"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "webhook.test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * webhook.test
         * @description Sent once, when the account asks for it: POST /api/v1/webhooks/test.
         */
        post: operations["receiveWebhookTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        AccountKey: {
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            created_at: number;
            /** @example null */
            expires_at: number | null;
            /** @example key_0mx2l3h1d00xk6r9v2c5t8p3n7b4 */
            id: string;
            /** @description To the minute; null: never. */
            last_used_at: number | null;
            /** @description Null: no such limit. */
            limits: {
                /** @example null */
                cidrs: string[] | null;
                /** @example null */
                credits_per_day: number | null;
                /** @example null */
                credits_total: number | null;
                /** @example null */
                models: string[] | null;
                /** @example null */
                requests_per_minute: number | null;
                /** @example null */
                tasks_in_flight: number | null;
            };
            /** @example shop */
            name: string;
            /** @example sk-7Jq2 */
            prefix: string;
            /** @example null */
            revoked_at: number | null;
            /**
             * @description A test key: the sandbox and play credits. Nothing real is ordered or charged.
             * @example false
             */
            test: boolean;
            /**
             * @description What was ordered while there was a cap; null: nothing.
             * @example null
             */
            used: {
                /** @example 15 */
                credits_today: number;
                /** @example 120 */
                credits_total: number;
                /** @example 1 */
                tasks_in_flight: number;
            } | null;
        };
        AccountKeyAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["AccountKey"];
            msg: string;
        };
        AccountKeyList: {
            keys: components["schemas"]["AccountKey"][];
            /**
             * @description For the next page; null on the last.
             * @example null
             */
            next_cursor: string | null;
        };
        AccountKeyListAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["AccountKeyList"];
            msg: string;
        };
        /**
         * @example {
         *       "type": "balance.low",
         *       "timestamp": "2026-11-30T00:54:02.000Z",
         *       "data": {
         *         "balance": 40,
         *         "low_balance": 50
         *       }
         *     }
         */
        BalanceLowEvent: {
            data: components["schemas"]["LowBalance"];
            /**
             * Format: date-time
             * @description When it happened, not when it is sent.
             * @example 2026-11-30T00:54:02.000Z
             */
            timestamp: string;
            /** @constant */
            type: "balance.low";
        };
        /**
         * @example {
         *       "name": {
         *         "en": "Pixel Shop",
         *         "zh": "像素商店"
         *       },
         *       "logo_url": "https://gateway.example/brand/logo?v=0f3a",
         *       "color": {
         *         "accent": "#4f46e5",
         *         "text": "#ffffff",
         *         "on_light": "#4f46e5",
         *         "on_dark": "#837dec"
         *       },
         *       "links": [
         *         {
         *           "text": {
         *             "en": "Terms",
         *             "zh": "条款"
         *           },
         *           "url": "https://shop.example/terms"
         *         }
         *       ],
         *       "footer": null,
         *       "notice": null,
         *       "buy_url": "https://shop.example/credits",
         *       "buy_text": {
         *         "en": "Buy credits",
         *         "zh": "购买积分"
         *       }
         *     }
         */
        Brand: {
            buy_text: components["schemas"]["Words"] | null;
            /** @description Where credits are bought. */
            buy_url: string | null;
            color: components["schemas"]["BrandColors"] | null;
            footer: components["schemas"]["Words"] | null;
            links: components["schemas"]["BrandLink"][];
            logo_url: string | null;
            name: components["schemas"]["Words"];
            /** @description Only while it is valid. */
            notice: components["schemas"]["Notice"] | null;
        };
        BrandAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Brand"];
            msg: string;
        };
        BrandColors: {
            /** @example #4f46e5 */
            accent: string;
            /**
             * @description A shade that can be read as text on dark pages.
             * @example #837dec
             */
            on_dark: string;
            /**
             * @description A shade that can be read as text on light pages.
             * @example #4f46e5
             */
            on_light: string;
            /**
             * @description Of text on the accent: black or white.
             * @example #ffffff
             */
            text: string;
        };
        BrandLink: {
            text: components["schemas"]["Words"];
            url: string;
        };
        Cancelled: {
            /** @constant */
            cancelled: true;
            /**
             * @description What the task cost, given back in the same commit.
             * @example 15
             */
            credits_refunded: number;
            /** @example task_0mx2l3mzx003tu8ble8rxlibzcy */
            task_id: string;
        };
        CancelledAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Cancelled"];
            msg: string;
        };
        Created: {
            /**
             * @description What the whole request was charged.
             * @example 15
             */
            credits: number;
            /**
             * @description Of this submission; quote it when you ask for help.
             * @example req_0mx2l3mzx00b7v1d9q4kf6hs2wme
             */
            request_id: string;
            /** @description Only for an order of a text alone to a model that needs an image: the first frame is made first, one for all outputs, and then the videos. Both are one order with one price, and if the first frame fails, all credits come back. */
            steps?: components["schemas"]["TaskStep"][];
            /**
             * @description The first of `task_ids`.
             * @example task_0mx2l3mzx003tu8ble8rxlibzcy
             */
            task_id: string;
            /** @description One for each output, in order. */
            task_ids: string[];
        };
        /** @description The fields of `data` stand beside it as well: the SDKs of the Open API read them there. */
        CreatedAnswer: {
            /** @constant */
            code: 200;
            /**
             * @description What the whole request was charged.
             * @example 15
             */
            credits: number;
            data: components["schemas"]["Created"];
            msg: string;
            /**
             * @description Of this submission; quote it when you ask for help.
             * @example req_0mx2l3mzx00b7v1d9q4kf6hs2wme
             */
            request_id: string;
            /** @description Only for an order of a text alone to a model that needs an image: the first frame is made first, one for all outputs, and then the videos. Both are one order with one price, and if the first frame fails, all credits come back. */
            steps?: components["schemas"]["TaskStep"][];
            /**
             * @description The first of `task_ids`.
             * @example task_0mx2l3mzx003tu8ble8rxlibzcy
             */
            task_id: string;
            /** @description One for each output, in order. */
            task_ids: string[];
            /** @constant */
            task_status: 1;
        };
        CreateTask: {
            /**
             * @description Which of them, the model says: `16:9`, `9:16`, `1:1`, `3:2`, `2:3`, `3:4`, `4:3`, `4:5`, `5:4`, `21:9`.
             * @example 16:9
             * @example 9:16
             * @example 1:1
             * @example 3:2
             * @example 2:3
             * @example 3:4
             * @example 4:3
             * @example 4:5
             * @example 5:4
             * @example 21:9
             */
            aspect_ratio?: string;
            /**
             * Format: uri
             * @description A public http(s) URL. It is called when a task ends, and for every other event that the account has chosen.
             */
            callback_url?: string;
            /** @description Seconds, for videos: 4, 5, 6, 8, 10, 12. */
            duration?: number;
            /**
             * Format: uri
             * @description The last frame, where the model takes one.
             */
            end_image_url?: string;
            /** @description Videos, where the model takes it. */
            generate_audio?: boolean;
            /** @description How many outputs, one task each. Left out: 1. */
            generate_count?: number;
            /** @description Public http(s) URLs, or pictures as data: URIs in base64, 20 MB at most; how many, the model says. Left out: none. */
            image_urls?: string[];
            /** @description The order is refused, and costs nothing, where all outputs together cost more. */
            max_credits?: number;
            /**
             * @description An id of GET /api/v1/models. On sale: `seedance-2` (Seedance 2.0), `gpt-image-2` (ChatGPT Image 2), `nano-banana-2` (Nano Banana 2), `keevx-image-std` (Keevx Image Standard), `keevx-image-pro` (Keevx Image Pro), `keevx-v` (Keevx V), `keevx-kl` (Keevx KL), `keevx-s` (Keevx S).
             * @example seedance-2
             * @example gpt-image-2
             * @example nano-banana-2
             * @example keevx-image-std
             * @example keevx-image-pro
             * @example keevx-v
             * @example keevx-kl
             * @example keevx-s
             */
            model_id: string;
            /** @description Counted in code points. */
            prompt: string;
            /** @description Of POST /api/v1/quote: what it said is the most that is charged. */
            quote_id?: string;
            /**
             * @description Which of them, the model says: `720p`, `1080p`, `4k`, `1K`, `2K`, `4K`. Case does not matter.
             * @example 720p
             * @example 1080p
             * @example 4k
             * @example 1K
             * @example 2K
             * @example 4K
             */
            resolution?: string;
        };
        Credits: {
            /**
             * @description What may still be spent.
             * @example 985
             */
            balance: number;
            /**
             * @description Charged for tasks that have not ended; a failure brings its part back.
             * @example 15
             */
            in_flight: number;
            /**
             * @description Only where there is something: credits that were taken back when they were spent already. The next credits pay it first.
             * @example 300
             */
            owed?: number;
        };
        CreditsAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Credits"];
            msg: string;
        };
        /**
         * @example {
         *       "id": "msg_0mx2l3pk900q8d4z1y7m5c2j6h3a",
         *       "task_id": "task_0mx2l3mzx003tu8ble8rxlibzcy",
         *       "type": "task.succeeded",
         *       "url": "https://shop.example/hooks/pictures",
         *       "status": "delivered",
         *       "attempts": 1,
         *       "last_status": 204,
         *       "last_error": null,
         *       "next_at": null,
         *       "created_at": 1796000042,
         *       "delivered_at": 1796000042
         *     }
         */
        Delivery: {
            /** @description Tries that have ended. */
            attempts: number;
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            created_at: number;
            delivered_at: number | null;
            /** @description The `webhook-id` of every try. */
            id: string;
            last_error: string | null;
            /** @description HTTP status of the last answer. */
            last_status: number | null;
            next_at: number | null;
            status: components["schemas"]["DeliveryStatus"];
            /** @description Null: the event is of the account. */
            task_id: string | null;
            /** @enum {string} */
            type: "task.running" | "task.succeeded" | "task.failed" | "balance.low";
            url: string;
        };
        DeliveryAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Delivery"];
            msg: string;
        };
        DeliveryList: {
            deliveries: components["schemas"]["Delivery"][];
            /**
             * @description For the next page; null on the last.
             * @example null
             */
            next_cursor: string | null;
        };
        DeliveryListAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["DeliveryList"];
            msg: string;
        };
        /**
         * @description `superseded`: the task ended first, so an event of how it stood is not sent any more.
         * @example delivered
         * @enum {string}
         */
        DeliveryStatus: "pending" | "delivered" | "failed" | "superseded";
        /**
         * @example {
         *       "id": 42,
         *       "kind": "charge",
         *       "amount": -15,
         *       "balance": 985,
         *       "task_id": "task_0mx2l3mzx003tu8ble8rxlibzcy",
         *       "public_note": null,
         *       "created_at": 1796000000
         *     }
         */
        Entry: {
            /** @description Signed credits; a charge is negative. */
            amount: number;
            /** @description The balance after this entry. */
            balance: number;
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            created_at: number;
            /** @example 42 */
            id: number;
            /**
             * @description `adjust`: the operator took credits back. `manual_refund`: it gave back what a task cost. `recharge`: the task was refunded, its result came all the same, and it is charged after all. `repayment`: what is owed was paid.
             * @enum {string}
             */
            kind: "grant" | "charge" | "refund" | "adjust" | "manual_refund" | "recharge" | "repayment";
            /**
             * @description Only where the entry changed it: what the account owes after it.
             * @example 300
             */
            owed?: number;
            /** @description What the operator says of it. */
            public_note: string | null;
            task_id: string | null;
        };
        /** @enum {string} */
        ErrorType: "unauthorized" | "invalid_request" | "unknown_model" | "insufficient_credits" | "not_found" | "idempotency_mismatch" | "rate_limited" | "too_many_tasks" | "too_late" | "credit_cap" | "invalid_code" | "account_suspended" | "forbidden_address" | "payload_too_large" | "unsupported_media_type" | "unavailable" | "internal";
        Failure: {
            /** @constant */
            code: 0;
            data: null;
            error: {
                /** @description Words for it. */
                buy_text?: string;
                /** @description Of `insufficient_credits`: where credits are bought. */
                buy_url?: string;
                /** @description The field of the request that has to change. */
                field?: string;
                message: string;
                request_id: string;
                type: components["schemas"]["ErrorType"];
            };
            /** @description In the language that was asked for. */
            msg: string;
        };
        /**
         * @example {
         *       "code": 0,
         *       "msg": "ok",
         *       "data": {
         *         "task_ids": [
         *           "task_0mx2l3mzx00b7v1d9q4kf6hs2wm"
         *         ]
         *       }
         *     }
         */
        KeevxCreated: {
            /** @constant */
            code: 0;
            data: {
                /** @description One for each output, in order. */
                task_ids: string[];
            };
            /** @constant */
            msg: "ok";
        };
        KeevxFailure: components["schemas"]["KeevxOrderFailure"] | components["schemas"]["KeevxUploadFailure"];
        /**
         * @example {
         *       "prompt": "A serene mountain lake at sunset",
         *       "module": "std",
         *       "image_quality": "2K",
         *       "image_ratio": "16:9"
         *     }
         */
        KeevxImageOrder: {
            callback_url?: string | null;
            /** @description 1 to 8, 1 by default; a task each. */
            generate_count?: number | null;
            /** @description 1K, 2K or 4K; 2K by default. */
            image_quality?: string | null;
            /** @description One of ten; 9:16 by default. */
            image_ratio?: string | null;
            /** @description `std` by default. */
            module?: ("std" | "pro") | null;
            /** @description At most 1000 characters. */
            prompt: string;
            /** @description At most 5; those beyond are left out, as Keevx does. */
            reference_images?: string[] | null;
        };
        /**
         * @example {
         *       "code": 0,
         *       "msg": "ok",
         *       "data": {
         *         "task_id": "task_0mx2l3mzx00b7v1d9q4kf6hs2wm",
         *         "status": "SUCCEEDED",
         *         "image_url": "https://gateway.example/media/a.png",
         *         "thumbnail_url": "",
         *         "error_message": ""
         *       }
         *     }
         */
        KeevxImageTask: {
            /** @constant */
            code: 0;
            data: {
                error_message: string;
                /** @description Empty while there is none. */
                image_url: string;
                /** @enum {string} */
                status: "GENERATING" | "SUCCEEDED" | "FAILED";
                task_id: string;
                thumbnail_url: string;
            };
            /** @constant */
            msg: "ok";
        };
        KeevxOrderFailure: {
            code: number;
            msg: string;
        };
        /**
         * @example {
         *       "code": 0,
         *       "success": true,
         *       "message": {
         *         "global": "success"
         *       },
         *       "result": {
         *         "url": "https://gateway.example/media/a.png",
         *         "fileId": "req_0mx2l3mzx00b7v1d9q4kf6hs2wme",
         *         "fileName": "a.png"
         *       }
         *     }
         */
        KeevxUpload: {
            /** @constant */
            code: 0;
            message: {
                /** @constant */
                global: "success";
            };
            result: {
                fileId: string;
                fileName: string;
                /** @description Usable in the URLs of pictures of an order. */
                url: string;
            };
            /** @constant */
            success: true;
        };
        KeevxUploadFailure: {
            code: number;
            message: {
                global: string;
            };
            result: null;
            /** @constant */
            success: false;
        };
        /**
         * @example {
         *       "model": "V",
         *       "prompt": "Waves crashing on the beach at sunset",
         *       "image_url": "https://example.com/beach.jpg",
         *       "aspect_ratio": "16:9",
         *       "aspect_resolution": "1080p",
         *       "duration": 6,
         *       "generate_audio": true
         *     }
         */
        KeevxVideoOrder: {
            /** @description 16:9 or 9:16. */
            aspect_ratio: string;
            /** @description V: 720p, 1080p, 4k; KL: 720p, 1080p; S: 720p. */
            aspect_resolution: string;
            callback_url?: string | null;
            /** @description Seconds. V: 4, 6, 8, with several images 8; KL: 5, 10; S: 4, 8, 12. */
            duration: number;
            /** @description The last frame, for V. */
            end_image_url?: string | null;
            /** @description V alone. */
            generate_audio?: boolean | null;
            /** @description 1 to 4, 1 by default; a task each. */
            generate_count?: number | null;
            /** @description The first frame, for V and S. */
            image_url?: string | null;
            /** @enum {string} */
            model: "V" | "KL" | "S";
            /** @description At most 1000 characters. */
            prompt: string;
            /** @description For V 2 or 3, for KL 1 to 7. */
            reference_images?: string[] | null;
        };
        /**
         * @example {
         *       "code": 0,
         *       "msg": "ok",
         *       "data": {
         *         "task_id": "task_0mx2l3mzx00b7v1d9q4kf6hs2wm",
         *         "status": "SUCCEEDED",
         *         "video_url": "https://gateway.example/media/a.mp4",
         *         "thumbnail_url": "",
         *         "error_message": "",
         *         "duration": 6,
         *         "width": 1920,
         *         "height": 1080
         *       }
         *     }
         */
        KeevxVideoTask: {
            /** @constant */
            code: 0;
            data: {
                duration?: number;
                error_message: string;
                height?: number;
                /** @enum {string} */
                status: "PENDING" | "PROCESSING" | "SUCCEEDED" | "FAILED";
                task_id: string;
                thumbnail_url: string;
                /** @description Empty while there is none. */
                video_url: string;
                width?: number;
            };
            /** @constant */
            msg: "ok";
        };
        /**
         * @example {
         *       "taskId": "req_0mx2l3mzx00b7v1d9q4kf6hs2wme"
         *     }
         */
        KieCreated: {
            taskId: string;
        };
        KieCreatedAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["KieCreated"];
            /** @constant */
            message: "success";
            /** @constant */
            msg: "success";
        };
        KieCreditsAnswer: {
            /** @constant */
            code: 200;
            /**
             * @description What may still be spent.
             * @example 1000
             */
            data: number;
            /** @constant */
            message: "success";
            /** @constant */
            msg: "success";
        };
        KieFailure: {
            code: number;
            data: null;
            message: string;
            msg: string;
        };
        /**
         * @example {
         *       "taskId": "req_0mx2l3mzx00b7v1d9q4kf6hs2wme",
         *       "model": "nano-banana-2",
         *       "state": "success",
         *       "param": "{\"model\":\"nano-banana-2\",\"input\":{\"prompt\":\"a heron at dawn\"}}",
         *       "resultJson": "{\"resultUrls\":[\"https://gateway.example/media/a.png\"]}",
         *       "failCode": "",
         *       "failMsg": "",
         *       "costTime": 60000,
         *       "completeTime": 1796040060000,
         *       "createTime": 1796040000000,
         *       "updateTime": 1796040060000,
         *       "creditsConsumed": 10
         *     }
         */
        KieTask: {
            /** @description Milliseconds. */
            completeTime: number | null;
            /** @description Milliseconds. */
            costTime: number | null;
            /** @description Milliseconds. */
            createTime: number | null;
            creditsConsumed: number;
            failCode: string;
            failMsg: string;
            model: string;
            /** @description JSON in a text: what was ordered. */
            param: string;
            /** @description JSON in a text, `{"resultUrls":[…]}`; empty until then. */
            resultJson: string;
            /** @enum {string} */
            state: "waiting" | "queuing" | "generating" | "success" | "fail";
            taskId: string;
            /** @description Milliseconds. */
            updateTime: number | null;
        };
        KieTaskAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["KieTask"];
            /** @constant */
            message: "success";
            /** @constant */
            msg: "success";
        };
        /**
         * @example {
         *       "model": "google/nano-banana-2",
         *       "input": {
         *         "prompt": "a heron at dawn",
         *         "image_input": []
         *       }
         *     }
         */
        KieTaskRequest: {
            /** @description Called once, with the task, when it has ended. */
            callBackUrl?: string | null;
            /** @description The parameters of the model, by any of the names that kie’s models have for them: prompt, image_urls, image_input, input_urls and others, aspect_ratio or image_size, resolution, duration (a number or a text), num_images, sound. Names that would change the result and are not understood are refused; seeds, formats and the like are ignored. */
            input: {
                [key: string]: unknown;
            };
            /** @description A model, with or without its maker: the last part counts. */
            model: string;
            /** @description Without effect. */
            progressCallBackUrl?: string | null;
        };
        Ledger: {
            entries: components["schemas"]["Entry"][];
            /**
             * @description For the next page; null on the last.
             * @example null
             */
            next_cursor: string | null;
        };
        LedgerAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Ledger"];
            msg: string;
        };
        LowBalance: {
            /**
             * @description What is left.
             * @example 40
             */
            balance: number;
            /**
             * @description The threshold that it fell below.
             * @example 50
             */
            low_balance: number;
        };
        LowBalanceThreshold: {
            /**
             * @description Null: as your provider has set it. `off`: never.
             * @example 50
             */
            low_balance: number | "off" | null;
        };
        LowBalanceThresholdAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["LowBalanceThreshold"];
            msg: string;
        };
        /**
         * @example {
         *       "event": "message",
         *       "data": "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"
         *     }
         */
        McpEvent: {
            /** @description A JSON-RPC message. */
            data: string;
            /** @constant */
            event: "message";
        };
        McpFailure: {
            error: {
                code: number;
                /** @description Not of what is no message of the protocol. */
                data?: {
                    buy_text?: string;
                    /** @description Where credits are bought. */
                    buy_url?: string;
                    /** @description What has to change. */
                    field?: string;
                    request_id: string;
                    /** @enum {string} */
                    type: "unauthorized" | "invalid_request" | "unknown_model" | "insufficient_credits" | "not_found" | "idempotency_mismatch" | "rate_limited" | "too_many_tasks" | "too_late" | "credit_cap" | "invalid_code" | "account_suspended" | "forbidden_address" | "payload_too_large" | "unsupported_media_type" | "unavailable" | "internal";
                };
                message: string;
            };
            id: string | number | null;
            /** @constant */
            jsonrpc: "2.0";
        };
        /**
         * @example {
         *       "jsonrpc": "2.0",
         *       "id": 1,
         *       "method": "tools/list"
         *     }
         */
        McpMessage: {
            id?: string | number;
            /** @constant */
            jsonrpc: "2.0";
            method: string;
            params?: {
                arguments?: {
                    [key: string]: unknown;
                };
                /** @description The tool, for `tools/call`. */
                name?: string;
            } & {
                [key: string]: unknown;
            };
        };
        Model: {
            /** @description Other ids that `model_id` may name. */
            aliases: string[];
            capability: string;
            combinations: {
                aspect_ratio: string[];
                duration: number[];
                end_image_url: boolean;
                /**
                 * @description Here a first frame is made of the prompt, and the video of that.
                 * @constant
                 */
                first_frame?: true;
                generate_audio: boolean;
                generate_count_max: number;
                images: {
                    max: number;
                    min: number;
                };
                resolution: string[];
            }[];
            /** @description Of a model that needs an image and takes a text alone all the same. */
            first_frame?: {
                /** @description Once for each order without images, beside the price of the videos. */
                credits: {
                    max: number;
                    min: number;
                };
                model_id: string;
            };
            id: string;
            name: string;
            /** @enum {string} */
            output: "image_url" | "video_url";
            parameters: {
                [key: string]: {
                    default?: string | number | boolean;
                    max?: number;
                    min?: number;
                    note?: {
                        en: string;
                        zh: string;
                    };
                    required: boolean;
                    /** @enum {string} */
                    type: "string" | "integer" | "boolean" | "array";
                    values?: (string | number | boolean)[];
                };
            };
            price: {
                credits?: number;
                per_second?: number;
                /** @description A factor of all prices of this model for this account, by its plan. */
                plan_times?: number;
                text: {
                    en: string;
                    zh: string;
                };
                times: {
                    [key: string]: {
                        [key: string]: number;
                    };
                };
            };
            /** @enum {string} */
            task_type: "image" | "video";
        };
        ModelList: {
            models: components["schemas"]["Model"][];
        };
        ModelListAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["ModelList"];
            msg: string;
        };
        NewAccountKey: {
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            created_at: number;
            /** @example null */
            expires_at: number | null;
            /** @example key_0mx2l3h1d00xk6r9v2c5t8p3n7b4 */
            id: string;
            /**
             * @description The only time it is shown.
             * @example sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
             */
            key: string;
            /** @description To the minute; null: never. */
            last_used_at: number | null;
            /** @description Null: no such limit. */
            limits: {
                /** @example null */
                cidrs: string[] | null;
                /** @example null */
                credits_per_day: number | null;
                /** @example null */
                credits_total: number | null;
                /** @example null */
                models: string[] | null;
                /** @example null */
                requests_per_minute: number | null;
                /** @example null */
                tasks_in_flight: number | null;
            };
            /** @example shop */
            name: string;
            /** @example sk-7Jq2 */
            prefix: string;
            /** @example null */
            revoked_at: number | null;
            /**
             * @description A test key: the sandbox and play credits. Nothing real is ordered or charged.
             * @example false
             */
            test: boolean;
            /**
             * @description What was ordered while there was a cap; null: nothing.
             * @example null
             */
            used: {
                /** @example 15 */
                credits_today: number;
                /** @example 120 */
                credits_total: number;
                /** @example 1 */
                tasks_in_flight: number;
            } | null;
        };
        NewAccountKeyAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["NewAccountKey"];
            msg: string;
        };
        Notice: {
            from: number | null;
            /** @enum {string} */
            level: "info" | "warning" | "critical";
            text: components["schemas"]["Words"];
            to: number | null;
        };
        OpenAiDeletedVideo: {
            /** @constant */
            deleted: true;
            /** @example task_0mx2l3mzx00b7v1d9q4kf6hs2wm */
            id: string;
            /** @constant */
            object: "video.deleted";
        };
        OpenAiFailure: {
            error: {
                buy_text?: string;
                /** @description Where credits are bought. */
                buy_url?: string;
                code: string | null;
                message: string;
                /** @description The field of the request that has to change. */
                param: string | null;
                type: string;
            };
        };
        OpenAiImages: {
            /** @example opaque */
            background: string;
            /**
             * @description Unix seconds.
             * @example 1798761600
             */
            created: number;
            data: {
                /** @example iVBORw0KGgo= */
                b64_json?: string;
                url?: string;
            }[];
            /**
             * @description Of the pictures in `data`.
             * @example png
             */
            output_format?: string;
            /** @example auto */
            quality: string;
            /** @example 1024x1024 */
            size: string;
            usage: {
                /**
                 * @description Tokens are not counted.
                 * @example 0
                 */
                input_tokens: number;
                input_tokens_details: {
                    /**
                     * @description Tokens are not counted.
                     * @example 0
                     */
                    image_tokens: number;
                    /**
                     * @description Tokens are not counted.
                     * @example 0
                     */
                    text_tokens: number;
                };
                /**
                 * @description Tokens are not counted.
                 * @example 0
                 */
                output_tokens: number;
                /**
                 * @description Tokens are not counted.
                 * @example 0
                 */
                total_tokens: number;
            };
        };
        OpenAiModel: {
            /**
             * @description Always 0: when it was first sold is not kept.
             * @example 0
             */
            created: number;
            /** @example gpt-image-2 */
            id: string;
            /** @constant */
            object: "model";
            /**
             * @description The name of this gateway.
             * @example pixel-shop
             */
            owned_by: string;
        };
        OpenAiModelList: {
            data: components["schemas"]["OpenAiModel"][];
            /** @constant */
            object: "list";
        };
        OpenAiVideo: {
            completed_at: number | null;
            /**
             * @description Unix seconds.
             * @example 1798761600
             */
            created_at: number;
            /** @example null */
            error: {
                code: string;
                message: string;
            } | null;
            expires_at: number | null;
            /**
             * @description The task_id of the tasks API.
             * @example task_0mx2l3mzx00b7v1d9q4kf6hs2wm
             */
            id: string;
            /** @example seedance-2 */
            model: string;
            /** @constant */
            object: "video";
            /**
             * @description A guess by time, until it is 100.
             * @example 0
             */
            progress: number;
            /**
             * @description Null: the gateway keeps prompts for a limited time, and that is over.
             * @example a serene zen garden at sunrise
             */
            prompt: string | null;
            remixed_from_video_id: null;
            /** @example 4 */
            seconds: string;
            /** @example 1280x720 */
            size: string;
            /** @enum {string} */
            status: "queued" | "in_progress" | "completed" | "failed";
        };
        OpenAiVideoList: {
            data: components["schemas"]["OpenAiVideo"][];
            first_id: string | null;
            has_more: boolean;
            last_id: string | null;
            /** @constant */
            object: "list";
        };
        OpenAiVideoTask: {
            completed_at: number | null;
            /**
             * @description Unix seconds.
             * @example 1798761600
             */
            created_at: number;
            /** @example null */
            error: {
                code: string;
                message: string;
            } | null;
            expires_at: number | null;
            /**
             * @description The task_id of the tasks API.
             * @example task_0mx2l3mzx00b7v1d9q4kf6hs2wm
             */
            id: string;
            /** @example seedance-2 */
            model: string;
            /** @constant */
            object: "video";
            /**
             * @description A guess by time, until it is 100.
             * @example 0
             */
            progress: number;
            /**
             * @description Null: the gateway keeps prompts for a limited time, and that is over.
             * @example a serene zen garden at sunrise
             */
            prompt: string | null;
            remixed_from_video_id: null;
            /** @example 4 */
            seconds: string;
            /** @example 1280x720 */
            size: string;
            /** @enum {string} */
            status: "queued" | "in_progress" | "completed" | "failed";
            /** @example task_0mx2l3mzx00b7v1d9q4kf6hs2wm */
            task_id: string;
        };
        Quote: {
            /**
             * @description What all outputs would cost.
             * @example 15
             */
            credits: number;
            expires_at: number | null;
            /** @description Only where the model needs an image and none is given: a first frame would be made, and this is what of `credits` it is. */
            first_frame?: {
                /**
                 * @description Whole credits.
                 * @example 15
                 */
                credits: number;
                /**
                 * @description The model that would make it.
                 * @example gpt-image-2
                 */
                model_id: string;
            };
            /** @description For `quote_id` of create: the price holds until `expires_at`. Null where no price can be promised at the moment. */
            quote_id: string | null;
        };
        QuoteAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Quote"];
            msg: string;
        };
        Redeemed: {
            /**
             * @description The balance with it.
             * @example 1485
             */
            balance: number;
            /**
             * @description What the code was worth.
             * @example 500
             */
            credits: number;
        };
        RedeemedAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Redeemed"];
            msg: string;
        };
        ReplicateFailure: {
            buy_text?: string;
            /** @description Where credits are bought. */
            buy_url?: string;
            detail: string;
            status: number;
            title: string;
        };
        /**
         * @example {
         *       "id": "req_0mx2l3mzx00b7v1d9q4kf6hs2wme",
         *       "name": "a.png",
         *       "size": 20480,
         *       "created_at": "2026-11-30T12:00:00.000Z",
         *       "expires_at": null,
         *       "urls": {
         *         "get": "https://gateway.example/media/a.png"
         *       }
         *     }
         */
        ReplicateFile: {
            created_at: string;
            expires_at: string | null;
            id: string;
            name: string;
            size: number;
            urls: {
                /** @description For the input of a prediction. */
                get: string;
            };
        };
        /**
         * @example {
         *       "id": "req_0mx2l3mzx00b7v1d9q4kf6hs2wme",
         *       "model": "nano-banana-2",
         *       "version": "hidden",
         *       "input": {
         *         "prompt": "a heron at dawn",
         *         "aspect_ratio": "16:9",
         *         "resolution": "2K"
         *       },
         *       "output": [
         *         "https://gateway.example/media/a.png"
         *       ],
         *       "data_removed": false,
         *       "logs": "",
         *       "error": null,
         *       "status": "succeeded",
         *       "source": "api",
         *       "created_at": "2026-11-30T12:00:00.000Z",
         *       "started_at": null,
         *       "completed_at": "2026-11-30T12:01:00.000Z",
         *       "metrics": {
         *         "total_time": 60
         *       },
         *       "urls": {
         *         "get": "https://gateway.example/replicate/v1/predictions/req_0mx2l3mzx00b7v1d9q4kf6hs2wme",
         *         "cancel": "https://gateway.example/replicate/v1/predictions/req_0mx2l3mzx00b7v1d9q4kf6hs2wme/cancel"
         *       },
         *       "webhook": null
         *     }
         */
        ReplicatePrediction: {
            completed_at: string | null;
            created_at: string;
            /** @description The results were kept as long as promised. */
            data_removed: boolean;
            error: string | null;
            id: string;
            /** @description What was ordered, defaults filled in. */
            input: {
                [key: string]: unknown;
            };
            logs: string;
            metrics: {
                total_time?: number;
            };
            model: string;
            /** @description URLs: a list of images, or one video. Null until all have ended. */
            output: (string[] | string) | null;
            /** @constant */
            source: "api";
            started_at: null;
            /** @enum {string} */
            status: "starting" | "processing" | "succeeded" | "failed" | "canceled";
            urls: {
                cancel: string;
                get: string;
            };
            /** @description Always `hidden`: models have no versions here. */
            version: string;
            webhook: string | null;
        };
        /**
         * @example {
         *       "model": "google/nano-banana-2",
         *       "input": {
         *         "prompt": "a heron at dawn",
         *         "aspect_ratio": "16:9"
         *       }
         *     }
         */
        ReplicatePredictionRequest: {
            /** @description The parameters of the model, by any of the names that Replicate’s models have for them: prompt, image (one or several, under many names), aspect_ratio, resolution or size, duration, num_outputs, generate_audio. Names that would change the result and are not understood are refused; seeds, formats and the like are ignored. */
            input: {
                [key: string]: unknown;
            };
            /** @description `owner/name`: the last part counts. */
            model?: string;
            /** @description Without effect. */
            stream?: boolean | null;
            /** @description Instead of `model`: a model, or an alias that is called as the version is. */
            version?: string;
            /** @description Called once, with the prediction, when it has ended. */
            webhook?: string | null;
            /** @description Without `completed` in it, the webhook is not called. */
            webhook_events_filter?: ("start" | "output" | "logs" | "completed")[] | null;
        };
        /**
         * @example {
         *       "previous": null,
         *       "next": null,
         *       "results": [
         *         {
         *           "id": "req_0mx2l3mzx00b7v1d9q4kf6hs2wme",
         *           "model": "nano-banana-2",
         *           "version": "hidden",
         *           "input": {
         *             "prompt": "a heron at dawn",
         *             "aspect_ratio": "16:9",
         *             "resolution": "2K"
         *           },
         *           "output": [
         *             "https://gateway.example/media/a.png"
         *           ],
         *           "data_removed": false,
         *           "logs": "",
         *           "error": null,
         *           "status": "succeeded",
         *           "source": "api",
         *           "created_at": "2026-11-30T12:00:00.000Z",
         *           "started_at": null,
         *           "completed_at": "2026-11-30T12:01:00.000Z",
         *           "metrics": {
         *             "total_time": 60
         *           },
         *           "urls": {
         *             "get": "https://gateway.example/replicate/v1/predictions/req_0mx2l3mzx00b7v1d9q4kf6hs2wme",
         *             "cancel": "https://gateway.example/replicate/v1/predictions/req_0mx2l3mzx00b7v1d9q4kf6hs2wme/cancel"
         *           },
         *           "webhook": null
         *         }
         *       ]
         *     }
         */
        ReplicatePredictions: {
            /** @description The URL of the next page. */
            next: string | null;
            previous: null;
            results: components["schemas"]["ReplicatePrediction"][];
        };
        /**
         * @example {
         *       "task_id": "task_0mx2l3mzx003tu8ble8rxlibzcy",
         *       "task_status": 3,
         *       "task_type": "image",
         *       "model_id": "gpt-image-2",
         *       "image_url": "https://gateway.example/media/Zq3V0yJb8mX1nT5cKfR7wLdE2uHsPa9G.png",
         *       "video_url": null,
         *       "audio_url": null,
         *       "credits": 15,
         *       "created_at": 1796000000,
         *       "request_id": "req_0mx2l3mzx00b7v1d9q4kf6hs2wme",
         *       "thumbnail_url": null,
         *       "result_expires_at": 1798592042,
         *       "result_expired": false,
         *       "error_message": null,
         *       "credits_refunded": 0,
         *       "finished_at": 1796000042,
         *       "width": 2048,
         *       "height": 2048,
         *       "duration": null
         *     }
         */
        Task: {
            audio_url: string | null;
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            created_at: number;
            /**
             * @description What this task cost.
             * @example 15
             */
            credits: number;
            /**
             * @description What came back: all of `credits` when it failed, and what the provider gave back by hand.
             * @example 15
             */
            credits_refunded: number;
            /** @description Seconds. */
            duration: number | null;
            /** @description Why the task failed. */
            error_message: string | null;
            finished_at: number | null;
            height: number | null;
            image_url: string | null;
            /** @description Only where it is asked for. */
            input?: components["schemas"]["TaskInput"];
            /** @example gpt-image-2 */
            model_id: string;
            /** @description Only while the task waits in our queue: 1 is ordered next; beyond 1000 the text `1000+`. Orders of other accounts take turns with yours, so it may grow as well as fall. */
            queue_position?: number | "1000+";
            /** @example req_0mx2l3mzx00b7v1d9q4kf6hs2wme */
            request_id: string;
            /** @description The result was kept as long as was said, by us or by the upstream: the URLs are null again. */
            result_expired: boolean;
            /** @description When the URLs shown stop working; null while there are none, or where nobody knows. */
            result_expires_at: number | null;
            /** @description Only for an order of a text alone to a model that needs an image: the first frame is made first, one for all outputs, and then the videos. Both are one order with one price, and if the first frame fails, all credits come back. */
            steps?: components["schemas"]["TaskStep"][];
            /** @example task_0mx2l3mzx003tu8ble8rxlibzcy */
            task_id: string;
            task_status: components["schemas"]["TaskStatus"];
            /** @enum {string} */
            task_type: "image" | "video";
            thumbnail_url: string | null;
            video_url: string | null;
            width: number | null;
        };
        /** @description The fields of `data` stand beside it as well: the SDKs of the Open API read them there. */
        TaskAnswer: {
            audio_url: string | null;
            /** @constant */
            code: 200;
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            created_at: number;
            /**
             * @description What this task cost.
             * @example 15
             */
            credits: number;
            /**
             * @description What came back: all of `credits` when it failed, and what the provider gave back by hand.
             * @example 15
             */
            credits_refunded: number;
            data: components["schemas"]["Task"];
            /** @description Seconds. */
            duration: number | null;
            /** @description Why the task failed. */
            error_message: string | null;
            finished_at: number | null;
            height: number | null;
            image_url: string | null;
            /** @description Only where it is asked for. */
            input?: components["schemas"]["TaskInput"];
            /** @example gpt-image-2 */
            model_id: string;
            msg: string;
            /** @description Only while the task waits in our queue: 1 is ordered next; beyond 1000 the text `1000+`. Orders of other accounts take turns with yours, so it may grow as well as fall. */
            queue_position?: number | "1000+";
            /** @example req_0mx2l3mzx00b7v1d9q4kf6hs2wme */
            request_id: string;
            /** @description The result was kept as long as was said, by us or by the upstream: the URLs are null again. */
            result_expired: boolean;
            /** @description When the URLs shown stop working; null while there are none, or where nobody knows. */
            result_expires_at: number | null;
            /** @description Only for an order of a text alone to a model that needs an image: the first frame is made first, one for all outputs, and then the videos. Both are one order with one price, and if the first frame fails, all credits come back. */
            steps?: components["schemas"]["TaskStep"][];
            /** @example task_0mx2l3mzx003tu8ble8rxlibzcy */
            task_id: string;
            task_status: components["schemas"]["TaskStatus"];
            /** @enum {string} */
            task_type: "image" | "video";
            thumbnail_url: string | null;
            video_url: string | null;
            width: number | null;
        };
        TaskDetail: {
            /** @description Its webhooks. */
            deliveries: components["schemas"]["Delivery"][];
            /** @description Its charge, and what came back. */
            entries: components["schemas"]["Entry"][];
            input: components["schemas"]["TaskInput"];
            /** @description That ordered it. */
            key: {
                /** @example key_0mx2l3h1d00xk6r9v2c5t8p3n7b4 */
                id: string;
                /** @example shop */
                name: string;
            };
            task: components["schemas"]["Task"];
            /** @description In the order of time. `submitted`: it was given to production. */
            timeline: {
                /**
                 * @description Unix seconds.
                 * @example 1796000000
                 */
                at: number;
                /** @enum {string} */
                event: "created" | "submitted" | "finished";
            }[];
        };
        TaskDetailAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["TaskDetail"];
            msg: string;
        };
        /**
         * @example {
         *       "type": "task.failed",
         *       "timestamp": "2026-11-30T00:54:02.000Z",
         *       "data": {
         *         "task_id": "task_0mx2l3mzx003tu8ble8rxlibzcy",
         *         "task_status": 4,
         *         "task_type": "image",
         *         "model_id": "gpt-image-2",
         *         "image_url": null,
         *         "video_url": null,
         *         "audio_url": null,
         *         "credits": 15,
         *         "created_at": 1796000000,
         *         "request_id": "req_0mx2l3mzx00b7v1d9q4kf6hs2wme",
         *         "thumbnail_url": null,
         *         "result_expires_at": null,
         *         "result_expired": false,
         *         "error_message": "The upstream refused the prompt.",
         *         "credits_refunded": 15,
         *         "finished_at": 1796000042,
         *         "width": null,
         *         "height": null,
         *         "duration": null
         *       }
         *     }
         */
        TaskFailedEvent: {
            data: components["schemas"]["Task"];
            /**
             * Format: date-time
             * @description When it happened, not when it is sent.
             * @example 2026-11-30T00:54:02.000Z
             */
            timestamp: string;
            /** @constant */
            type: "task.failed";
        };
        /**
         * @description What was ordered, by the names of create, with what the model filled in.
         * @example {
         *       "prompt": "a serene zen garden at sunrise, ultra detailed",
         *       "aspect_ratio": "1:1",
         *       "resolution": "2K"
         *     }
         */
        TaskInput: {
            /** @example 1:1 */
            aspect_ratio: string;
            /** @example 8 */
            duration?: number;
            end_image_url?: string;
            generate_audio?: boolean;
            /**
             * @description Only where it is more than one.
             * @example 1
             */
            generate_count?: number;
            image_urls?: string[];
            /** @description Null: it was removed, as it is kept for a limited time. */
            prompt: string | null;
            /** @example 2K */
            resolution: string;
        };
        TaskList: {
            /**
             * @description For the next page; null on the last.
             * @example null
             */
            next_cursor: string | null;
            tasks: components["schemas"]["Task"][];
        };
        TaskListAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["TaskList"];
            msg: string;
        };
        /**
         * @example {
         *       "type": "task.running",
         *       "timestamp": "2026-11-30T00:54:02.000Z",
         *       "data": {
         *         "task_id": "task_0mx2l3mzx003tu8ble8rxlibzcy",
         *         "task_status": 2,
         *         "task_type": "image",
         *         "model_id": "gpt-image-2",
         *         "image_url": null,
         *         "video_url": null,
         *         "audio_url": null,
         *         "credits": 15,
         *         "created_at": 1796000000,
         *         "request_id": "req_0mx2l3mzx00b7v1d9q4kf6hs2wme",
         *         "thumbnail_url": null,
         *         "result_expires_at": null,
         *         "result_expired": false,
         *         "error_message": null,
         *         "credits_refunded": 0,
         *         "finished_at": null,
         *         "width": null,
         *         "height": null,
         *         "duration": null
         *       }
         *     }
         */
        TaskRunningEvent: {
            data: components["schemas"]["Task"];
            /**
             * Format: date-time
             * @description When it happened, not when it is sent.
             * @example 2026-11-30T00:54:02.000Z
             */
            timestamp: string;
            /** @constant */
            type: "task.running";
        };
        /**
         * @description 1 queued, 2 running, 3 success, 4 failed.
         * @example 3
         * @enum {integer}
         */
        TaskStatus: 1 | 2 | 3 | 4;
        TaskStep: {
            /**
             * @description The model that makes this step.
             * @example gpt-image-2
             */
            model_id: string;
            status: components["schemas"]["TaskStatus"];
            /** @enum {string} */
            step: "first_frame" | "video";
        };
        /**
         * @example {
         *       "type": "task.succeeded",
         *       "timestamp": "2026-11-30T00:54:02.000Z",
         *       "data": {
         *         "task_id": "task_0mx2l3mzx003tu8ble8rxlibzcy",
         *         "task_status": 3,
         *         "task_type": "image",
         *         "model_id": "gpt-image-2",
         *         "image_url": "https://gateway.example/media/Zq3V0yJb8mX1nT5cKfR7wLdE2uHsPa9G.png",
         *         "video_url": null,
         *         "audio_url": null,
         *         "credits": 15,
         *         "created_at": 1796000000,
         *         "request_id": "req_0mx2l3mzx00b7v1d9q4kf6hs2wme",
         *         "thumbnail_url": null,
         *         "result_expires_at": 1798592042,
         *         "result_expired": false,
         *         "error_message": null,
         *         "credits_refunded": 0,
         *         "finished_at": 1796000042,
         *         "width": 2048,
         *         "height": 2048,
         *         "duration": null
         *       }
         *     }
         */
        TaskSucceededEvent: {
            data: components["schemas"]["Task"];
            /**
             * Format: date-time
             * @description When it happened, not when it is sent.
             * @example 2026-11-30T00:54:02.000Z
             */
            timestamp: string;
            /** @constant */
            type: "task.succeeded";
        };
        UploadedFile: {
            /** @example 481203 */
            bytes: number;
            /**
             * @description When the URL stops working; only where we keep the file.
             * @example 1796000000
             */
            expires_at?: number;
            /** @example garden.png */
            file_name: string;
            /**
             * @description Usable in `image_urls` and `end_image_url`.
             * @example https://gateway.example/media/Zq3V0yJb8mX1nT5cKfR7wLdE2uHsPa9G.png
             */
            url: string;
        };
        UploadedFileAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["UploadedFile"];
            msg: string;
        };
        /**
         * @example {
         *       "from": "2026-11-01",
         *       "to": "2026-11-30",
         *       "group": "model",
         *       "time_zone": "UTC",
         *       "rows": [
         *         {
         *           "group": "gpt-image-2",
         *           "name": null,
         *           "model": null,
         *           "tasks": 12,
         *           "succeeded": 11,
         *           "failed": 1,
         *           "charged": 180,
         *           "refunded": 15,
         *           "net": 165
         *         }
         *       ],
         *       "total": {
         *         "tasks": 12,
         *         "succeeded": 11,
         *         "failed": 1,
         *         "charged": 180,
         *         "refunded": 15,
         *         "net": 165
         *       }
         *     }
         */
        Usage: {
            from: string;
            /** @enum {string} */
            group: "day" | "model" | "key";
            rows: {
                /**
                 * @description Credits, in the time of the charge.
                 * @example 180
                 */
                charged: number;
                /** @example 1 */
                failed: number;
                /** @description A date, or an id. Null: no longer known. */
                group: string | null;
                /** @description Only with `split`. */
                model: string | null;
                /** @description Of a key. */
                name: string | null;
                /** @example 165 */
                net: number;
                /**
                 * @description Credits, in the time of the refund.
                 * @example 15
                 */
                refunded: number;
                /**
                 * @description Ended within the time.
                 * @example 11
                 */
                succeeded: number;
                /**
                 * @description Charged within the time.
                 * @example 12
                 */
                tasks: number;
            }[];
            /** @description It decides where a day begins. */
            time_zone: string;
            to: string;
            total: {
                /**
                 * @description Credits, in the time of the charge.
                 * @example 180
                 */
                charged: number;
                /** @example 1 */
                failed: number;
                /** @example 165 */
                net: number;
                /**
                 * @description Credits, in the time of the refund.
                 * @example 15
                 */
                refunded: number;
                /**
                 * @description Ended within the time.
                 * @example 11
                 */
                succeeded: number;
                /**
                 * @description Charged within the time.
                 * @example 12
                 */
                tasks: number;
            };
        };
        UsageAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Usage"];
            msg: string;
        };
        /**
         * @example {
         *       "url": "https://shop.example/hooks/pictures",
         *       "enabled": true,
         *       "disabled_reason": null,
         *       "event_types": [
         *         "task.succeeded",
         *         "task.failed",
         *         "balance.low"
         *       ],
         *       "has_secret": true,
         *       "secret_created_at": 1796000000,
         *       "older_secrets_until": null
         *     }
         */
        Webhook: {
            /** @description Why it was switched off; `PUT` switches it on again. */
            disabled_reason: string | null;
            /** @description Whether anything is sent to `url`. */
            enabled: boolean;
            /** @description What is sent, at `url` and at the `callback_url` of orders. */
            event_types: ("task.running" | "task.succeeded" | "task.failed" | "balance.low")[];
            /** @description Where there is none, the first delivery makes one. */
            has_secret: boolean;
            /** @description Until when secrets from before sign too; null: none does. */
            older_secrets_until: number | null;
            secret_created_at: number | null;
            url: string | null;
        };
        WebhookAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Webhook"];
            msg: string;
        };
        WebhookSecret: {
            older_secrets_until: number | null;
            /**
             * @description `whsec_` and base64: of the Standard Webhooks scheme. Shown once.
             * @example whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD
             */
            secret: string;
        };
        WebhookSecretAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["WebhookSecret"];
            msg: string;
        };
        WebhookTest: {
            /** @description The receiver answered 2xx. */
            delivered: boolean;
            /**
             * @description Why it was not taken.
             * @example null
             */
            error: string | null;
            /** @description HTTP status; null where there was no whole answer. */
            status: number | null;
            /** @example 87 */
            took_ms: number;
            /** @example https://shop.example/hooks/pictures */
            url: string;
            /** @example msg_0mx2l3pk900q8d4z1y7m5c2j6h3a */
            webhook_id: string;
        };
        WebhookTestAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["WebhookTest"];
            msg: string;
        };
        WebhookTestEvent: {
            data: {
                /** @example A test of your webhook. Nothing was ordered or charged. */
                message: string;
            };
            /**
             * Format: date-time
             * @description When it happened, not when it is sent.
             * @example 2026-11-30T00:54:02.000Z
             */
            timestamp: string;
            /** @constant */
            type: "webhook.test";
        };
        /** @description One text in both languages. */
        Words: {
            /** @example Pixel Shop */
            en: string;
            /** @example 像素商店 */
            zh: string;
        };
    };
    responses: {
        /** @description The request is not well-formed. */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description A key alone does not open this. */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description Internal error. */
        InternalError: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description The request is not well-formed: its body must be one JSON object in UTF-8. Nothing was charged. */
        Keevx400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KeevxFailure"];
            };
        };
        /** @description Invalid or missing API key. Send it as "Authorization: Bearer <key>". */
        Keevx401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KeevxFailure"];
            };
        };
        /** @description This request costs 15 credits and the account has 4. Nothing was charged. Top up, or ask for less. */
        Keevx402: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KeevxFailure"];
            };
        };
        /** @description The account is suspended. Nothing was charged. */
        Keevx403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KeevxFailure"];
            };
        };
        /** @description There is no such path here. See /docs. */
        Keevx404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KeevxFailure"];
            };
        };
        /** @description The body is larger than is accepted here (64 KiB of JSON, 28 MiB for a create that bears pictures; 20 MB for a file). Nothing was charged. */
        Keevx413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KeevxFailure"];
            };
        };
        /** @description More than 600 requests within a minute. Nothing was charged. Wait for as long as Retry-After says. */
        Keevx429: {
            headers: {
                /** @description Seconds until the same call may succeed. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KeevxFailure"];
            };
        };
        /** @description If this was an order with an Idempotency-Key, send it again with the same one. */
        Keevx500: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KeevxFailure"];
            };
        };
        /** @description The request is not well-formed: its body must be one JSON object in UTF-8. Nothing was charged. */
        Kie400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KieFailure"];
            };
        };
        /** @description Invalid or missing API key. Send it as "Authorization: Bearer <key>". */
        Kie401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KieFailure"];
            };
        };
        /** @description The body is larger than is accepted here (64 KiB of JSON, 28 MiB for a create that bears pictures; 20 MB for a file). Nothing was charged. */
        Kie413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KieFailure"];
            };
        };
        /** @description Send "Content-Type: application/json" (multipart/form-data for /api/v1/files). Nothing was charged. */
        Kie415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KieFailure"];
            };
        };
        /** @description More than 600 requests within a minute. Nothing was charged. Wait for as long as Retry-After says. */
        Kie429: {
            headers: {
                /** @description Seconds until the same call may succeed. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KieFailure"];
            };
        };
        /** @description Internal error. If this was a create, send it again with the same Idempotency-Key; if it had none, look at GET /api/v1/tasks first. */
        Kie500: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KieFailure"];
            };
        };
        /** @description The gateway cannot store anything at the moment. Nothing was charged. Try again in a few seconds. */
        Kie503: {
            headers: {
                /** @description Seconds until the same call may succeed. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["KieFailure"];
            };
        };
        /** @description The request is not well-formed: its body must be one JSON object in UTF-8. Nothing was charged. */
        Mcp400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["McpFailure"];
            };
        };
        /** @description Invalid or missing API key. Send it as "Authorization: Bearer <key>". */
        Mcp401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["McpFailure"];
            };
        };
        /** @description This request costs 15 credits and the account has 4. Nothing was charged. Top up, or ask for less. */
        Mcp402: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["McpFailure"];
            };
        };
        /** @description The account is suspended. Nothing was charged. */
        Mcp403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["McpFailure"];
            };
        };
        /** @description There is no such path here. See /docs. */
        Mcp404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["McpFailure"];
            };
        };
        /** @description The body is larger than is accepted here (64 KiB of JSON, 28 MiB for a create that bears pictures; 20 MB for a file). Nothing was charged. */
        Mcp413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["McpFailure"];
            };
        };
        /** @description Send "Content-Type: application/json" (multipart/form-data for /api/v1/files). Nothing was charged. */
        Mcp415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["McpFailure"];
            };
        };
        /** @description Idempotency-Key: this key belongs to an earlier request with another body. Nothing was charged for this one. */
        Mcp422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["McpFailure"];
            };
        };
        /** @description More than 600 requests within a minute. Nothing was charged. Wait for as long as Retry-After says. */
        Mcp429: {
            headers: {
                /** @description Seconds until the same call may succeed. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["McpFailure"];
            };
        };
        /** @description Internal error. If this call ordered something, call it again with the same arguments and the same idempotency_key; if it had none, look at list_tasks first. */
        Mcp500: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["McpFailure"];
            };
        };
        /** @description The gateway cannot store anything at the moment. Nothing was charged. Try again in a few seconds. */
        Mcp503: {
            headers: {
                /** @description Seconds until the same call may succeed. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["McpFailure"];
            };
        };
        /** @description The request is not well-formed: its body must be one JSON object in UTF-8. Nothing was charged. */
        OpenAi400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiFailure"];
            };
        };
        /** @description Invalid or missing API key. Send it as "Authorization: Bearer <key>". */
        OpenAi401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiFailure"];
            };
        };
        /** @description This request costs 15 credits and the account has 4. Nothing was charged. Top up, or ask for less. */
        OpenAi402: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiFailure"];
            };
        };
        /** @description The account is suspended. Nothing was charged. */
        OpenAi403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiFailure"];
            };
        };
        /** @description There is no such path here. See /docs. */
        OpenAi404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiFailure"];
            };
        };
        /** @description The body is larger than is accepted here (64 KiB of JSON, 28 MiB for a create that bears pictures; 20 MB for a file). Nothing was charged. */
        OpenAi413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiFailure"];
            };
        };
        /** @description Send "Content-Type: application/json" (multipart/form-data for /api/v1/files). Nothing was charged. */
        OpenAi415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiFailure"];
            };
        };
        /** @description Idempotency-Key: this key belongs to an earlier request with another body. Nothing was charged for this one. */
        OpenAi422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiFailure"];
            };
        };
        /** @description More than 600 requests within a minute. Nothing was charged. Wait for as long as Retry-After says. */
        OpenAi429: {
            headers: {
                /** @description Seconds until the same call may succeed. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiFailure"];
            };
        };
        /** @description Internal error. Send the same request again: if it made an order, that is taken up and nothing more is charged. */
        OpenAi500: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiFailure"];
            };
        };
        /** @description The gateway cannot store anything at the moment. Nothing was charged. Try again in a few seconds. */
        OpenAi503: {
            headers: {
                /** @description Seconds until the same call may succeed. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiFailure"];
            };
        };
        /** @description The request is not well-formed: its body must be one JSON object in UTF-8. Nothing was charged. */
        Replicate400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReplicateFailure"];
            };
        };
        /** @description Invalid or missing API key. Send it as "Authorization: Bearer <key>". */
        Replicate401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReplicateFailure"];
            };
        };
        /** @description This request costs 15 credits and the account has 4. Nothing was charged. Top up, or ask for less. */
        Replicate402: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReplicateFailure"];
            };
        };
        /** @description The account is suspended. Nothing was charged. */
        Replicate403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReplicateFailure"];
            };
        };
        /** @description There is no such path here. See /docs. */
        Replicate404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReplicateFailure"];
            };
        };
        /** @description The body is larger than is accepted here (64 KiB of JSON, 28 MiB for a create that bears pictures; 20 MB for a file). Nothing was charged. */
        Replicate413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReplicateFailure"];
            };
        };
        /** @description Send "Content-Type: application/json" (multipart/form-data for /api/v1/files). Nothing was charged. */
        Replicate415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReplicateFailure"];
            };
        };
        /** @description prompt: is required. */
        Replicate422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReplicateFailure"];
            };
        };
        /** @description More than 600 requests within a minute. Nothing was charged. Wait for as long as Retry-After says. */
        Replicate429: {
            headers: {
                /** @description Seconds until the same call may succeed. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReplicateFailure"];
            };
        };
        /** @description Internal error. If this was a create, send it again with the same Idempotency-Key; if it had none, look at GET /api/v1/tasks first. */
        Replicate500: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReplicateFailure"];
            };
        };
        /** @description The gateway cannot store anything at the moment. Nothing was charged. Try again in a few seconds. */
        Replicate503: {
            headers: {
                /** @description Seconds until the same call may succeed. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReplicateFailure"];
            };
        };
        /** @description The body is too large. */
        TooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description Too many requests; see Retry-After. */
        TooManyRequests: {
            headers: {
                /** @description Seconds until the same call may succeed. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description Invalid or missing key. */
        Unauthorized: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description Temporarily unavailable; see Retry-After. */
        Unavailable: {
            headers: {
                /** @description Seconds until the same call may succeed. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description Not the expected media type. */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getBrand: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BrandAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getKieCredits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KieCreditsAnswer"] | components["schemas"]["KieFailure"];
                };
            };
            400: components["responses"]["Kie400"];
            401: components["responses"]["Kie401"];
            413: components["responses"]["Kie413"];
            415: components["responses"]["Kie415"];
            429: components["responses"]["Kie429"];
            500: components["responses"]["Kie500"];
            503: components["responses"]["Kie503"];
        };
    };
    getCredits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreditsAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getLowBalance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LowBalanceThresholdAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    setLowBalance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Null: as your provider has set it. `off`: never.
                     * @example 50
                     */
                    low_balance?: (number | "off") | null;
                };
            };
        };
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LowBalanceThresholdAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    redeemCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example tg-XXXXX-XXXXX-XXXXX-XXXXX */
                    code: string;
                };
            };
        };
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    /** @description The answer of an earlier request; nothing was done or charged again. */
                    "Idempotency-Replayed"?: "true";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RedeemedAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    watchTasks: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `id` of the last event that was read. */
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    uploadFile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: string;
                };
            };
        };
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadedFileAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createKieTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name of your own for this order, such as a UUID: with it, the request can be repeated without being charged twice. The same key with the same body gives the first answer again, for at least 24 hours; with another body it is refused. Keys are the account’s own. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KieTaskRequest"];
            };
        };
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    /** @description The answer of an earlier request; nothing was done or charged again. */
                    "Idempotency-Replayed"?: "true";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KieCreatedAnswer"] | components["schemas"]["KieFailure"];
                };
            };
            400: components["responses"]["Kie400"];
            401: components["responses"]["Kie401"];
            413: components["responses"]["Kie413"];
            415: components["responses"]["Kie415"];
            429: components["responses"]["Kie429"];
            500: components["responses"]["Kie500"];
            503: components["responses"]["Kie503"];
        };
    };
    getKieTask: {
        parameters: {
            query: {
                taskId: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KieTaskAnswer"] | components["schemas"]["KieFailure"];
                };
            };
            400: components["responses"]["Kie400"];
            401: components["responses"]["Kie401"];
            413: components["responses"]["Kie413"];
            415: components["responses"]["Kie415"];
            429: components["responses"]["Kie429"];
            500: components["responses"]["Kie500"];
            503: components["responses"]["Kie503"];
        };
    };
    listAccountKeys: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before; left out or empty: the newest. */
                cursor?: string;
                /** @description How many, at most. Left out: 20. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountKeyListAnswer"] | components["schemas"]["Failure"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createAccountKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Unix seconds. Null: never.
                     * @example 2082585600
                     */
                    expires_at?: number | null;
                    /** @description What is left out stays as it is; null lifts a limit. */
                    limits?: {
                        /**
                         * @description Where its requests may come from: addresses and networks, of IPv4 and IPv6.
                         * @example [
                         *       "203.0.113.0/24",
                         *       "2001:db8::/32"
                         *     ]
                         */
                        cidrs?: string[] | null;
                        /**
                         * @description The same for each day. What a failed task gives back is given back to the day on which it was ordered.
                         * @example 500
                         */
                        credits_per_day?: number | null;
                        /**
                         * @description Credits that it may spend in all; what comes back from failed tasks counts no more.
                         * @example 500
                         */
                        credits_total?: number | null;
                        /**
                         * @description The models that it may order; no other exists for it.
                         * @example [
                         *       "gpt-image-2"
                         *     ]
                         */
                        models?: string[] | null;
                        requests_per_minute?: number | null;
                        tasks_in_flight?: number | null;
                    };
                    /** @example Atelier Nord */
                    name: string;
                    /**
                     * @description A test key, `sk-test-…`. Left out: a real one.
                     * @example false
                     */
                    test?: boolean;
                };
            };
        };
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewAccountKeyAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeAccountKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountKeyAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    changeAccountKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Unix seconds. Null: never.
                     * @example 2082585600
                     */
                    expires_at?: number | null;
                    /** @description What is left out stays as it is; null lifts a limit. */
                    limits?: {
                        /**
                         * @description Where its requests may come from: addresses and networks, of IPv4 and IPv6.
                         * @example [
                         *       "203.0.113.0/24",
                         *       "2001:db8::/32"
                         *     ]
                         */
                        cidrs?: string[] | null;
                        /**
                         * @description The same for each day. What a failed task gives back is given back to the day on which it was ordered.
                         * @example 500
                         */
                        credits_per_day?: number | null;
                        /**
                         * @description Credits that it may spend in all; what comes back from failed tasks counts no more.
                         * @example 500
                         */
                        credits_total?: number | null;
                        /**
                         * @description The models that it may order; no other exists for it.
                         * @example [
                         *       "gpt-image-2"
                         *     ]
                         */
                        models?: string[] | null;
                        requests_per_minute?: number | null;
                        tasks_in_flight?: number | null;
                    };
                    /** @example Atelier Nord */
                    name?: string;
                };
            };
        };
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountKeyAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listLedger: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before; left out or empty: the newest. */
                cursor?: string;
                /** @description How many, at most. Left out: 20. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerAnswer"] | components["schemas"]["Failure"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelListAnswer"] | components["schemas"]["Failure"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    quoteTask: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateTask"];
            };
        };
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuoteAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listTasks: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before; left out or empty: the newest. */
                cursor?: string;
                /** @description Only what was made on this date or later, in the time zone of reports. */
                from?: string;
                /** @description `input`: with what was ordered. */
                include?: "input";
                /** @description Only tasks ordered with this key (`key_…`). */
                key?: string;
                /** @description How many, at most. Left out: 20. */
                limit?: number;
                /** @description Only tasks of this model. */
                model_id?: string;
                /** @description Only tasks that show this `task_status`. */
                status?: components["schemas"]["TaskStatus"];
                /** @description Only tasks whose prompt holds this. */
                text?: string;
                /** @description Only what was made on this date or earlier. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskListAnswer"] | components["schemas"]["Failure"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getTask: {
        parameters: {
            query?: {
                /** @description Answer when the task has ended, or with its present state after this many seconds; more than 55 means 55. Left out or 0: at once. */
                wait?: number;
            };
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    cancelTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CancelledAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getTaskDetail: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskDetailAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    watchTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `id` of the last event that was read. */
                "last-event-id"?: string;
            };
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name of your own for this order, such as a UUID: with it, the request can be repeated without being charged twice. The same key with the same body gives the first answer again, for at least 24 hours; with another body it is refused. Keys are the account’s own. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateTask"];
            };
        };
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    /** @description The answer of an earlier request; nothing was done or charged again. */
                    "Idempotency-Replayed"?: "true";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getUsage: {
        parameters: {
            query?: {
                /** @description The first date, in the time zone of reports. Left out: the first of the month of `to`. At most 3660 days before it: an earlier one is taken for that. */
                from?: string;
                /** @description What a row is of. Left out: a day. */
                group?: "day" | "model" | "key";
                /** @description Only of this key (`key_…`). */
                key?: string;
                /** @description Only of this model. */
                model_id?: string;
                /** @description Divides each row by model as well. */
                split?: "model";
                /** @description The last date, included. Left out: today. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageAnswer"] | components["schemas"]["Failure"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    setWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description What the account is sent from now on, at `url` and at the `callback_url` of its orders; null: task.succeeded, task.failed, balance.low, which is also what an account gets that never chose. Left out, it stays as it is. Types that are added later are sent only to those who choose them, or where the provider has set something for them, as for `balance.low`.
                     * @example [
                     *       "task.succeeded",
                     *       "task.failed"
                     *     ]
                     */
                    event_types?: ("task.running" | "task.succeeded" | "task.failed" | "balance.low")[] | null;
                    url: string | null;
                };
            };
        };
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before; left out or empty: the newest. */
                cursor?: string;
                /** @description How many, at most. Left out: 20. */
                limit?: number;
                status?: components["schemas"]["DeliveryStatus"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryListAnswer"] | components["schemas"]["Failure"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    resendDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    renewWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookSecretAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done, or a business failure: see `code`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookTestAnswer"] | components["schemas"]["Failure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    uploadKeevxFile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeevxUpload"];
                };
            };
            400: components["responses"]["Keevx400"];
            401: components["responses"]["Keevx401"];
            402: components["responses"]["Keevx402"];
            403: components["responses"]["Keevx403"];
            404: components["responses"]["Keevx404"];
            413: components["responses"]["Keevx413"];
            429: components["responses"]["Keevx429"];
            500: components["responses"]["Keevx500"];
        };
    };
    createKeevxImage: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name of your own for this order, such as a UUID: with it, the request can be repeated without being charged twice. The same key with the same body gives the first answer again, for at least 24 hours; with another body it is refused. Keys are the account’s own. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeevxImageOrder"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The answer of an earlier request; nothing was done or charged again. */
                    "Idempotency-Replayed"?: "true";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeevxCreated"];
                };
            };
            400: components["responses"]["Keevx400"];
            401: components["responses"]["Keevx401"];
            402: components["responses"]["Keevx402"];
            403: components["responses"]["Keevx403"];
            404: components["responses"]["Keevx404"];
            413: components["responses"]["Keevx413"];
            429: components["responses"]["Keevx429"];
            500: components["responses"]["Keevx500"];
        };
    };
    getKeevxImage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeevxImageTask"];
                };
            };
            400: components["responses"]["Keevx400"];
            401: components["responses"]["Keevx401"];
            402: components["responses"]["Keevx402"];
            403: components["responses"]["Keevx403"];
            404: components["responses"]["Keevx404"];
            413: components["responses"]["Keevx413"];
            429: components["responses"]["Keevx429"];
            500: components["responses"]["Keevx500"];
        };
    };
    createKeevxVideo: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name of your own for this order, such as a UUID: with it, the request can be repeated without being charged twice. The same key with the same body gives the first answer again, for at least 24 hours; with another body it is refused. Keys are the account’s own. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeevxVideoOrder"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description The answer of an earlier request; nothing was done or charged again. */
                    "Idempotency-Replayed"?: "true";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeevxCreated"];
                };
            };
            400: components["responses"]["Keevx400"];
            401: components["responses"]["Keevx401"];
            402: components["responses"]["Keevx402"];
            403: components["responses"]["Keevx403"];
            404: components["responses"]["Keevx404"];
            413: components["responses"]["Keevx413"];
            429: components["responses"]["Keevx429"];
            500: components["responses"]["Keevx500"];
        };
    };
    getKeevxVideo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeevxVideoTask"];
                };
            };
            400: components["responses"]["Keevx400"];
            401: components["responses"]["Keevx401"];
            402: components["responses"]["Keevx402"];
            403: components["responses"]["Keevx403"];
            404: components["responses"]["Keevx404"];
            413: components["responses"]["Keevx413"];
            429: components["responses"]["Keevx429"];
            500: components["responses"]["Keevx500"];
        };
    };
    sendMcpMessage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["McpMessage"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["McpEvent"];
                };
            };
            /** @description A notification: it has no answer. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Mcp400"];
            401: components["responses"]["Mcp401"];
            402: components["responses"]["Mcp402"];
            403: components["responses"]["Mcp403"];
            404: components["responses"]["Mcp404"];
            413: components["responses"]["Mcp413"];
            415: components["responses"]["Mcp415"];
            422: components["responses"]["Mcp422"];
            429: components["responses"]["Mcp429"];
            500: components["responses"]["Mcp500"];
            503: components["responses"]["Mcp503"];
        };
    };
    uploadReplicateFile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    content: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplicateFile"];
                };
            };
            400: components["responses"]["Replicate400"];
            401: components["responses"]["Replicate401"];
            402: components["responses"]["Replicate402"];
            403: components["responses"]["Replicate403"];
            404: components["responses"]["Replicate404"];
            413: components["responses"]["Replicate413"];
            415: components["responses"]["Replicate415"];
            422: components["responses"]["Replicate422"];
            429: components["responses"]["Replicate429"];
            500: components["responses"]["Replicate500"];
            503: components["responses"]["Replicate503"];
        };
    };
    createReplicatePredictionOfModel: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name of your own for this order, such as a UUID: with it, the request can be repeated without being charged twice. The same key with the same body gives the first answer again, for at least 24 hours; with another body it is refused. Keys are the account’s own. */
                "Idempotency-Key"?: string;
                /** @description `wait` or `wait=n`: answer when it has ended, or after n seconds (55 at most) with 202. */
                Prefer?: string;
            };
            path: {
                name: string;
                owner: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplicatePredictionRequest"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The answer of an earlier request; nothing was done or charged again. */
                    "Idempotency-Replayed"?: "true";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplicatePrediction"];
                };
            };
            /** @description With `Prefer: wait`: it is still being made. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplicatePrediction"];
                };
            };
            400: components["responses"]["Replicate400"];
            401: components["responses"]["Replicate401"];
            402: components["responses"]["Replicate402"];
            403: components["responses"]["Replicate403"];
            404: components["responses"]["Replicate404"];
            413: components["responses"]["Replicate413"];
            415: components["responses"]["Replicate415"];
            422: components["responses"]["Replicate422"];
            429: components["responses"]["Replicate429"];
            500: components["responses"]["Replicate500"];
            503: components["responses"]["Replicate503"];
        };
    };
    listReplicatePredictions: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before; left out or empty: the newest. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplicatePredictions"];
                };
            };
            400: components["responses"]["Replicate400"];
            401: components["responses"]["Replicate401"];
            402: components["responses"]["Replicate402"];
            403: components["responses"]["Replicate403"];
            404: components["responses"]["Replicate404"];
            413: components["responses"]["Replicate413"];
            415: components["responses"]["Replicate415"];
            422: components["responses"]["Replicate422"];
            429: components["responses"]["Replicate429"];
            500: components["responses"]["Replicate500"];
            503: components["responses"]["Replicate503"];
        };
    };
    createReplicatePrediction: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name of your own for this order, such as a UUID: with it, the request can be repeated without being charged twice. The same key with the same body gives the first answer again, for at least 24 hours; with another body it is refused. Keys are the account’s own. */
                "Idempotency-Key"?: string;
                /** @description `wait` or `wait=n`: answer when it has ended, or after n seconds (55 at most) with 202. */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplicatePredictionRequest"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description The answer of an earlier request; nothing was done or charged again. */
                    "Idempotency-Replayed"?: "true";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplicatePrediction"];
                };
            };
            /** @description With `Prefer: wait`: it is still being made. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplicatePrediction"];
                };
            };
            400: components["responses"]["Replicate400"];
            401: components["responses"]["Replicate401"];
            402: components["responses"]["Replicate402"];
            403: components["responses"]["Replicate403"];
            404: components["responses"]["Replicate404"];
            413: components["responses"]["Replicate413"];
            415: components["responses"]["Replicate415"];
            422: components["responses"]["Replicate422"];
            429: components["responses"]["Replicate429"];
            500: components["responses"]["Replicate500"];
            503: components["responses"]["Replicate503"];
        };
    };
    getReplicatePrediction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                prediction_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplicatePrediction"];
                };
            };
            400: components["responses"]["Replicate400"];
            401: components["responses"]["Replicate401"];
            402: components["responses"]["Replicate402"];
            403: components["responses"]["Replicate403"];
            404: components["responses"]["Replicate404"];
            413: components["responses"]["Replicate413"];
            415: components["responses"]["Replicate415"];
            422: components["responses"]["Replicate422"];
            429: components["responses"]["Replicate429"];
            500: components["responses"]["Replicate500"];
            503: components["responses"]["Replicate503"];
        };
    };
    cancelReplicatePrediction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                prediction_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplicatePrediction"];
                };
            };
            400: components["responses"]["Replicate400"];
            401: components["responses"]["Replicate401"];
            402: components["responses"]["Replicate402"];
            403: components["responses"]["Replicate403"];
            404: components["responses"]["Replicate404"];
            413: components["responses"]["Replicate413"];
            415: components["responses"]["Replicate415"];
            422: components["responses"]["Replicate422"];
            429: components["responses"]["Replicate429"];
            500: components["responses"]["Replicate500"];
            503: components["responses"]["Replicate503"];
        };
    };
    editOpenAiImages: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name of your own for this order, such as a UUID: with it, the request can be repeated without being charged twice. The same key with the same body gives the first answer again, for at least 24 hours; with another body it is refused. Keys are the account’s own. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @description Wins over `size`. */
                    aspect_ratio?: string;
                    /**
                     * @description Accepted, without effect.
                     * @enum {string}
                     */
                    background?: "auto" | "opaque";
                    callback_url?: string;
                    /** @description One file or several, or URLs and data: URIs in JSON. */
                    image: unknown;
                    /** @description In JSON: `[{ "image_url": "…" }]`. */
                    images?: unknown;
                    /** @description Accepted, without effect. */
                    input_fidelity?: string;
                    max_credits?: number | string;
                    /** @description An id or alias of GET /v1/models. */
                    model: string;
                    /** @description Accepted, without effect. */
                    moderation?: string;
                    /** @description How many pictures. */
                    n?: number | string;
                    /** @description Accepted, without effect. */
                    output_compression?: number | string;
                    /**
                     * @description Pictures come as the model makes them; `output_format` of the answer says how.
                     * @enum {string}
                     */
                    output_format?: "png";
                    /** @description No partial pictures are sent. */
                    partial_images?: number | string;
                    prompt: string;
                    /** @description Accepted, without effect. */
                    quality?: string;
                    /** @description Wins over `size`. */
                    resolution?: string;
                    /** @enum {string} */
                    response_format?: "b64_json" | "url";
                    /** @description `auto`, or pixels such as 1536x1024: the nearest aspect ratio of the model is taken, and 1K, 2K or 4K by the long side (up to 1280, up to 2560, above). */
                    size?: string;
                    stream?: boolean | ("true" | "false");
                    /** @description Accepted, without effect. */
                    style?: string;
                    /** @description Accepted, without effect. */
                    user?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiImages"];
                };
            };
            400: components["responses"]["OpenAi400"];
            401: components["responses"]["OpenAi401"];
            402: components["responses"]["OpenAi402"];
            403: components["responses"]["OpenAi403"];
            404: components["responses"]["OpenAi404"];
            413: components["responses"]["OpenAi413"];
            415: components["responses"]["OpenAi415"];
            422: components["responses"]["OpenAi422"];
            429: components["responses"]["OpenAi429"];
            500: components["responses"]["OpenAi500"];
            503: components["responses"]["OpenAi503"];
        };
    };
    createOpenAiImages: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name of your own for this order, such as a UUID: with it, the request can be repeated without being charged twice. The same key with the same body gives the first answer again, for at least 24 hours; with another body it is refused. Keys are the account’s own. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Wins over `size`. */
                    aspect_ratio?: string;
                    /**
                     * @description Accepted, without effect.
                     * @enum {string}
                     */
                    background?: "auto" | "opaque";
                    callback_url?: string;
                    /** @description One file or several, or URLs and data: URIs in JSON. */
                    image?: unknown;
                    /** @description In JSON: `[{ "image_url": "…" }]`. */
                    images?: unknown;
                    /** @description Accepted, without effect. */
                    input_fidelity?: string;
                    max_credits?: number | string;
                    /** @description An id or alias of GET /v1/models. */
                    model: string;
                    /** @description Accepted, without effect. */
                    moderation?: string;
                    /** @description How many pictures. */
                    n?: number | string;
                    /** @description Accepted, without effect. */
                    output_compression?: number | string;
                    /**
                     * @description Pictures come as the model makes them; `output_format` of the answer says how.
                     * @enum {string}
                     */
                    output_format?: "png";
                    /** @description No partial pictures are sent. */
                    partial_images?: number | string;
                    prompt: string;
                    /** @description Accepted, without effect. */
                    quality?: string;
                    /** @description Wins over `size`. */
                    resolution?: string;
                    /** @enum {string} */
                    response_format?: "b64_json" | "url";
                    /** @description `auto`, or pixels such as 1536x1024: the nearest aspect ratio of the model is taken, and 1K, 2K or 4K by the long side (up to 1280, up to 2560, above). */
                    size?: string;
                    stream?: boolean | ("true" | "false");
                    /** @description Accepted, without effect. */
                    style?: string;
                    /** @description Accepted, without effect. */
                    user?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiImages"];
                };
            };
            400: components["responses"]["OpenAi400"];
            401: components["responses"]["OpenAi401"];
            402: components["responses"]["OpenAi402"];
            403: components["responses"]["OpenAi403"];
            404: components["responses"]["OpenAi404"];
            413: components["responses"]["OpenAi413"];
            415: components["responses"]["OpenAi415"];
            422: components["responses"]["OpenAi422"];
            429: components["responses"]["OpenAi429"];
            500: components["responses"]["OpenAi500"];
            503: components["responses"]["OpenAi503"];
        };
    };
    listOpenAiModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiModelList"];
                };
            };
            400: components["responses"]["OpenAi400"];
            401: components["responses"]["OpenAi401"];
            402: components["responses"]["OpenAi402"];
            403: components["responses"]["OpenAi403"];
            404: components["responses"]["OpenAi404"];
            413: components["responses"]["OpenAi413"];
            415: components["responses"]["OpenAi415"];
            422: components["responses"]["OpenAi422"];
            429: components["responses"]["OpenAi429"];
            500: components["responses"]["OpenAi500"];
            503: components["responses"]["OpenAi503"];
        };
    };
    getOpenAiModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiModel"];
                };
            };
            400: components["responses"]["OpenAi400"];
            401: components["responses"]["OpenAi401"];
            402: components["responses"]["OpenAi402"];
            403: components["responses"]["OpenAi403"];
            404: components["responses"]["OpenAi404"];
            413: components["responses"]["OpenAi413"];
            415: components["responses"]["OpenAi415"];
            422: components["responses"]["OpenAi422"];
            429: components["responses"]["OpenAi429"];
            500: components["responses"]["OpenAi500"];
            503: components["responses"]["OpenAi503"];
        };
    };
    createOpenAiVideoTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name of your own for this order, such as a UUID: with it, the request can be repeated without being charged twice. The same key with the same body gives the first answer again, for at least 24 hours; with another body it is refused. Keys are the account’s own. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Wins over `size`. */
                    aspect_ratio?: string;
                    callback_url?: string;
                    /** @description As `seconds`. */
                    duration?: number | string;
                    generate_audio?: boolean | ("true" | "false");
                    height?: number | string;
                    /** @description As `input_reference`. */
                    image?: unknown;
                    /** @description A picture to begin with: a file, or `{ "image_url": "…" }` in JSON. */
                    input_reference?: unknown;
                    max_credits?: number | string;
                    /** @description An id or alias of GET /v1/models. */
                    model: string;
                    /** @description 1: a video has an object of its own. */
                    n?: 1 | "1";
                    prompt: string;
                    /** @description Wins over `size`. */
                    resolution?: string;
                    /**
                     * @description Accepted, without effect.
                     * @enum {string}
                     */
                    response_format?: "url";
                    /** @description One that the model takes; nothing is rounded. */
                    seconds?: number | string;
                    /** @description Pixels such as 1280x720: 16:9 if it is not higher than wide, else 9:16; 720p, 1080p or 4k by the short side (up to 720, up to 1080, above). */
                    size?: string;
                    /** @description Accepted, without effect. */
                    user?: string;
                    /** @description With `height`, as `size`. */
                    width?: number | string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiVideoTask"];
                };
            };
            400: components["responses"]["OpenAi400"];
            401: components["responses"]["OpenAi401"];
            402: components["responses"]["OpenAi402"];
            403: components["responses"]["OpenAi403"];
            404: components["responses"]["OpenAi404"];
            413: components["responses"]["OpenAi413"];
            415: components["responses"]["OpenAi415"];
            422: components["responses"]["OpenAi422"];
            429: components["responses"]["OpenAi429"];
            500: components["responses"]["OpenAi500"];
            503: components["responses"]["OpenAi503"];
        };
    };
    getOpenAiVideoTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                video_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiVideoTask"];
                };
            };
            400: components["responses"]["OpenAi400"];
            401: components["responses"]["OpenAi401"];
            402: components["responses"]["OpenAi402"];
            403: components["responses"]["OpenAi403"];
            404: components["responses"]["OpenAi404"];
            413: components["responses"]["OpenAi413"];
            415: components["responses"]["OpenAi415"];
            422: components["responses"]["OpenAi422"];
            429: components["responses"]["OpenAi429"];
            500: components["responses"]["OpenAi500"];
            503: components["responses"]["OpenAi503"];
        };
    };
    listOpenAiVideos: {
        parameters: {
            query?: {
                /** @description The id of the last video of the page before. */
                after?: string;
                limit?: number;
                order?: "desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiVideoList"];
                };
            };
            400: components["responses"]["OpenAi400"];
            401: components["responses"]["OpenAi401"];
            402: components["responses"]["OpenAi402"];
            403: components["responses"]["OpenAi403"];
            404: components["responses"]["OpenAi404"];
            413: components["responses"]["OpenAi413"];
            415: components["responses"]["OpenAi415"];
            422: components["responses"]["OpenAi422"];
            429: components["responses"]["OpenAi429"];
            500: components["responses"]["OpenAi500"];
            503: components["responses"]["OpenAi503"];
        };
    };
    createOpenAiVideo: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name of your own for this order, such as a UUID: with it, the request can be repeated without being charged twice. The same key with the same body gives the first answer again, for at least 24 hours; with another body it is refused. Keys are the account’s own. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @description Wins over `size`. */
                    aspect_ratio?: string;
                    callback_url?: string;
                    /** @description As `seconds`. */
                    duration?: number | string;
                    generate_audio?: boolean | ("true" | "false");
                    height?: number | string;
                    /** @description As `input_reference`. */
                    image?: unknown;
                    /** @description A picture to begin with: a file, or `{ "image_url": "…" }` in JSON. */
                    input_reference?: unknown;
                    max_credits?: number | string;
                    /** @description An id or alias of GET /v1/models. */
                    model: string;
                    /** @description 1: a video has an object of its own. */
                    n?: 1 | "1";
                    prompt: string;
                    /** @description Wins over `size`. */
                    resolution?: string;
                    /**
                     * @description Accepted, without effect.
                     * @enum {string}
                     */
                    response_format?: "url";
                    /** @description One that the model takes; nothing is rounded. */
                    seconds?: number | string;
                    /** @description Pixels such as 1280x720: 16:9 if it is not higher than wide, else 9:16; 720p, 1080p or 4k by the short side (up to 720, up to 1080, above). */
                    size?: string;
                    /** @description Accepted, without effect. */
                    user?: string;
                    /** @description With `height`, as `size`. */
                    width?: number | string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiVideo"];
                };
            };
            400: components["responses"]["OpenAi400"];
            401: components["responses"]["OpenAi401"];
            402: components["responses"]["OpenAi402"];
            403: components["responses"]["OpenAi403"];
            404: components["responses"]["OpenAi404"];
            413: components["responses"]["OpenAi413"];
            415: components["responses"]["OpenAi415"];
            422: components["responses"]["OpenAi422"];
            429: components["responses"]["OpenAi429"];
            500: components["responses"]["OpenAi500"];
            503: components["responses"]["OpenAi503"];
        };
    };
    getOpenAiVideo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                video_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiVideo"];
                };
            };
            400: components["responses"]["OpenAi400"];
            401: components["responses"]["OpenAi401"];
            402: components["responses"]["OpenAi402"];
            403: components["responses"]["OpenAi403"];
            404: components["responses"]["OpenAi404"];
            413: components["responses"]["OpenAi413"];
            415: components["responses"]["OpenAi415"];
            422: components["responses"]["OpenAi422"];
            429: components["responses"]["OpenAi429"];
            500: components["responses"]["OpenAi500"];
            503: components["responses"]["OpenAi503"];
        };
    };
    deleteOpenAiVideo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                video_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiDeletedVideo"];
                };
            };
            400: components["responses"]["OpenAi400"];
            401: components["responses"]["OpenAi401"];
            402: components["responses"]["OpenAi402"];
            403: components["responses"]["OpenAi403"];
            404: components["responses"]["OpenAi404"];
            413: components["responses"]["OpenAi413"];
            415: components["responses"]["OpenAi415"];
            422: components["responses"]["OpenAi422"];
            429: components["responses"]["OpenAi429"];
            500: components["responses"]["OpenAi500"];
            503: components["responses"]["OpenAi503"];
        };
    };
    getOpenAiVideoContent: {
        parameters: {
            query?: {
                variant?: "video" | "thumbnail";
            };
            header?: never;
            path: {
                video_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                    "image/*": string;
                    "video/*": string;
                };
            };
            400: components["responses"]["OpenAi400"];
            401: components["responses"]["OpenAi401"];
            402: components["responses"]["OpenAi402"];
            403: components["responses"]["OpenAi403"];
            404: components["responses"]["OpenAi404"];
            413: components["responses"]["OpenAi413"];
            415: components["responses"]["OpenAi415"];
            422: components["responses"]["OpenAi422"];
            429: components["responses"]["OpenAi429"];
            500: components["responses"]["OpenAi500"];
            503: components["responses"]["OpenAi503"];
        };
    };
    receiveBalanceLow: {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every try of this event. */
                "webhook-id": string;
                /** @description `v1,` and base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`; one for each secret that is alive, with spaces between. */
                "webhook-signature": string;
                /** @description Unix seconds of this try. */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BalanceLowEvent"];
            };
        };
        responses: {
            /** @description Taken; the body is not read. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Tried again later, as with a redirect, a 5xx and no answer. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Never again: the delivery ends, and the URL of the account is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    receiveTaskFailed: {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every try of this event. */
                "webhook-id": string;
                /** @description `v1,` and base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`; one for each secret that is alive, with spaces between. */
                "webhook-signature": string;
                /** @description Unix seconds of this try. */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskFailedEvent"];
            };
        };
        responses: {
            /** @description Taken; the body is not read. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Tried again later, as with a redirect, a 5xx and no answer. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Never again: the delivery ends, and the URL of the account is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    receiveTaskRunning: {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every try of this event. */
                "webhook-id": string;
                /** @description `v1,` and base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`; one for each secret that is alive, with spaces between. */
                "webhook-signature": string;
                /** @description Unix seconds of this try. */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskRunningEvent"];
            };
        };
        responses: {
            /** @description Taken; the body is not read. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Tried again later, as with a redirect, a 5xx and no answer. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Never again: the delivery ends, and the URL of the account is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    receiveTaskSucceeded: {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every try of this event. */
                "webhook-id": string;
                /** @description `v1,` and base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`; one for each secret that is alive, with spaces between. */
                "webhook-signature": string;
                /** @description Unix seconds of this try. */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskSucceededEvent"];
            };
        };
        responses: {
            /** @description Taken; the body is not read. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Tried again later, as with a redirect, a 5xx and no answer. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Never again: the delivery ends, and the URL of the account is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    receiveWebhookTest: {
        parameters: {
            query?: never;
            header: {
                /** @description The same for every try of this event. */
                "webhook-id": string;
                /** @description `v1,` and base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`; one for each secret that is alive, with spaces between. */
                "webhook-signature": string;
                /** @description Unix seconds of this try. */
                "webhook-timestamp": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookTestEvent"];
            };
        };
        responses: {
            /** @description Taken; the body is not read. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Tried again later, as with a redirect, a 5xx and no answer. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Never again: the delivery ends, and the URL of the account is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
