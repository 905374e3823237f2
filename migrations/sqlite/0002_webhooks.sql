CREATE TABLE `webhook_deliveries` (
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
	CONSTRAINT "webhook_deliveries_type" CHECK("webhook_deliveries"."type" = 'task.succeeded' OR "webhook_deliveries"."type" = 'task.failed'),
	CONSTRAINT "webhook_deliveries_source" CHECK("webhook_deliveries"."source" = 'request' OR "webhook_deliveries"."source" = 'account'),
	CONSTRAINT "webhook_deliveries_state" CHECK("webhook_deliveries"."state" = 'pending' OR "webhook_deliveries"."state" = 'delivered' OR "webhook_deliveries"."state" = 'failed'),
	CONSTRAINT "webhook_deliveries_due" CHECK(("webhook_deliveries"."due_at" IS NOT NULL) = ("webhook_deliveries"."state" = 'pending'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `webhook_deliveries_task` ON `webhook_deliveries` (`task_id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_account` ON `webhook_deliveries` (`account_id`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_due` ON `webhook_deliveries` (`due_at`) WHERE "webhook_deliveries"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_lane` ON `webhook_deliveries` (`receiver`,`account_id`,`due_at`) WHERE "webhook_deliveries"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `webhook_endpoints` (
	`account_id` text PRIMARY KEY NOT NULL,
	`url` text NOT NULL,
	`disabled_at` integer,
	`changed_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `webhook_secrets` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`sealed` text NOT NULL,
	`created_at` integer NOT NULL,
	`retires_at` integer,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `webhook_secrets_newest` ON `webhook_secrets` (`account_id`) WHERE "webhook_secrets"."retires_at" IS NULL;--> statement-breakpoint
CREATE INDEX `webhook_secrets_account` ON `webhook_secrets` (`account_id`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_secrets_retiring` ON `webhook_secrets` (`retires_at`) WHERE "webhook_secrets"."retires_at" IS NOT NULL;