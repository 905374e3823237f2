CREATE TABLE `clock` (
	`id` integer PRIMARY KEY NOT NULL,
	`wall_ms` integer NOT NULL,
	`monotonic_ms` integer NOT NULL,
	`boot` text NOT NULL,
	`stepped_at` integer NOT NULL,
	`stepped_by_ms` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `__new_accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`status` text NOT NULL,
	`balance` integer NOT NULL,
	`tasks_open` integer NOT NULL,
	`credits_open` integer DEFAULT 0 NOT NULL,
	`requests_per_minute_max` integer,
	`tasks_in_flight_max` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT "accounts_status" CHECK("__new_accounts"."status" = 'active' OR "__new_accounts"."status" = 'suspended'),
	CONSTRAINT "accounts_balance" CHECK("__new_accounts"."balance" >= 0 AND "__new_accounts"."balance" + "__new_accounts"."credits_open" <= 1000000000000000),
	CONSTRAINT "accounts_tasks_open" CHECK("__new_accounts"."tasks_open" >= 0),
	CONSTRAINT "accounts_credits_open" CHECK("__new_accounts"."credits_open" >= 0)
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_accounts`("id", "name", "status", "balance", "tasks_open", "credits_open", "requests_per_minute_max", "tasks_in_flight_max", "created_at") SELECT "id", "name", "status", "balance", "tasks_open", "credits_open", "requests_per_minute_max", "tasks_in_flight_max", "created_at" FROM `accounts`;--> statement-breakpoint
DROP TABLE `accounts`;--> statement-breakpoint
ALTER TABLE `__new_accounts` RENAME TO `accounts`;--> statement-breakpoint
-- It went with the table.
CREATE TRIGGER `rights_follow_accounts` AFTER UPDATE OF `status`, `requests_per_minute_max`, `tasks_in_flight_max` ON `accounts`
BEGIN
	UPDATE `rights` SET `version` = `version` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `an_account_is_counted` AFTER INSERT ON `accounts`
BEGIN
	INSERT INTO `counters` (`name`, `value`) VALUES ('accounts', 1) ON CONFLICT (`name`) DO UPDATE SET `value` = `value` + 1;
END;
