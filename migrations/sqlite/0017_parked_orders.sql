CREATE TABLE `parked_orders` (
	`request_id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`fingerprint` text NOT NULL,
	`retry_count` integer NOT NULL,
	`delivered_at` integer,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `parked_orders_fingerprint` ON `parked_orders` (`account_id`,`fingerprint`);--> statement-breakpoint
CREATE INDEX `parked_orders_age` ON `parked_orders` (`expires_at`);--> statement-breakpoint
ALTER TABLE `tasks` ADD `deleted_at` integer;
