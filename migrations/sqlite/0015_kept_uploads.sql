CREATE TABLE `uploads` (
	`name` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`state` text NOT NULL,
	`content_type` text NOT NULL,
	`bytes` integer NOT NULL,
	`created_at` integer NOT NULL,
	`due_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "uploads_state" CHECK("uploads"."state" = 'writing' OR "uploads"."state" = 'kept' OR "uploads"."state" = 'removing')
) STRICT;
--> statement-breakpoint
CREATE INDEX `uploads_due` ON `uploads` (`due_at`);--> statement-breakpoint
CREATE INDEX `uploads_account` ON `uploads` (`account_id`,`due_at`,`bytes`);