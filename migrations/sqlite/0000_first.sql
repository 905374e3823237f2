CREATE TABLE `accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`status` text NOT NULL,
	`balance` integer NOT NULL,
	`tasks_open` integer NOT NULL,
	`requests_per_minute_max` integer,
	`tasks_in_flight_max` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT "accounts_status" CHECK("accounts"."status" = 'active' OR "accounts"."status" = 'suspended'),
	CONSTRAINT "accounts_balance" CHECK("accounts"."balance" >= 0),
	CONSTRAINT "accounts_tasks_open" CHECK("accounts"."tasks_open" >= 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `attempts` (
	`id` text PRIMARY KEY NOT NULL,
	`request_id` text NOT NULL,
	`number` integer NOT NULL,
	`upstream_key` text NOT NULL,
	`callback_token_hash` text,
	`state` text NOT NULL,
	`detail` text,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "attempts_state" CHECK("attempts"."state" = 'open' OR "attempts"."state" = 'accepted' OR "attempts"."state" = 'refused' OR "attempts"."state" = 'not_accepted' OR "attempts"."state" = 'ambiguous' OR "attempts"."state" = 'unknown')
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `attempts_request_number` ON `attempts` (`request_id`,`number`);--> statement-breakpoint
CREATE TABLE `entries` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` text NOT NULL,
	`kind` text NOT NULL,
	`amount` integer NOT NULL,
	`balance_after` integer NOT NULL,
	`task_id` text,
	`note` text,
	`idempotency_key` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "entries_kind" CHECK("entries"."kind" = 'grant' OR "entries"."kind" = 'charge' OR "entries"."kind" = 'refund' OR "entries"."kind" = 'adjust'),
	CONSTRAINT "entries_balance" CHECK("entries"."balance_after" >= 0),
	CONSTRAINT "entries_sign" CHECK(CASE "entries"."kind" WHEN 'charge' THEN "entries"."amount" <= 0 WHEN 'refund' THEN "entries"."amount" >= 0 WHEN 'grant' THEN "entries"."amount" > 0 ELSE "entries"."amount" <> 0 END),
	CONSTRAINT "entries_task" CHECK(("entries"."task_id" IS NOT NULL) = ("entries"."kind" = 'charge' OR "entries"."kind" = 'refund'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `entries_task_kind` ON `entries` (`task_id`,`kind`) WHERE "entries"."task_id" IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `entries_idempotency` ON `entries` (`account_id`,`idempotency_key`) WHERE "entries"."idempotency_key" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `entries_account` ON `entries` (`account_id`,`id`);--> statement-breakpoint
CREATE TABLE `keys` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`name` text NOT NULL,
	`hash` text NOT NULL,
	`prefix` text NOT NULL,
	`expires_at` integer,
	`revoked_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `keys_hash` ON `keys` (`hash`);--> statement-breakpoint
CREATE INDEX `keys_account` ON `keys` (`account_id`);--> statement-breakpoint
CREATE TABLE `orphans` (
	`id` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`upstream` text NOT NULL,
	`upstream_task_id` text NOT NULL,
	`request_id` text NOT NULL,
	`attempt_id` text,
	`task_id` text,
	`credits` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "orphans_reason" CHECK("orphans"."reason" = 'extra_id' OR "orphans"."reason" = 'repeated_id' OR "orphans"."reason" = 'late_success' OR "orphans"."reason" = 'late_accept')
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `orphans_once` ON `orphans` (`upstream`,`upstream_task_id`,`reason`,`request_id`);--> statement-breakpoint
CREATE TABLE `requests` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`key_id` text NOT NULL,
	`model_id` text NOT NULL,
	`task_type` text NOT NULL,
	`upstream` text NOT NULL,
	`order_json` text NOT NULL,
	`callback_url` text,
	`state` text NOT NULL,
	`due_at` integer,
	`attempts_made` integer NOT NULL,
	`retries_made` integer NOT NULL,
	`failures_in_row` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "requests_state" CHECK("requests"."state" = 'queued' OR "requests"."state" = 'submitting' OR "requests"."state" = 'unknown' OR "requests"."state" = 'accepted' OR "requests"."state" = 'failed')
) STRICT;
--> statement-breakpoint
CREATE INDEX `requests_due` ON `requests` (`state`,`due_at`) WHERE "requests"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `requests_retried` ON `requests` (`created_at`) WHERE "requests"."state" = 'queued' AND "requests"."attempts_made" > 0;--> statement-breakpoint
CREATE TABLE `tasks` (
	`id` text PRIMARY KEY NOT NULL,
	`request_id` text NOT NULL,
	`account_id` text NOT NULL,
	`model_id` text NOT NULL,
	`task_type` text NOT NULL,
	`state` text NOT NULL,
	`credits` integer NOT NULL,
	`credits_refunded` integer NOT NULL,
	`upstream` text NOT NULL,
	`operation` text NOT NULL,
	`upstream_key` text,
	`upstream_task_id` text,
	`upstream_pending` integer NOT NULL,
	`due_at` integer,
	`give_up_at` integer,
	`polls_made` integer NOT NULL,
	`missing_in_row` integer NOT NULL,
	`last_looks` integer DEFAULT 0 NOT NULL,
	`image_url` text,
	`video_url` text,
	`audio_url` text,
	`thumbnail_url` text,
	`width` integer,
	`height` integer,
	`duration_ms` integer,
	`error_message` text,
	`error_detail` text,
	`created_at` integer NOT NULL,
	`finished_at` integer,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "tasks_state" CHECK("tasks"."state" = 'queued' OR "tasks"."state" = 'submitting' OR "tasks"."state" = 'unknown' OR "tasks"."state" = 'running' OR "tasks"."state" = 'storing' OR "tasks"."state" = 'succeeded' OR "tasks"."state" = 'failed'),
	CONSTRAINT "tasks_credits" CHECK("tasks"."credits" >= 0),
	CONSTRAINT "tasks_refunded" CHECK("tasks"."credits_refunded" = CASE WHEN "tasks"."state" = 'failed' THEN "tasks"."credits" ELSE 0 END),
	CONSTRAINT "tasks_succeeded" CHECK("tasks"."state" <> 'succeeded' OR coalesce("tasks"."image_url", "tasks"."video_url", "tasks"."audio_url") IS NOT NULL),
	CONSTRAINT "tasks_failed" CHECK("tasks"."state" <> 'failed' OR "tasks"."error_message" IS NOT NULL)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `tasks_upstream` ON `tasks` (`upstream`,`upstream_task_id`) WHERE "tasks"."upstream_task_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `tasks_request` ON `tasks` (`request_id`);--> statement-breakpoint
CREATE INDEX `tasks_account` ON `tasks` (`account_id`,`id`);--> statement-breakpoint
CREATE INDEX `tasks_open` ON `tasks` (`account_id`,`credits`) WHERE "tasks"."finished_at" IS NULL;--> statement-breakpoint
CREATE INDEX `tasks_due` ON `tasks` (`due_at`) WHERE "tasks"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE TRIGGER `entries_are_never_changed` BEFORE UPDATE ON `entries`
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append-only: an entry is never changed');
END;
--> statement-breakpoint
CREATE TRIGGER `entries_are_never_deleted` BEFORE DELETE ON `entries`
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append-only: an entry is never deleted');
END;
--> statement-breakpoint
CREATE TRIGGER `charges_match_their_task` BEFORE INSERT ON `entries` WHEN NEW.`kind` = 'charge'
BEGIN
	SELECT RAISE(ABORT, 'a charge must be of its task''s account and by its task''s credits')
	WHERE NOT EXISTS (
		SELECT 1 FROM `tasks`
		WHERE `id` = NEW.`task_id` AND `account_id` = NEW.`account_id` AND `credits` = -NEW.`amount`
	);
END;
--> statement-breakpoint
CREATE TRIGGER `refunds_match_their_charge` BEFORE INSERT ON `entries` WHEN NEW.`kind` = 'refund'
BEGIN
	SELECT RAISE(ABORT, 'a refund must give back exactly what its task was charged')
	WHERE NOT EXISTS (
		SELECT 1 FROM `entries`
		WHERE `task_id` = NEW.`task_id` AND `kind` = 'charge'
			AND `account_id` = NEW.`account_id` AND `amount` = -NEW.`amount`
	);
END;
--> statement-breakpoint
CREATE TRIGGER `ended_tasks_stay_ended` BEFORE UPDATE OF `state` ON `tasks`
WHEN OLD.`state` IN ('succeeded', 'failed') AND NEW.`state` <> OLD.`state`
BEGIN
	SELECT RAISE(ABORT, 'a task that has ended never changes its state');
END;
--> statement-breakpoint
CREATE TRIGGER `prices_are_fixed` BEFORE UPDATE OF `credits`, `account_id` ON `tasks`
WHEN NEW.`credits` <> OLD.`credits` OR NEW.`account_id` <> OLD.`account_id`
BEGIN
	SELECT RAISE(ABORT, 'what a task costs, and whom, is fixed when it is charged');
END;
