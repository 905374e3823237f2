CREATE TABLE `webhook_choices` (
	`account_id` text NOT NULL,
	`type` text NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "webhook_choices_type" CHECK("webhook_choices"."type" = 'task.running' OR "webhook_choices"."type" = 'task.succeeded' OR "webhook_choices"."type" = 'task.failed')
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `webhook_choices_once` ON `webhook_choices` (`account_id`,`type`);--> statement-breakpoint
CREATE TABLE `__new_webhook_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`task_id` text NOT NULL,
	`type` text NOT NULL,
	`source` text NOT NULL,
	`url` text NOT NULL,
	`receiver` text NOT NULL,
	`body` text NOT NULL,
	`state` text NOT NULL,
	`due_at` integer,
	`claimed` integer NOT NULL,
	`attempts_made` integer NOT NULL,
	`retries_made` integer NOT NULL,
	`last_status` integer,
	`last_error` text,
	`created_at` integer NOT NULL,
	`delivered_at` integer,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "webhook_deliveries_type" CHECK("__new_webhook_deliveries"."type" = 'task.running' OR "__new_webhook_deliveries"."type" = 'task.succeeded' OR "__new_webhook_deliveries"."type" = 'task.failed'),
	CONSTRAINT "webhook_deliveries_source" CHECK("__new_webhook_deliveries"."source" = 'request' OR "__new_webhook_deliveries"."source" = 'account'),
	CONSTRAINT "webhook_deliveries_state" CHECK("__new_webhook_deliveries"."state" = 'pending' OR "__new_webhook_deliveries"."state" = 'delivered' OR "__new_webhook_deliveries"."state" = 'failed' OR "__new_webhook_deliveries"."state" = 'superseded'),
	CONSTRAINT "webhook_deliveries_due" CHECK(("__new_webhook_deliveries"."due_at" IS NOT NULL) = ("__new_webhook_deliveries"."state" = 'pending'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_webhook_deliveries`("id", "account_id", "task_id", "type", "source", "url", "receiver", "body", "state", "due_at", "claimed", "attempts_made", "retries_made", "last_status", "last_error", "created_at", "delivered_at") SELECT "id", "account_id", "task_id", "type", "source", "url", "receiver", "body", "state", "due_at", "claimed", "attempts_made", "retries_made", "last_status", "last_error", "created_at", "delivered_at" FROM `webhook_deliveries`;--> statement-breakpoint
DROP TABLE `webhook_deliveries`;--> statement-breakpoint
ALTER TABLE `__new_webhook_deliveries` RENAME TO `webhook_deliveries`;--> statement-breakpoint
CREATE UNIQUE INDEX `webhook_deliveries_task` ON `webhook_deliveries` (`task_id`,`type`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_account` ON `webhook_deliveries` (`account_id`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_state` ON `webhook_deliveries` (`account_id`,`state`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_ended` ON `webhook_deliveries` (`created_at`) WHERE "webhook_deliveries"."due_at" IS NULL;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_claimed` ON `webhook_deliveries` (`account_id`) WHERE "webhook_deliveries"."claimed";--> statement-breakpoint
CREATE INDEX `webhook_deliveries_due` ON `webhook_deliveries` (`due_at`) WHERE "webhook_deliveries"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_lane` ON `webhook_deliveries` (`receiver`,`account_id`,`due_at`) WHERE "webhook_deliveries"."due_at" IS NOT NULL;
--> statement-breakpoint
-- They went with the table. What was pending is counted already.
CREATE TRIGGER `webhook_queues_follow_new` AFTER INSERT ON `webhook_deliveries` WHEN NEW.`due_at` IS NOT NULL
BEGIN
	INSERT INTO `webhook_lanes` (`account_id`, `receiver`, `due_at`, `turn`, `quick`, `paused_until`, `used_at`)
	VALUES (NEW.`account_id`, NEW.`receiver`, NEW.`due_at`, 0, 0, 0, NEW.`due_at`)
	ON CONFLICT (`account_id`, `receiver`) DO UPDATE SET `due_at` = max(excluded.`due_at`, `paused_until`)
	WHERE `due_at` IS NULL OR `due_at` > max(excluded.`due_at`, `paused_until`);
	INSERT INTO `webhook_queues` (`account_id`, `due_at`, `turn`)
	VALUES (NEW.`account_id`, NEW.`due_at`, 0)
	ON CONFLICT (`account_id`) DO UPDATE SET `due_at` = excluded.`due_at`
	WHERE `due_at` IS NULL OR `due_at` > excluded.`due_at`;
	UPDATE `webhook_backlog` SET `pending` = `pending` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `webhook_queues_follow_sooner` AFTER UPDATE OF `due_at`, `receiver` ON `webhook_deliveries`
WHEN NEW.`due_at` IS NOT NULL
	AND (OLD.`due_at` IS NULL OR NEW.`due_at` < OLD.`due_at` OR NEW.`receiver` <> OLD.`receiver`)
BEGIN
	INSERT INTO `webhook_lanes` (`account_id`, `receiver`, `due_at`, `turn`, `quick`, `paused_until`, `used_at`)
	VALUES (NEW.`account_id`, NEW.`receiver`, NEW.`due_at`, 0, 0, 0, NEW.`due_at`)
	ON CONFLICT (`account_id`, `receiver`) DO UPDATE SET `due_at` = max(excluded.`due_at`, `paused_until`)
	WHERE `due_at` IS NULL OR `due_at` > max(excluded.`due_at`, `paused_until`);
	INSERT INTO `webhook_queues` (`account_id`, `due_at`, `turn`)
	VALUES (NEW.`account_id`, NEW.`due_at`, 0)
	ON CONFLICT (`account_id`) DO UPDATE SET `due_at` = excluded.`due_at`
	WHERE `due_at` IS NULL OR `due_at` > excluded.`due_at`;
END;
--> statement-breakpoint
CREATE TRIGGER `webhook_backlog_follows_ends` AFTER UPDATE OF `due_at` ON `webhook_deliveries`
WHEN (NEW.`due_at` IS NULL) <> (OLD.`due_at` IS NULL)
BEGIN
	UPDATE `webhook_backlog` SET `pending` = `pending` + CASE WHEN NEW.`due_at` IS NULL THEN -1 ELSE 1 END;
END;
--> statement-breakpoint
CREATE TRIGGER `webhook_backlog_follows_deletes` AFTER DELETE ON `webhook_deliveries` WHEN OLD.`due_at` IS NOT NULL
BEGIN
	UPDATE `webhook_backlog` SET `pending` = `pending` - 1;
END;
