CREATE TABLE `early_callbacks` (
	`attempt_id` text NOT NULL,
	`upstream_task_id` text NOT NULL,
	`heard_at` integer NOT NULL,
	FOREIGN KEY (`attempt_id`) REFERENCES `attempts`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `early_callbacks_once` ON `early_callbacks` (`attempt_id`,`upstream_task_id`);--> statement-breakpoint
CREATE TABLE `idempotency` (
	`account_id` text NOT NULL,
	`key` text NOT NULL,
	`body_hash` text NOT NULL,
	`request_id` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `idempotency_key` ON `idempotency` (`account_id`,`key`);--> statement-breakpoint
CREATE INDEX `idempotency_age` ON `idempotency` (`created_at`);--> statement-breakpoint
ALTER TABLE `accounts` ADD COLUMN `credits_open` integer DEFAULT 0 NOT NULL
	CONSTRAINT "accounts_credits_open" CHECK("credits_open" >= 0);--> statement-breakpoint
UPDATE `accounts` SET `credits_open` = (
	SELECT coalesce(sum(`credits`), 0) FROM `tasks` WHERE `account_id` = `accounts`.`id` AND `finished_at` IS NULL
);--> statement-breakpoint
DROP INDEX `tasks_open`;--> statement-breakpoint
CREATE TABLE `rights` (
	`id` integer PRIMARY KEY NOT NULL,
	`version` integer NOT NULL
) STRICT;
--> statement-breakpoint
INSERT INTO `rights` (`id`, `version`) VALUES (1, 1);--> statement-breakpoint
CREATE TRIGGER `rights_follow_keys` AFTER UPDATE ON `keys`
BEGIN
	UPDATE `rights` SET `version` = `version` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `rights_follow_deleted_keys` AFTER DELETE ON `keys`
BEGIN
	UPDATE `rights` SET `version` = `version` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `rights_follow_accounts` AFTER UPDATE OF `status`, `requests_per_minute_max`, `tasks_in_flight_max` ON `accounts`
BEGIN
	UPDATE `rights` SET `version` = `version` + 1;
END;
