CREATE TABLE `instances` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`started_at` integer NOT NULL,
	`beat_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `key_pauses` (
	`key` text PRIMARY KEY NOT NULL,
	`paused_until` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `request_counts` (
	`account_id` text PRIMARY KEY NOT NULL,
	`ends_at` integer NOT NULL,
	`taken` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
ALTER TABLE `attempts` ADD `holder` text;--> statement-breakpoint
ALTER TABLE `keeps` ADD `holder` text;--> statement-breakpoint
CREATE INDEX `keeps_held` ON `keeps` (`holder`) WHERE "keeps"."holder" IS NOT NULL;--> statement-breakpoint
ALTER TABLE `webhook_deliveries` ADD `holder` text;
