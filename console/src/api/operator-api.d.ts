// Types of the operator API, written from its OpenAPI document by `npm run console:types`.
export interface paths {
    "/admin/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Accounts
         * @description Newest first. With a filter, a page looks at 5000 rows at most: it may hold fewer than `limit`, also none, while `next_cursor` leads on. The list ends where `next_cursor` is null.
         */
        get: operations["listAccounts"];
        put?: never;
        /** Create Account */
        post: operations["createAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show Account */
        get: operations["getAccount"];
        put?: never;
        post?: never;
        /**
         * Erase Account
         * @description For ever. In one commit its keys are revoked, its name and its webhook removed, and its credits written off. Prompts, pictures, URLs, files, notes and deliveries follow in small steps, archived orders too; entries stay, without texts. A copy of the store that is restored later is erased again. Refused while tasks are open.
         */
        delete: operations["eraseAccount"];
        options?: never;
        head?: never;
        /**
         * Change Account
         * @description What is left out stays as it is. Takes effect with the next request.
         */
        patch: operations["changeAccount"];
        trace?: never;
    };
    "/admin/v1/accounts/{id}/credits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Grant or Take Credits
         * @description Whole credits, positive or negative. What is taken beyond the balance is owed: the account is suspended, and the next credits pay it first. What bears an `idempotency_key` is done once, however often and however late it is sent again; a key is unique over all accounts.
         */
        post: operations["grantCredits"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/accounts/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export Account
         * @description Everything that is known of the account, as JSON lines: account, keys (no secrets), webhooks, codes that it redeemed, uploads, entries, orders with tasks, attempts and deliveries, what operators did, archived orders of this gateway’s DATA_DIR. The first line has the `type` `export`, the last one `end`: without that the export is not whole. Give the `at` of the last whole line as `after`, and it goes on behind it.
         */
        get: operations["exportAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/accounts/{id}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Keys */
        get: operations["listKeys"];
        put?: never;
        /**
         * Create Key
         * @description The answer is the only place where `key` is ever shown. A cap counts what is ordered while the key has one. A test key (`test`) opens the same API against the sandbox with play credits: nothing real is ordered or charged, whatever the account has.
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/accounts/{id}/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An Account's Ledger */
        get: operations["listAccountLedger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/accounts/{id}/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a Sign-in Link
         * @description A link that signs in to the console as this account, once, and is void when the account is suspended. Whoever has it is the customer: send it to nobody else. An account has 20 unused ones at most.
         */
        post: operations["createLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Alerts
         * @description Newest first; kept for 90 days. With `state=firing` those that are not over, by rule and all on one page. `messages` says who was told.
         */
        get: operations["listAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/alerts/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Test Alerts
         * @description Sends a test to the receivers of tollgate.yaml now, and answers what each of them said. It is not repeated, and stands in no list.
         */
        post: operations["testAlerts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Audit
         * @description What operators have done, by this API and by commands, newest first. Nothing of it is ever changed or removed.
         */
        get: operations["listActs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Redemption Codes
         * @description Newest first, with who redeemed which and when; of the codes themselves the beginning. With a filter, a page looks at 5000 rows at most: it may hold fewer than `limit`, also none, while `next_cursor` leads on. The list ends where `next_cursor` is null.
         */
        get: operations["listCodes"];
        put?: never;
        /**
         * Create Redemption Codes
         * @description Each is worth `credits`, once. This answer is the only place where they are ever shown. With `Accept: text/csv` the answer is CSV.
         */
        post: operations["createCodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/codes/{id}": {
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
         * Void Redemption Codes
         * @description What is left of a batch, or one code, by its id. What was redeemed stays redeemed.
         */
        delete: operations["voidCodes"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch Tasks of All Accounts
         * @description The changes of the newest 1000 tasks, and of those that were among them while a stream was open. Server-Sent Events without an end, one stream for a page. It begins with an event `reset`: lists that are read after it are whole, and each `task` event says what has changed since, within a second. A stream that is opened again with `Last-Event-ID` is told what it has missed, a task perhaps twice; where that is too much or too long ago (an hour), it begins with `reset`. Comments keep proxies from closing it. It ends when its key or session does, and when the gateway is restarted. At most 50 of one account, beyond which 429; it counts as one request.
         */
        get: operations["watchAllTasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/find": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find
         * @description By an id or the beginning of one (account, key, task, request, attempt, webhook, the upstream’s own id), a whole key or redemption code, a part of an account’s name, or a piece of a prompt of the newest 5 000 orders. What is exactly it comes first; 20 at most.
         */
        get: operations["find"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/keys/{id}": {
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
         * @description Works at once.
         */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        /**
         * Change Key
         * @description What is left out stays as it is. Takes effect with the next request.
         */
        patch: operations["changeKey"];
        trace?: never;
    };
    "/admin/v1/ledger/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Verify Ledger
         * @description Reads the whole ledger beside everything else, slice by slice, each of one committed state; a large store takes minutes. One at a time, so a second request gets the answer of the one under way. `drift` must be empty.
         */
        get: operations["verifyLedger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Models */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/models/reload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reload Models
         * @description Reads tollgate.yaml again. Its models take effect; `ignored` names the other settings that changed, which wait for the next start. When the models are wrong, or the file names an upstream or a key no more that open tasks name, the old catalogue stays and the answer says why.
         */
        post: operations["reloadModels"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/reconcile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List What Was Made and Not Sold
         * @description Newest first, each piece of work with its evidence, for as long as its order is in the store. Left out, `status` is `open`: what waits for a decision.
         */
        get: operations["listReconcileItems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/reconcile/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide One
         * @description Once each. `charge` takes the credits again and delivers the result, which the upstream is asked for now: the task then shows as succeeded, and its webhook `task.succeeded` is sent. Where there is no result to deliver nothing is charged. `keep_refund` and `write_off` charge nobody.
         */
        post: operations["reconcile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report
         * @description Charges count when they are made, refunds when they are given, tasks and their cost when they end: what is over changes no more. `Accept: text/csv` asks for a table.
         */
        get: operations["getReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Stats */
        get: operations["getStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Tasks of All Accounts
         * @description Newest first. With a filter, a page looks at 5000 rows at most: it may hold fewer than `limit`, also none, while `next_cursor` leads on. The list ends where `next_cursor` is null.
         */
        get: operations["listAllTasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tasks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Inspect Task
         * @description With its request, every attempt upstream, and its entries in the ledger.
         */
        get: operations["inspectTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tasks/{id}/refund": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refund by Hand
         * @description Gives back up to what an ended task cost, net of what came back already; in parts, if you like. Also of an archived order, whose entries stay. A task that has not ended is refused: its credits come back by themselves if it fails.
         */
        post: operations["refundTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Account: {
            /**
             * @description Whole credits.
             * @example 985
             */
            balance: number;
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            created_at: number;
            /**
             * @description Only of an account that was erased.
             * @example 1796000000
             */
            erased_at?: number;
            /** @example acc_0mx2l3gws00jxwmxuwmqkyfcauf */
            id: string;
            limits: {
                /** @example null */
                cidrs: string[] | null;
                /** @example null */
                credits_per_day: number | null;
                /** @example null */
                credits_total: number | null;
                /** @example null */
                models: string[] | null;
                /**
                 * @description Null: as configured for everyone. `off`: none.
                 * @example null
                 */
                requests_per_minute: number | "off" | null;
                /**
                 * @description Null: as configured for everyone. `off`: none.
                 * @example null
                 */
                tasks_in_flight: number | "off" | null;
            };
            /**
             * @description Below it `balance.low` is sent. Null: as configured. `off`: never.
             * @example null
             */
            low_balance: number | "off" | null;
            /** @example Atelier Nord */
            name: string;
            /**
             * @description Credits that were taken back when they were spent already; the next ones pay them first.
             * @example 0
             */
            owed: number;
            /**
             * @description Of `plans` in tollgate.yaml; null: none.
             * @example null
             */
            plan: string | null;
            /** @enum {string} */
            status: "active" | "suspended";
            /** @example 1 */
            tasks_in_flight: number;
            /**
             * @description Only where one account is asked for.
             * @example null
             */
            used?: {
                /** @example 15 */
                credits_today: number;
                /** @example 120 */
                credits_total: number;
                /** @example 1 */
                tasks_in_flight: number;
            } | null;
        };
        AccountAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Account"];
            msg: string;
        };
        AccountList: {
            accounts: components["schemas"]["Account"][];
            /**
             * @description For the next page; null on the last.
             * @example null
             */
            next_cursor: string | null;
        };
        AccountListAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["AccountList"];
            msg: string;
        };
        Act: {
            /**
             * @description The operation of this API that does the same.
             * @example changeAccount
             */
            action: string;
            /**
             * @description The operator’s name; `admin`: by ADMIN_TOKEN, `cli`: by a command.
             * @example anna
             */
            actor: string;
            /**
             * @description The same, as it is.
             * @example {
             *       "status": "suspended"
             *     }
             */
            after: {
                [key: string]: unknown;
            } | null;
            /**
             * @description What was changed, as it was.
             * @example {
             *       "status": "active"
             *     }
             */
            before: {
                [key: string]: unknown;
            } | null;
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            created_at: number;
            /** @example 812 */
            id: number;
            /** @description The address of the request; null: a command. */
            origin: string | null;
            /** @description The id of what was changed; null: the gateway as a whole. */
            target: string | null;
        };
        ActList: {
            acts: components["schemas"]["Act"][];
            /**
             * @description For the next page; null on the last.
             * @example null
             */
            next_cursor: string | null;
        };
        ActListAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["ActList"];
            msg: string;
        };
        Alert: {
            /**
             * @description What was measured.
             * @example {
             *       "waiting": 12,
             *       "minutes": 11
             *     }
             */
            facts: {
                [key: string]: string | number | null;
            };
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            fired_at: number;
            /** @example alert_0mx2l3mzx003tu8ble8rxlibzcy */
            id: string;
            messages: components["schemas"]["AlertMessage"][];
            /** @example null */
            recovered_at: number | null;
            /** @example oldest_waiting */
            rule: string;
            /**
             * @description What it is about; empty: the gateway.
             * @example
             */
            subject: string;
            /** @example The oldest of 12 waiting orders has waited 11 minutes. */
            text: string;
            /** @example Orders wait long */
            title: string;
        };
        AlertList: {
            alerts: components["schemas"]["Alert"][];
            /**
             * @description For the next page; null on the last.
             * @example null
             */
            next_cursor: string | null;
        };
        AlertListAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["AlertList"];
            msg: string;
        };
        AlertMessage: {
            /** @example 1 */
            attempts: number;
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            created_at: number;
            /** @enum {string} */
            kind: "fired" | "recovered";
            /** @example null */
            last_error: string | null;
            /** @example night */
            receiver: string;
            /**
             * @description `held_back`: the receiver had its number of messages for the hour.
             * @example sent
             * @enum {string}
             */
            state: "pending" | "sent" | "failed" | "held_back";
        };
        AlertTrial: {
            /**
             * @description Whether every receiver took it.
             * @example true
             */
            ok: boolean;
            results: {
                /** @example null */
                error: string | null;
                /** @example true */
                ok: boolean;
                /** @example night */
                receiver: string;
                /** @example 200 */
                status: number | null;
                /** @example slack */
                type: string;
            }[];
        };
        AlertTrialAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["AlertTrial"];
            msg: string;
        };
        Code: {
            /** @example batch_0mx2l3n0q00m5w8c3s6d1z9h4k7p */
            batch_id: string;
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            created_at: number;
            /**
             * @description Whole credits.
             * @example 15
             */
            credits: number;
            expires_at: number | null;
            /** @example code_0mx2l3n0q00m5w8c3s6d1z9h4k7p */
            id: string;
            note: string | null;
            /** @example tg-7KQ2M-… */
            prefix: string;
            redeemed_at: number | null;
            /** @description The account that redeemed it. */
            redeemed_by: string | null;
            status: components["schemas"]["CodeStatus"];
            voided_at: number | null;
        };
        CodeList: {
            codes: components["schemas"]["Code"][];
            /**
             * @description For the next page; null on the last.
             * @example null
             */
            next_cursor: string | null;
        };
        CodeListAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["CodeList"];
            msg: string;
        };
        /**
         * @example redeemed
         * @enum {string}
         */
        CodeStatus: "unused" | "redeemed" | "void" | "expired";
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
        Found: {
            results: {
                /** @example task_0mx2l3mzx003tu8ble8rxlibzcy */
                id: string;
                /**
                 * @description For people: other people’s text may be in it.
                 * @example gpt-image-2, succeeded, 15 credits, Atelier Nord
                 */
                label: string;
                /** @description The task that it is or belongs to; of an order its first. Null: none. */
                task_id: string | null;
                /**
                 * @example task
                 * @enum {string}
                 */
                type: "account" | "key" | "task" | "request" | "attempt" | "delivery" | "orphan" | "code";
            }[];
        };
        FoundAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Found"];
            msg: string;
        };
        Granted: {
            /**
             * @description Whole credits.
             * @example 1000
             */
            balance: number;
            /** @example 41 */
            entry_id: number;
            /**
             * @description What the account owes now.
             * @example 0
             */
            owed: number;
        };
        GrantedAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Granted"];
            msg: string;
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
         *       "duration": null,
         *       "account_id": "acc_0mx2l3gws00jxwmxuwmqkyfcauf",
         *       "state": "succeeded",
         *       "upstream": "keevx",
         *       "upstream_task_id": "8f14e45fceea167a",
         *       "error_detail": null,
         *       "polls_made": 4,
         *       "next_poll_at_ms": null,
         *       "give_up_at_ms": 1796001200000,
         *       "cost": 0.04,
         *       "request": {
         *         "id": "req_0mx2l3mzx00b7v1d9q4kf6hs2wme",
         *         "state": "accepted",
         *         "key_id": "key_0mx2l3h1d00xk6r9v2c5t8p3n7b4",
         *         "plan": null,
         *         "order": {
         *           "model_id": "gpt-image-2",
         *           "prompt": "a serene zen garden at sunrise, ultra detailed",
         *           "generate_count": 1
         *         },
         *         "callback_url": null,
         *         "text_removed_at_ms": null,
         *         "due_at_ms": null
         *       },
         *       "attempts": [
         *         {
         *           "id": "att_0mx2l3n0q00m5w8c3s6d1z9h4k7p",
         *           "number": 1,
         *           "upstream_key": "3f1c9a7e",
         *           "state": "accepted",
         *           "detail": null,
         *           "started_at_ms": 1796000000000,
         *           "finished_at_ms": 1796000000810
         *         }
         *       ],
         *       "entries": []
         *     }
         */
        InspectedTask: {
            account_id: string;
            attempts: {
                detail: string | null;
                finished_at_ms: number | null;
                id: string;
                number: number;
                started_at_ms: number;
                state: string;
                /** @description A fingerprint of the key, not the key. */
                upstream_key: string;
            }[];
            audio_url: string | null;
            /** @description What its work costs you, in `reporting.currency`, fixed when it was ordered. Null: unknown. */
            cost: number | null;
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
            entries: components["schemas"]["OperatorEntry"][];
            /** @description What lay behind `error_message`. */
            error_detail: string | null;
            /** @description Why the task failed. */
            error_message: string | null;
            finished_at: number | null;
            /** @description Only of the task of a first frame: the order that it is made for. */
            first_frame_of?: {
                /**
                 * @description What of that order’s price this is; `credits` of the task is 0.
                 * @example 15
                 */
                credits: number;
                request_id: string;
                task_ids: string[];
            };
            give_up_at_ms: number | null;
            height: number | null;
            image_url: string | null;
            /** @description Only where it is asked for. */
            input?: components["schemas"]["TaskInput"];
            /** @example gpt-image-2 */
            model_id: string;
            next_poll_at_ms: number | null;
            polls_made: number;
            /** @description Only while the task waits in our queue: 1 is ordered next; beyond 1000 the text `1000+`. Orders of other accounts take turns with yours, so it may grow as well as fall. */
            queue_position?: number | "1000+";
            request: {
                callback_url: string | null;
                due_at_ms: number | null;
                id: string;
                key_id: string;
                order: {
                    [key: string]: unknown;
                };
                /** @description The plan by which it was priced; null: none. */
                plan: string | null;
                state: string;
                /** @description When what the customer wrote was removed (`privacy.prompts`, or the account was erased): prompt and callback_url are null, imageUrls empty. Null: it is there. */
                text_removed_at_ms: number | null;
            };
            /** @example req_0mx2l3mzx00b7v1d9q4kf6hs2wme */
            request_id: string;
            /** @description The result was kept as long as was said, by us or by the upstream: the URLs are null again. */
            result_expired: boolean;
            /** @description When the URLs shown stop working; null while there are none, or where nobody knows. */
            result_expires_at: number | null;
            /** @description The state inside; `task_status` is what the client sees of it. */
            state: string;
            /** @description Only of an order that made its first frame first: both steps, each as it was ordered. */
            steps?: {
                attempts: {
                    detail: string | null;
                    finished_at_ms: number | null;
                    id: string;
                    number: number;
                    started_at_ms: number;
                    state: string;
                    /** @description A fingerprint of the key, not the key. */
                    upstream_key: string;
                }[];
                /** @description What of the order’s price is for the first frame, over all outputs. */
                credits: number | null;
                error_detail: string | null;
                error_message: string | null;
                image_url: string | null;
                model_id: string;
                order: {
                    [key: string]: unknown;
                };
                request_id: string;
                state: string;
                status: components["schemas"]["TaskStatus"];
                /** @enum {string} */
                step: "first_frame" | "video";
                task_id: string;
                upstream: string;
                upstream_task_id: string | null;
            }[];
            /** @example task_0mx2l3mzx003tu8ble8rxlibzcy */
            task_id: string;
            task_status: components["schemas"]["TaskStatus"];
            /** @enum {string} */
            task_type: "image" | "video";
            thumbnail_url: string | null;
            upstream: string;
            upstream_task_id: string | null;
            video_url: string | null;
            width: number | null;
        };
        InspectedTaskAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["InspectedTask"];
            msg: string;
        };
        Key: {
            /** @example acc_0mx2l3gws00jxwmxuwmqkyfcauf */
            account_id: string;
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
        KeyAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Key"];
            msg: string;
        };
        KeyList: {
            keys: components["schemas"]["Key"][];
        };
        KeyListAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["KeyList"];
            msg: string;
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
        NewCodes: {
            /** @example batch_0mx2l3n0q00m5w8c3s6d1z9h4k7p */
            batch_id: string;
            /** @description The only time they are shown. */
            codes: string[];
        };
        NewCodesAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["NewCodes"];
            msg: string;
        };
        NewKey: {
            /** @example acc_0mx2l3gws00jxwmxuwmqkyfcauf */
            account_id: string;
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
        NewKeyAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["NewKey"];
            msg: string;
        };
        /**
         * @example {
         *       "id": 41,
         *       "kind": "grant",
         *       "amount": 1000,
         *       "balance": 1000,
         *       "task_id": null,
         *       "public_note": "Order 2214",
         *       "created_at": 1796000000,
         *       "private_note": "paid by transfer",
         *       "note": "paid by transfer"
         *     }
         */
        OperatorEntry: {
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
            /** @description Another name of `private_note`. */
            note: string | null;
            /**
             * @description Only where the entry changed it: what the account owes after it.
             * @example 300
             */
            owed?: number;
            /** @description What was paid for a grant. */
            paid?: {
                /** @example 9.99 */
                amount: string;
                /** @example EUR */
                currency: string;
            };
            /** @description For the operator alone. */
            private_note: string | null;
            /** @description What the operator says of it. */
            public_note: string | null;
            task_id: string | null;
        };
        OperatorLedger: {
            entries: components["schemas"]["OperatorEntry"][];
            /**
             * @description For the next page; null on the last.
             * @example null
             */
            next_cursor: string | null;
        };
        OperatorLedgerAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["OperatorLedger"];
            msg: string;
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
         *       "duration": null,
         *       "account_id": "acc_0mx2l3gws00jxwmxuwmqkyfcauf",
         *       "state": "succeeded",
         *       "upstream": "keevx",
         *       "upstream_task_id": "8f14e45fceea167a",
         *       "error_detail": null,
         *       "polls_made": 4,
         *       "next_poll_at_ms": null,
         *       "give_up_at_ms": 1796001200000,
         *       "cost": 0.04
         *     }
         */
        OperatorTask: {
            account_id: string;
            audio_url: string | null;
            /** @description What its work costs you, in `reporting.currency`, fixed when it was ordered. Null: unknown. */
            cost: number | null;
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
            /** @description What lay behind `error_message`. */
            error_detail: string | null;
            /** @description Why the task failed. */
            error_message: string | null;
            finished_at: number | null;
            give_up_at_ms: number | null;
            height: number | null;
            image_url: string | null;
            /** @description Only where it is asked for. */
            input?: components["schemas"]["TaskInput"];
            /** @example gpt-image-2 */
            model_id: string;
            next_poll_at_ms: number | null;
            polls_made: number;
            /** @description Only while the task waits in our queue: 1 is ordered next; beyond 1000 the text `1000+`. Orders of other accounts take turns with yours, so it may grow as well as fall. */
            queue_position?: number | "1000+";
            /** @example req_0mx2l3mzx00b7v1d9q4kf6hs2wme */
            request_id: string;
            /** @description The result was kept as long as was said, by us or by the upstream: the URLs are null again. */
            result_expired: boolean;
            /** @description When the URLs shown stop working; null while there are none, or where nobody knows. */
            result_expires_at: number | null;
            /** @description The state inside; `task_status` is what the client sees of it. */
            state: string;
            /** @description Only for an order of a text alone to a model that needs an image: the first frame is made first, one for all outputs, and then the videos. Both are one order with one price, and if the first frame fails, all credits come back. */
            steps?: components["schemas"]["TaskStep"][];
            /** @example task_0mx2l3mzx003tu8ble8rxlibzcy */
            task_id: string;
            task_status: components["schemas"]["TaskStatus"];
            /** @enum {string} */
            task_type: "image" | "video";
            thumbnail_url: string | null;
            upstream: string;
            upstream_task_id: string | null;
            video_url: string | null;
            width: number | null;
        };
        OperatorTaskList: {
            /**
             * @description For the next page; null on the last.
             * @example null
             */
            next_cursor: string | null;
            tasks: components["schemas"]["OperatorTask"][];
        };
        OperatorTaskListAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["OperatorTaskList"];
            msg: string;
        };
        Reconciled: {
            /**
             * @description Of the account that was charged.
             * @example 970
             */
            balance: number | null;
            /**
             * @description What was charged again.
             * @example 15
             */
            credits: number;
            decision: components["schemas"]["ReconcileDecision"];
            /** @example orph_0mx2l3n0q00m5w8c3s6d1z9h4k7p */
            id: string;
            /** @description The task that was charged again. */
            task_id: string | null;
        };
        ReconciledAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Reconciled"];
            msg: string;
        };
        /**
         * @example keep_refund
         * @enum {string}
         */
        ReconcileDecision: "keep_refund" | "charge" | "write_off";
        ReconcileItem: {
            /** @example acc_0mx2l3gws00jxwmxuwmqkyfcauf */
            account_id: string;
            /**
             * @description In your own money; null: unknown.
             * @example null
             */
            cost: number | null;
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            created_at: number;
            /**
             * @description What the customer was charged for it, and got back or never paid.
             * @example 15
             */
            credits: number;
            /** @description Null: it waits for one. */
            decision: {
                /**
                 * @description What was charged again.
                 * @example 0
                 */
                credits: number;
                /**
                 * @description Unix seconds.
                 * @example 1796000000
                 */
                decided_at: number;
                decision: components["schemas"]["ReconcileDecision"];
                /** @example the customer has made it elsewhere */
                reason: string;
            } | null;
            evidence: {
                attempt_id: string | null;
                attempts: {
                    detail: string | null;
                    /** @example att_0mx2l3n0q00m5w8c3s6d1z9h4k7p */
                    id: string;
                    /**
                     * @description Unix seconds.
                     * @example 1796000000
                     */
                    started_at: number;
                    /** @example unknown */
                    state: string;
                }[];
                error_detail: string | null;
                error_message: string | null;
                /**
                 * @example late_success
                 * @enum {string}
                 */
                reason: "extra_id" | "repeated_id" | "late_success" | "late_accept" | "unanswered" | "unknown_submit";
                refunded_at: number | null;
                task_state: string | null;
                /** @example keevx */
                upstream: string;
                /** @description Null: the upstream never told one. */
                upstream_task_id: string | null;
            };
            /** @example orph_0mx2l3n0q00m5w8c3s6d1z9h4k7p */
            id: string;
            /**
             * @description `unknown_submit`: refunded while nobody knew whether it was made. `late_success`: made after its refund. `orphan`: no task of a customer has it.
             * @example late_success
             * @enum {string}
             */
            kind: "unknown_submit" | "orphan" | "late_success";
            /** @example req_0mx2l3mzx00b7v1d9q4kf6hs2wme */
            request_id: string;
            task_id: string | null;
        };
        ReconcileItemList: {
            items: components["schemas"]["ReconcileItem"][];
            /**
             * @description For the next page; null on the last.
             * @example null
             */
            next_cursor: string | null;
        };
        ReconcileItemListAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["ReconcileItemList"];
            msg: string;
        };
        RefundedByHand: {
            /**
             * @description Whole credits.
             * @example 990
             */
            balance: number;
            /** @example 5 */
            refunded: number;
        };
        RefundedByHandAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["RefundedByHand"];
            msg: string;
        };
        Reloaded: {
            /** @description What was read; null: there is none, and the built-in catalogue holds. */
            file: string | null;
            /**
             * @description Settings of the file that changed since the start and wait for the next, as `media.retention`.
             * @example []
             */
            ignored: string[];
            models: components["schemas"]["Model"][];
            /**
             * @description What is wrong beside the models: the next start would be refused for it.
             * @example []
             */
            problems: string[];
        };
        ReloadedAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Reloaded"];
            msg: string;
        };
        /**
         * @example {
         *       "from": "2026-11-30",
         *       "to": "2026-11-30",
         *       "group": "model",
         *       "currency": "USD",
         *       "time_zone": "UTC",
         *       "rows": [
         *         {
         *           "group": "gpt-image-2",
         *           "name": null,
         *           "tasks": 120,
         *           "succeeded": 112,
         *           "failed": 8,
         *           "charged": 1800,
         *           "refunded": 120,
         *           "net": 1680,
         *           "value": 16.8,
         *           "cost": 11.2,
         *           "unknown_costs": 0,
         *           "leakage": 0.2,
         *           "unknown_leaks": 0,
         *           "leaks": [
         *             {
         *               "reason": "late_success",
         *               "works": 2,
         *               "cost": 0.2,
         *               "unknown": 0
         *             }
         *           ],
         *           "maybe_leaked": {
         *             "reason": "unanswered",
         *             "works": 0,
         *             "cost": 0,
         *             "unknown": 0
         *           },
         *           "margin": 5.4
         *         }
         *       ],
         *       "total": {
         *         "tasks": 120,
         *         "succeeded": 112,
         *         "failed": 8,
         *         "charged": 1800,
         *         "refunded": 120,
         *         "net": 1680,
         *         "value": 16.8,
         *         "cost": 11.2,
         *         "unknown_costs": 0,
         *         "leakage": 0.2,
         *         "unknown_leaks": 0,
         *         "leaks": [
         *           {
         *             "reason": "late_success",
         *             "works": 2,
         *             "cost": 0.2,
         *             "unknown": 0
         *           }
         *         ],
         *         "maybe_leaked": {
         *           "reason": "unanswered",
         *           "works": 0,
         *           "cost": 0,
         *           "unknown": 0
         *         },
         *         "margin": 5.4
         *       }
         *     }
         */
        Report: {
            /** @description Null: not said, or not the same all the time. */
            currency: string | null;
            from: string;
            /** @enum {string} */
            group: "day" | "model" | "account" | "upstream" | "key";
            rows: {
                /**
                 * @description Credits, in the time of the charge.
                 * @example 1800
                 */
                charged: number;
                /**
                 * @description Of what succeeded, as fixed when it was ordered. Null: of some it is unknown.
                 * @example 11.2
                 */
                cost: number | null;
                /** @example 8 */
                failed: number;
                /**
                 * @description A date, or an id. Null: of orders that were archived before there were reports.
                 * @example 2026-11-30
                 */
                group: string | null;
                /**
                 * @description Cost of what was made and not sold.
                 * @example 0.2
                 */
                leakage: number | null;
                /** @description `leakage` by its reason. */
                leaks: {
                    /** @description Null: of some it is unknown. */
                    cost: number | null;
                    /** @example late_success */
                    reason: string;
                    /** @example 0 */
                    unknown: number;
                    /** @example 1 */
                    works: number;
                }[];
                /**
                 * @description `value` less `cost` and `leakage`.
                 * @example 5.4
                 */
                margin: number | null;
                /** @description Refunded while it was unknown whether it was made. Not in `leakage`. */
                maybe_leaked: {
                    /** @description Null: of some it is unknown. */
                    cost: number | null;
                    /** @example late_success */
                    reason: string;
                    /** @example 0 */
                    unknown: number;
                    /** @example 1 */
                    works: number;
                };
                /**
                 * @description Of an account or a key.
                 * @example null
                 */
                name: string | null;
                /** @example 1680 */
                net: number;
                /**
                 * @description Credits, in the time of the refund.
                 * @example 120
                 */
                refunded: number;
                /**
                 * @description Ended within the time.
                 * @example 112
                 */
                succeeded: number;
                /**
                 * @description Charged within the time.
                 * @example 120
                 */
                tasks: number;
                /**
                 * @description How many works of `cost` have an unknown one.
                 * @example 0
                 */
                unknown_costs: number;
                /** @example 0 */
                unknown_leaks: number;
                /**
                 * @description What the net credits sell for. Null: unknown.
                 * @example 16.8
                 */
                value: number | null;
            }[];
            /** @description It decides where a day begins. */
            time_zone: string;
            to: string;
            total: {
                /**
                 * @description Credits, in the time of the charge.
                 * @example 1800
                 */
                charged: number;
                /**
                 * @description Of what succeeded, as fixed when it was ordered. Null: of some it is unknown.
                 * @example 11.2
                 */
                cost: number | null;
                /** @example 8 */
                failed: number;
                /**
                 * @description Cost of what was made and not sold.
                 * @example 0.2
                 */
                leakage: number | null;
                /** @description `leakage` by its reason. */
                leaks: {
                    /** @description Null: of some it is unknown. */
                    cost: number | null;
                    /** @example late_success */
                    reason: string;
                    /** @example 0 */
                    unknown: number;
                    /** @example 1 */
                    works: number;
                }[];
                /**
                 * @description `value` less `cost` and `leakage`.
                 * @example 5.4
                 */
                margin: number | null;
                /** @description Refunded while it was unknown whether it was made. Not in `leakage`. */
                maybe_leaked: {
                    /** @description Null: of some it is unknown. */
                    cost: number | null;
                    /** @example late_success */
                    reason: string;
                    /** @example 0 */
                    unknown: number;
                    /** @example 1 */
                    works: number;
                };
                /** @example 1680 */
                net: number;
                /**
                 * @description Credits, in the time of the refund.
                 * @example 120
                 */
                refunded: number;
                /**
                 * @description Ended within the time.
                 * @example 112
                 */
                succeeded: number;
                /**
                 * @description Charged within the time.
                 * @example 120
                 */
                tasks: number;
                /**
                 * @description How many works of `cost` have an unknown one.
                 * @example 0
                 */
                unknown_costs: number;
                /** @example 0 */
                unknown_leaks: number;
                /**
                 * @description What the net credits sell for. Null: unknown.
                 * @example 16.8
                 */
                value: number | null;
            };
        };
        ReportAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Report"];
            msg: string;
        };
        SignInLink: {
            /**
             * @description Unix seconds.
             * @example 1796000000
             */
            expires_at: number;
            /**
             * @description To be sent to the customer. This answer is the only place where it is shown.
             * @example https://gateway.example/console/#/link/3mZ0vQ8tYkX5nR2cWdJ7sLbE1uHpAaFg4iKoT6yBxM9
             */
            url: string;
        };
        SignInLinkAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["SignInLink"];
            msg: string;
        };
        /**
         * @example {
         *       "accounts": 12,
         *       "credits": {
         *         "balance": 48211,
         *         "charged": 9430,
         *         "refunded": 210,
         *         "net": 9220
         *       },
         *       "tasks": {
         *         "queued": 0,
         *         "running": 2,
         *         "succeeded": 611,
         *         "failed": 14
         *       },
         *       "queue": {
         *         "waiting": 0,
         *         "oldest_waiting_seconds": null
         *       },
         *       "orphans": {},
         *       "upstreams": {
         *         "keevx": {
         *           "keys": [
         *             {
         *               "fingerprint": "3f1c9a7e",
         *               "state": "ready",
         *               "until": null,
         *               "detail": null,
         *               "last_success_at_ms": 1796000042000,
         *               "last_error": null,
         *               "submits": {
         *                 "in_flight": 2,
         *                 "limit": 16,
         *                 "ceiling": null,
         *                 "moved": null
         *               }
         *             }
         *           ]
         *         }
         *       },
         *       "ledger": {
         *         "ok": true,
         *         "broken": [],
         *         "verified_at_ms": 1796000042000,
         *         "took_ms": 112
         *       }
         *     }
         */
        Stats: {
            accounts: number;
            credits: {
                balance: number;
                charged: number;
                net: number;
                refunded: number;
            };
            /** @description What the last audit of the ledger found; null before the first. */
            ledger: {
                /** @description The promises that are broken. */
                broken: string[];
                ok: boolean;
                took_ms: number;
                verified_at_ms: number;
            } | null;
            /** @description Work upstream that you may pay for and no task stands for, by reason: `extra_id`, `repeated_id`, `late_accept`, `late_success`, and `unanswered` (given up without an answer under the key that ordered it). */
            orphans: {
                [key: string]: number;
            };
            queue: {
                oldest_waiting_seconds: number | null;
                waiting: number;
            };
            /** @description How many are in each state. */
            tasks: {
                [key: string]: number;
            };
            upstreams: {
                [key: string]: {
                    keys: {
                        detail: string | null;
                        fingerprint: string;
                        last_error: {
                            at_ms: number;
                            words: string;
                        } | null;
                        last_success_at_ms: number | null;
                        /** @description `ready`, `paused` (after a 429), `rejected`, `suspected` (orders of several accounts in a row were turned away) or `unreachable` (nothing connects). */
                        state: string;
                        submits: {
                            /** @description Above this the upstream answered 429; null: it never did. */
                            ceiling: number | null;
                            in_flight: number;
                            /** @description Submits that may be in flight at once. */
                            limit: number;
                            /** @description When and why the limit last moved. */
                            moved: {
                                at_ms: number;
                                /** @description `full`: it was used up without a 429; `creep`: a step beyond the ceiling, to see whether it has risen; `rate_limited`: what was held minus what was refused; `all_rate_limited`: a 429 that no ceiling explains; `revoked`: the 429 that lowered it was one order’s, account’s or model’s alone. */
                                reason: string;
                            } | null;
                        };
                        until: number | null;
                    }[];
                    /** @description Keys of before, with which running tasks are asked for and nothing is ordered. */
                    polls_only?: {
                        fingerprint: string;
                        last_error: {
                            at_ms: number;
                            words: string;
                        } | null;
                        last_success_at_ms: number | null;
                    }[];
                };
            };
        };
        StatsAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Stats"];
            msg: string;
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
        Verification: {
            /** @example 12 */
            accounts: number;
            /** @example [] */
            drift: {
                check: string;
                expected: string;
                found: string;
                id: string;
            }[];
            /** @example 3481 */
            entries: number;
            ok: boolean;
        };
        VerificationAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Verification"];
            msg: string;
        };
        Voided: {
            /**
             * @description How many were voided by this.
             * @example 12
             */
            voided: number;
        };
        VoidedAnswer: {
            /** @constant */
            code: 200;
            data: components["schemas"]["Voided"];
            msg: string;
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
        /** @description It conflicts with how things stand, such as the balance or the time. */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
            };
        };
        /** @description The operator’s role is too low. */
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
        /** @description There is no such thing. */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Failure"];
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
        /** @description Invalid or missing admin token. */
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
        /** @description The values cannot be carried out. */
        Unprocessable: {
            headers: {
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
    listAccounts: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before; left out or empty: the newest. */
                cursor?: string;
                /** @description How many, at most. Left out: 20. */
                limit?: number;
                /** @description Part of a name, or an id. */
                query?: string;
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
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountListAnswer"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createAccount: {
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
                     * @description Granted at once. Left out: 0.
                     * @example 1000
                     */
                    credits?: number;
                    /** @example Atelier Nord */
                    name: string;
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
                    "application/json": components["schemas"]["AccountAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getAccount: {
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
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    eraseAccount: {
        parameters: {
            query: {
                /** @description The id of the account once more. */
                confirm: string;
                /** @description `true`: write off the credits that it has or owes. Without it they are a refusal. */
                forfeit?: "true" | "false";
            };
            header?: never;
            path: {
                id: string;
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
                    "application/json": components["schemas"]["AccountAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    changeAccount: {
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
                    /** @description What is left out stays as it is; null lifts a limit. Of `requests_per_minute` and `tasks_in_flight` null follows the configuration, and `off` lifts it. */
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
                        requests_per_minute?: (number | "off") | null;
                        tasks_in_flight?: (number | "off") | null;
                    };
                    /** @description A charge that leads below it sends the webhook `balance.low`. Null: as configured for everyone. */
                    low_balance?: (number | "off") | null;
                    /** @description A name of `plans` in tollgate.yaml; null: none. */
                    plan?: string | null;
                    /** @enum {string} */
                    status?: "active" | "suspended";
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
                    "application/json": components["schemas"]["AccountAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    grantCredits: {
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
                    /** @example 1000 */
                    amount: number;
                    /** @example order-2214 */
                    idempotency_key?: string;
                    /** @description Another name of `private_note`. */
                    note?: string;
                    /** @description What was paid for it; for the operator alone. */
                    paid?: {
                        /** @example 9.99 */
                        amount: string | number;
                        /** @example EUR */
                        currency: string;
                    };
                    /**
                     * @description Why; for the operator alone.
                     * @example paid by transfer
                     */
                    private_note?: string;
                    /**
                     * @description Why; shown to the customer.
                     * @example Order 2214
                     */
                    public_note?: string;
                };
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
                    "application/json": components["schemas"]["GrantedAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    exportAccount: {
        parameters: {
            query?: {
                /** @description The `at` of the last line that arrived whole. */
                after?: string;
            };
            header?: never;
            path: {
                id: string;
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
                    "application/x-ndjson": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listKeys: {
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
            /** @description Done. */
            200: {
                headers: {
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyListAnswer"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createKey: {
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
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKeyAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listAccountLedger: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before; left out or empty: the newest. */
                cursor?: string;
                /** @description How many, at most. Left out: 20. */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorLedgerAnswer"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createLink: {
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
                     * @description How long it can be used, as `30m`, `72h` or `7d`, up to 30 days. Left out: 72 hours.
                     * @example 72h
                     */
                    for?: string;
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
                    "application/json": components["schemas"]["SignInLinkAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listAlerts: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before; left out or empty: the newest. */
                cursor?: string;
                /** @description How many, at most. Left out: 20. */
                limit?: number;
                state?: "firing";
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
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertListAnswer"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    testAlerts: {
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
                     * @description Its name in tollgate.yaml. Left out: all of them.
                     * @example night
                     */
                    receiver?: string;
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
                    "application/json": components["schemas"]["AlertTrialAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listActs: {
        parameters: {
            query?: {
                /** @description Only acts of this operator; `admin`: by ADMIN_TOKEN, `cli`: by a command. */
                actor?: string;
                /** @description The `next_cursor` of the page before; left out or empty: the newest. */
                cursor?: string;
                /** @description How many, at most. Left out: 20. */
                limit?: number;
                /** @description Only acts on the account, key or other thing with this id. */
                target?: string;
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
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActListAnswer"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listCodes: {
        parameters: {
            query?: {
                /** @description Only those of this batch. */
                batch?: string;
                /** @description The `next_cursor` of the page before; left out or empty: the newest. */
                cursor?: string;
                /** @description How many, at most. Left out: 20. */
                limit?: number;
                status?: components["schemas"]["CodeStatus"];
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
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CodeListAnswer"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createCodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example 2 */
                    count: number;
                    /** @example 500 */
                    credits: number;
                    /**
                     * @description Unix seconds. Null: never.
                     * @example 2082585600
                     */
                    expires_at?: number | null;
                    /**
                     * @description For the operator alone.
                     * @example For the shop, June
                     */
                    note?: string;
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
                    "application/json": components["schemas"]["NewCodesAnswer"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    voidCodes: {
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
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VoidedAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    watchAllTasks: {
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
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    find: {
        parameters: {
            query: {
                q: string;
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
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundAnswer"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeKey: {
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
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    changeKey: {
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
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    verifyLedger: {
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
                    "application/json": components["schemas"]["VerificationAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
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
            /** @description Done. */
            200: {
                headers: {
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelListAnswer"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    reloadModels: {
        parameters: {
            query?: {
                /** @description `true`: go ahead even if open tasks name an upstream or a key that is no longer configured. */
                orphan?: "true" | "false";
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
                    "application/json": components["schemas"]["ReloadedAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listReconcileItems: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before; left out or empty: the newest. */
                cursor?: string;
                /** @description How many, at most. Left out: 20. */
                limit?: number;
                status?: "open" | "decided" | "all";
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
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReconcileItemListAnswer"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    reconcile: {
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
                    decision: components["schemas"]["ReconcileDecision"];
                    /**
                     * @description For the operator alone.
                     * @example asked the customer
                     */
                    reason: string;
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
                    "application/json": components["schemas"]["ReconciledAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReport: {
        parameters: {
            query?: {
                /** @description The first date, in the time zone of reports. Left out: the first of the month of `to`. At most 3660 days before it: an earlier one is taken for that. */
                from?: string;
                /** @description What a row is of. Left out: a day. */
                group?: "day" | "model" | "account" | "upstream" | "key";
                /** @description The last date, included. Left out: today. */
                to?: string;
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
                    "application/json": components["schemas"]["ReportAnswer"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getStats: {
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
                    "application/json": components["schemas"]["StatsAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listAllTasks: {
        parameters: {
            query?: {
                /** @description Only tasks of this account. */
                account?: string;
                /** @description The `next_cursor` of the page before; left out or empty: the newest. */
                cursor?: string;
                /** @description Only tasks whose reason of failure holds this, for the customer or for you. */
                error?: string;
                /** @description Only what was made on this date or later, in the time zone of reports. */
                from?: string;
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
            /** @description Done. */
            200: {
                headers: {
                    /** @description Of CSV: the `next_cursor`, where there is one. */
                    "x-next-cursor"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorTaskListAnswer"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    inspectTask: {
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
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectedTaskAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    refundTask: {
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
                     * @description Left out: all that it still cost.
                     * @example 5
                     */
                    credits?: number;
                    /** @example order-2214 */
                    idempotency_key?: string;
                    /**
                     * @description For the operator alone.
                     * @example The picture came out black
                     */
                    reason: string;
                };
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
                    "application/json": components["schemas"]["RefundedByHandAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
}
