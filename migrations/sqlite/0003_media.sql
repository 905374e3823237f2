CREATE TABLE `keeps` (
	`task_id` text PRIMARY KEY NOT NULL,
	`due_at` integer NOT NULL,
	`tries_made` integer NOT NULL,
	`waits_until` integer,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `keeps_due` ON `keeps` (`due_at`);--> statement-breakpoint
CREATE INDEX `keeps_waiting` ON `keeps` (`waits_until`) WHERE "keeps"."waits_until" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `media` (
	`name` text PRIMARY KEY NOT NULL,
	`task_id` text NOT NULL,
	`part` text NOT NULL,
	`store` text NOT NULL,
	`state` text NOT NULL,
	`content_type` text NOT NULL,
	`bytes` integer NOT NULL,
	`created_at` integer NOT NULL,
	`due_at` integer NOT NULL,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "media_part" CHECK("media"."part" = 'result' OR "media"."part" = 'thumbnail'),
	CONSTRAINT "media_store" CHECK("media"."store" = 'disk' OR "media"."store" = 's3'),
	CONSTRAINT "media_state" CHECK("media"."state" = 'writing' OR "media"."state" = 'kept' OR "media"."state" = 'removing')
) STRICT;
--> statement-breakpoint
CREATE INDEX `media_due` ON `media` (`due_at`);--> statement-breakpoint
CREATE INDEX `media_task` ON `media` (`task_id`);--> statement-breakpoint
ALTER TABLE `tasks` ADD `result_expires_at` integer;--> statement-breakpoint
ALTER TABLE `tasks` ADD `result_removed_at` integer;
