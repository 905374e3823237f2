CREATE TABLE `acts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`created_at` integer NOT NULL,
	`actor` text NOT NULL,
	`origin` text,
	`action` text NOT NULL,
	`target` text,
	`before_json` text,
	`after_json` text
) STRICT;
--> statement-breakpoint
CREATE INDEX `acts_actor` ON `acts` (`actor`,`id`);--> statement-breakpoint
CREATE INDEX `acts_target` ON `acts` (`target`,`id`);--> statement-breakpoint
CREATE TABLE `cap_uses` (
	`subject` text PRIMARY KEY NOT NULL,
	`credits` integer NOT NULL,
	`day` integer NOT NULL,
	`credits_of_day` integer NOT NULL,
	`tasks_open` integer NOT NULL,
	CONSTRAINT "cap_uses_counts" CHECK("cap_uses"."credits" >= 0 AND "cap_uses"."credits_of_day" >= 0 AND "cap_uses"."tasks_open" >= 0)
) STRICT;
--> statement-breakpoint
CREATE TABLE `key_request_counts` (
	`key_id` text PRIMARY KEY NOT NULL,
	`ends_at` integer NOT NULL,
	`taken` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `key_uses` (
	`key_id` text PRIMARY KEY NOT NULL,
	`used_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
ALTER TABLE `accounts` ADD `credits_total_max` integer;--> statement-breakpoint
ALTER TABLE `accounts` ADD `credits_per_day_max` integer;--> statement-breakpoint
ALTER TABLE `accounts` ADD `models_json` text;--> statement-breakpoint
ALTER TABLE `accounts` ADD `cidrs_json` text;--> statement-breakpoint
ALTER TABLE `accounts` ADD `plan` text;--> statement-breakpoint
CREATE INDEX `accounts_plan` ON `accounts` (`plan`) WHERE "accounts"."plan" IS NOT NULL;--> statement-breakpoint
ALTER TABLE `keys` ADD `requests_per_minute_max` integer;--> statement-breakpoint
ALTER TABLE `keys` ADD `tasks_in_flight_max` integer;--> statement-breakpoint
ALTER TABLE `keys` ADD `credits_total_max` integer;--> statement-breakpoint
ALTER TABLE `keys` ADD `credits_per_day_max` integer;--> statement-breakpoint
ALTER TABLE `keys` ADD `models_json` text;--> statement-breakpoint
ALTER TABLE `keys` ADD `cidrs_json` text;--> statement-breakpoint
ALTER TABLE `requests` ADD `plan` text;--> statement-breakpoint
ALTER TABLE `tasks` ADD `key_cap_day` integer;--> statement-breakpoint
ALTER TABLE `tasks` ADD `account_cap_day` integer;
--> statement-breakpoint
CREATE TRIGGER `what_a_key_ordered_is_given_back` AFTER UPDATE OF `state` ON `tasks`
WHEN NEW.`key_cap_day` IS NOT NULL AND NEW.`state` IN ('succeeded', 'failed') AND OLD.`state` NOT IN ('succeeded', 'failed')
BEGIN
	UPDATE `cap_uses` SET `tasks_open` = `tasks_open` - 1,
		`credits` = `credits` - CASE NEW.`state` WHEN 'failed' THEN NEW.`credits` ELSE 0 END,
		`credits_of_day` = `credits_of_day` - CASE WHEN NEW.`state` = 'failed' AND `day` = NEW.`key_cap_day` THEN NEW.`credits` ELSE 0 END
	WHERE `subject` = (SELECT `key_id` FROM `requests` WHERE `id` = NEW.`request_id`);
END;
--> statement-breakpoint
CREATE TRIGGER `what_an_account_ordered_is_given_back` AFTER UPDATE OF `state` ON `tasks`
WHEN NEW.`account_cap_day` IS NOT NULL AND NEW.`state` IN ('succeeded', 'failed') AND OLD.`state` NOT IN ('succeeded', 'failed')
BEGIN
	UPDATE `cap_uses` SET `tasks_open` = `tasks_open` - 1,
		`credits` = `credits` - CASE NEW.`state` WHEN 'failed' THEN NEW.`credits` ELSE 0 END,
		`credits_of_day` = `credits_of_day` - CASE WHEN NEW.`state` = 'failed' AND `day` = NEW.`account_cap_day` THEN NEW.`credits` ELSE 0 END
	WHERE `subject` = NEW.`account_id`;
END;
--> statement-breakpoint
DROP TRIGGER `rights_follow_accounts`;
--> statement-breakpoint
CREATE TRIGGER `rights_follow_accounts` AFTER UPDATE OF `status`, `requests_per_minute_max`, `tasks_in_flight_max`, `credits_total_max`, `credits_per_day_max`, `models_json`, `cidrs_json`, `plan` ON `accounts`
BEGIN
	UPDATE `rights` SET `version` = `version` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `acts_are_never_changed` BEFORE UPDATE ON `acts`
BEGIN
	SELECT RAISE(ABORT, 'acts are append-only: what an operator did is never changed');
END;
--> statement-breakpoint
CREATE TRIGGER `acts_are_never_deleted` BEFORE DELETE ON `acts`
BEGIN
	SELECT RAISE(ABORT, 'acts are append-only: what an operator did is never deleted');
END;
