-- Gateways of the version before may go on.
CREATE TABLE `alert_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`alert_id` text NOT NULL,
	`kind` text NOT NULL,
	`receiver` text NOT NULL,
	`state` text NOT NULL,
	`due_at` integer,
	`attempts_made` integer NOT NULL,
	`last_error` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`alert_id`) REFERENCES `alerts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "alert_messages_kind" CHECK("alert_messages"."kind" = 'fired' OR "alert_messages"."kind" = 'recovered'),
	CONSTRAINT "alert_messages_state" CHECK("alert_messages"."state" = 'pending' OR "alert_messages"."state" = 'sent' OR "alert_messages"."state" = 'failed' OR "alert_messages"."state" = 'held_back')
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `alert_messages_once` ON `alert_messages` (`alert_id`,`kind`,`receiver`);--> statement-breakpoint
CREATE INDEX `alert_messages_hour` ON `alert_messages` (`receiver`,`created_at`);--> statement-breakpoint
CREATE INDEX `alert_messages_due` ON `alert_messages` (`due_at`) WHERE "alert_messages"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `alerts` (
	`id` text PRIMARY KEY NOT NULL,
	`rule` text NOT NULL,
	`subject` text NOT NULL,
	`facts_json` text NOT NULL,
	`fired_at` integer NOT NULL,
	`seen_at` integer NOT NULL,
	`recovered_at` integer
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `alerts_open` ON `alerts` (`rule`,`subject`) WHERE "alerts"."recovered_at" IS NULL;--> statement-breakpoint
CREATE TABLE `copies` (
	`id` integer PRIMARY KEY NOT NULL,
	`made_at` integer NOT NULL
) STRICT;
