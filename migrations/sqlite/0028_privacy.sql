CREATE TABLE `erasures` (
	`account_id` text PRIMARY KEY NOT NULL,
	`begun_at` integer NOT NULL,
	`stage` integer NOT NULL,
	`after` text NOT NULL,
	`finished_at` integer
) STRICT;
--> statement-breakpoint
CREATE INDEX `erasures_begun` ON `erasures` (`begun_at`,`account_id`);--> statement-breakpoint
CREATE INDEX `erasures_open` ON `erasures` (`begun_at`) WHERE "erasures"."finished_at" IS NULL;--> statement-breakpoint
CREATE TABLE `held_texts` (
	`request_id` text PRIMARY KEY NOT NULL,
	`due_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `held_texts_due` ON `held_texts` (`due_at`);--> statement-breakpoint
CREATE TABLE `text_removals` (
	`id` integer PRIMARY KEY NOT NULL,
	`after` text NOT NULL
) STRICT;
--> statement-breakpoint
ALTER TABLE `accounts` ADD `erased_at` integer;--> statement-breakpoint
ALTER TABLE `requests` ADD `text_removed_at` integer;
--> statement-breakpoint
-- Written by hand from here on: of an erased account the texts may go, and nothing else.
DROP TRIGGER `entries_are_never_changed`;
--> statement-breakpoint
CREATE TRIGGER `entries_are_never_changed` BEFORE UPDATE ON `entries`
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append-only: an entry is never changed')
	WHERE NOT (NEW.`note` IS NULL AND NEW.`public_note` IS NULL
		AND NEW.`id` IS OLD.`id` AND NEW.`account_id` IS OLD.`account_id` AND NEW.`kind` IS OLD.`kind` AND NEW.`amount` IS OLD.`amount` AND NEW.`balance_after` IS OLD.`balance_after` AND NEW.`task_id` IS OLD.`task_id` AND NEW.`idempotency_key` IS OLD.`idempotency_key` AND NEW.`owed_change` IS OLD.`owed_change` AND NEW.`owed_after` IS OLD.`owed_after` AND NEW.`for_task_id` IS OLD.`for_task_id` AND NEW.`paid_amount` IS OLD.`paid_amount` AND NEW.`paid_currency` IS OLD.`paid_currency` AND NEW.`created_at` IS OLD.`created_at`
		AND EXISTS (SELECT 1 FROM `erasures` WHERE `account_id` = OLD.`account_id`));
END;
--> statement-breakpoint
DROP TRIGGER `acts_are_never_changed`;
--> statement-breakpoint
CREATE TRIGGER `acts_are_never_changed` BEFORE UPDATE ON `acts`
BEGIN
	SELECT RAISE(ABORT, 'acts are append-only: what an operator did is never changed')
	WHERE NOT (NEW.`id` IS OLD.`id` AND NEW.`created_at` IS OLD.`created_at` AND NEW.`actor` IS OLD.`actor` AND NEW.`action` IS OLD.`action` AND NEW.`target` IS OLD.`target` AND NEW.`origin` IS OLD.`origin`
		AND EXISTS (SELECT 1 FROM `erasures` WHERE `finished_at` IS NULL));
END;
--> statement-breakpoint
DROP TRIGGER `orphan_decisions_are_never_changed`;
--> statement-breakpoint
CREATE TRIGGER `orphan_decisions_are_never_changed` BEFORE UPDATE ON `orphan_decisions`
BEGIN
	SELECT RAISE(ABORT, 'an orphan is decided once')
	WHERE NOT (NEW.`reason` = 'removed' AND NEW.`orphan_id` IS OLD.`orphan_id` AND NEW.`decision` IS OLD.`decision` AND NEW.`credits` IS OLD.`credits` AND NEW.`created_at` IS OLD.`created_at`
		AND EXISTS (SELECT 1 FROM `erasures` WHERE `finished_at` IS NULL));
END;
--> statement-breakpoint
CREATE TRIGGER `erased_accounts_stay_erased` BEFORE UPDATE OF `erased_at`, `status`, `name` ON `accounts`
WHEN OLD.`erased_at` IS NOT NULL
	AND (NEW.`erased_at` IS NOT OLD.`erased_at` OR NEW.`status` <> OLD.`status` OR NEW.`name` <> OLD.`name`)
BEGIN
	SELECT RAISE(ABORT, 'an account that was erased stays erased');
END;
--> statement-breakpoint
CREATE TRIGGER `erasures_are_never_deleted` BEFORE DELETE ON `erasures`
BEGIN
	SELECT RAISE(ABORT, 'what was erased is remembered for ever');
END;
--> statement-breakpoint
CREATE TRIGGER `texts_stay_while_they_are_needed` BEFORE UPDATE OF `text_removed_at` ON `requests`
WHEN NEW.`text_removed_at` IS NOT OLD.`text_removed_at`
BEGIN
	SELECT RAISE(ABORT, 'the texts of a request are removed once, when all of it has ended')
	WHERE OLD.`text_removed_at` IS NOT NULL OR NEW.`state` NOT IN ('accepted', 'failed')
		OR EXISTS (SELECT 1 FROM `tasks` WHERE `request_id` = NEW.`id` AND `finished_at` IS NULL);
END;
