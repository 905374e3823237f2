-- Gateways of the version before may go on.
CREATE TABLE `console_access` (
	`account_id` text PRIMARY KEY NOT NULL,
	`key_id` text,
	`password_hash` text,
	`password_set_at` integer,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `sessions` (
	`hash` text PRIMARY KEY NOT NULL,
	`account_id` text,
	`key_id` text,
	`operator` text,
	`operator_proof` text,
	`opened_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`ends_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "sessions_opened_by" CHECK("sessions"."opened_by" = 'key' OR "sessions"."opened_by" = 'link' OR "sessions"."opened_by" = 'password' OR "sessions"."opened_by" = 'token'),
	CONSTRAINT "sessions_of_one" CHECK(("sessions"."account_id" IS NULL) = ("sessions"."key_id" IS NULL) AND ("sessions"."account_id" IS NULL) <> ("sessions"."operator" IS NULL)
          AND ("sessions"."operator" IS NULL) = ("sessions"."operator_proof" IS NULL))
) STRICT;
--> statement-breakpoint
CREATE INDEX `sessions_account` ON `sessions` (`account_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `sessions_operator` ON `sessions` (`operator`,`created_at`);--> statement-breakpoint
CREATE INDEX `sessions_end` ON `sessions` (`ends_at`);--> statement-breakpoint
CREATE TABLE `sign_in_links` (
	`hash` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `sign_in_links_account` ON `sign_in_links` (`account_id`);--> statement-breakpoint
CREATE INDEX `sign_in_links_age` ON `sign_in_links` (`expires_at`);
--> statement-breakpoint
CREATE TRIGGER `sessions_end_with_their_account` AFTER UPDATE OF `status` ON `accounts`
WHEN NEW.`status` <> 'active'
BEGIN
	DELETE FROM `sessions` WHERE `account_id` = NEW.`id`;
	DELETE FROM `sign_in_links` WHERE `account_id` = NEW.`id`;
END;
