CREATE TABLE `code_batches` (
	`id` text PRIMARY KEY NOT NULL,
	`note` text,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `code_tries` (
	`who` text PRIMARY KEY NOT NULL,
	`ends_at` integer NOT NULL,
	`tries` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `code_tries_age` ON `code_tries` (`ends_at`);--> statement-breakpoint
CREATE TABLE `codes` (
	`id` text PRIMARY KEY NOT NULL,
	`batch_id` text NOT NULL,
	`hash` text NOT NULL,
	`prefix` text NOT NULL,
	`credits` integer NOT NULL,
	`expires_at` integer,
	`voided_at` integer,
	`redeemed_by` text,
	`redeemed_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`batch_id`) REFERENCES `code_batches`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`redeemed_by`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "codes_credits" CHECK("codes"."credits" > 0 AND "codes"."credits" <= 1000000000000000),
	CONSTRAINT "codes_redeemed" CHECK(("codes"."redeemed_by" IS NULL) = ("codes"."redeemed_at" IS NULL)),
	CONSTRAINT "codes_once" CHECK("codes"."redeemed_by" IS NULL OR "codes"."voided_at" IS NULL)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `codes_hash` ON `codes` (`hash`);--> statement-breakpoint
CREATE INDEX `codes_batch` ON `codes` (`batch_id`,`id`);--> statement-breakpoint
CREATE TABLE `grant_keys` (
	`key` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `orphan_decisions` (
	`orphan_id` text PRIMARY KEY NOT NULL,
	`decision` text NOT NULL,
	`reason` text NOT NULL,
	`credits` integer NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "orphan_decisions_decision" CHECK("orphan_decisions"."decision" = 'keep_refund' OR "orphan_decisions"."decision" = 'charge' OR "orphan_decisions"."decision" = 'write_off')
) STRICT;
--> statement-breakpoint
CREATE TABLE `unknown_submits` (
	`id` text PRIMARY KEY NOT NULL,
	`request_id` text NOT NULL,
	`task_id` text NOT NULL,
	`account_id` text NOT NULL,
	`upstream` text NOT NULL,
	`credits` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `unknown_submits_once` ON `unknown_submits` (`request_id`,`task_id`);
--> statement-breakpoint
-- Written by hand from here on: no table is built anew.
ALTER TABLE `accounts` ADD `owed` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `accounts` ADD `low_balance` integer;--> statement-breakpoint
ALTER TABLE `accounts` ADD CONSTRAINT `accounts_owed` CHECK(`owed` >= 0 AND `owed` <= 1000000000000000);--> statement-breakpoint
ALTER TABLE `entries` ADD `owed_change` integer;--> statement-breakpoint
ALTER TABLE `entries` ADD `owed_after` integer;--> statement-breakpoint
ALTER TABLE `entries` ADD `for_task_id` text;--> statement-breakpoint
ALTER TABLE `entries` ADD `paid_amount` text;--> statement-breakpoint
ALTER TABLE `entries` ADD `paid_currency` text;--> statement-breakpoint
ALTER TABLE `entries` DROP CONSTRAINT `entries_kind`;--> statement-breakpoint
ALTER TABLE `entries` DROP CONSTRAINT `entries_sign`;--> statement-breakpoint
ALTER TABLE `entries` ADD CONSTRAINT `entries_kind` CHECK(`kind` = 'grant' OR `kind` = 'charge' OR `kind` = 'refund' OR `kind` = 'adjust' OR `kind` = 'manual_refund' OR `kind` = 'recharge' OR `kind` = 'repayment');--> statement-breakpoint
ALTER TABLE `entries` ADD CONSTRAINT `entries_sign` CHECK(CASE `kind` WHEN 'charge' THEN `amount` <= 0 WHEN 'refund' THEN `amount` >= 0 WHEN 'grant' THEN `amount` > 0 WHEN 'manual_refund' THEN `amount` > 0 WHEN 'recharge' THEN `amount` <= 0 WHEN 'repayment' THEN `amount` < 0 ELSE `amount` <> 0 OR coalesce(`owed_change`, 0) > 0 END);--> statement-breakpoint
ALTER TABLE `entries` ADD CONSTRAINT `entries_owed` CHECK((`owed_change` IS NULL) = (`owed_after` IS NULL) AND CASE `kind` WHEN 'repayment' THEN `owed_change` IS NOT NULL AND `owed_change` = `amount` WHEN 'adjust' THEN `owed_change` IS NULL OR (`owed_change` > 0 AND `amount` <= 0 AND `balance_after` = 0) ELSE `owed_change` IS NULL END);--> statement-breakpoint
ALTER TABLE `entries` ADD CONSTRAINT `entries_for_task` CHECK((`for_task_id` IS NOT NULL) = (`kind` = 'manual_refund' OR `kind` = 'recharge'));--> statement-breakpoint
CREATE INDEX `entries_for_task` ON `entries` (`for_task_id`) WHERE "entries"."for_task_id" IS NOT NULL;--> statement-breakpoint
ALTER TABLE `webhook_deliveries` ALTER COLUMN `task_id` DROP NOT NULL;--> statement-breakpoint
ALTER TABLE `tasks` ADD `credits_returned` integer;--> statement-breakpoint
INSERT INTO `grant_keys` (`key`, `account_id`)
SELECT `idempotency_key`, `account_id` FROM `entries` WHERE `idempotency_key` IS NOT NULL ORDER BY `id`
ON CONFLICT DO NOTHING;
--> statement-breakpoint
CREATE TRIGGER `what_is_owed_follows_entries` AFTER INSERT ON `entries` WHEN NEW.`owed_change` IS NOT NULL
BEGIN
	SELECT RAISE(ABORT, 'an entry must say what the account owes after it')
	WHERE (SELECT `owed` FROM `accounts` WHERE `id` = NEW.`account_id`) + NEW.`owed_change` IS NOT NEW.`owed_after`;
	UPDATE `accounts` SET `owed` = NEW.`owed_after` WHERE `id` = NEW.`account_id`;
END;
--> statement-breakpoint
CREATE TRIGGER `corrections_match_their_task` BEFORE INSERT ON `entries` WHEN NEW.`for_task_id` IS NOT NULL
BEGIN
	SELECT RAISE(ABORT, 'a correction is of a task that has ended, of its account, and within its price')
	WHERE NOT EXISTS (
		SELECT 1 FROM `entries` c WHERE c.`task_id` = NEW.`for_task_id` AND c.`kind` = 'charge' AND c.`account_id` = NEW.`account_id`
			AND -NEW.`amount` - (SELECT sum(`amount`) FROM `entries` WHERE `task_id` = NEW.`for_task_id`)
				- (SELECT coalesce(sum(`amount`), 0) FROM `entries` WHERE `for_task_id` = NEW.`for_task_id`) BETWEEN 0 AND -c.`amount`
	) OR EXISTS (
		SELECT 1 FROM `tasks` WHERE `id` = NEW.`for_task_id` AND `state` NOT IN ('succeeded', 'failed')
	) OR (NEW.`kind` = 'recharge' AND NOT EXISTS (
		SELECT 1 FROM `tasks` WHERE `id` = NEW.`for_task_id` AND `state` = 'failed' AND `credits` = -NEW.`amount`
	));
END;
--> statement-breakpoint
DROP TRIGGER `ended_tasks_stay_ended`;
--> statement-breakpoint
CREATE TRIGGER `ended_tasks_stay_ended` BEFORE UPDATE OF `state` ON `tasks`
WHEN OLD.`state` IN ('succeeded', 'failed') AND NEW.`state` <> OLD.`state`
BEGIN
	SELECT RAISE(ABORT, 'a task that has ended never changes its state, unless its late result is charged again')
	WHERE NEW.`state` <> 'succeeded' OR NOT EXISTS (
		SELECT 1 FROM `entries` WHERE `for_task_id` = NEW.`id` AND `kind` = 'recharge'
	);
END;
--> statement-breakpoint
CREATE TRIGGER `what_was_returned_only_grows` BEFORE UPDATE OF `credits_returned` ON `tasks`
WHEN NEW.`state` <> 'succeeded' OR coalesce(NEW.`credits_returned`, 0) NOT BETWEEN coalesce(OLD.`credits_returned`, 0) AND NEW.`credits`
BEGIN
	SELECT RAISE(ABORT, 'a task that succeeded is given back up to its price, and that is never taken back');
END;
--> statement-breakpoint
CREATE TRIGGER `grant_keys_are_never_changed` BEFORE UPDATE ON `grant_keys`
BEGIN
	SELECT RAISE(ABORT, 'the key of a grant stands for it for ever');
END;
--> statement-breakpoint
CREATE TRIGGER `grant_keys_are_never_deleted` BEFORE DELETE ON `grant_keys`
BEGIN
	SELECT RAISE(ABORT, 'the key of a grant stands for it for ever');
END;
--> statement-breakpoint
CREATE TRIGGER `codes_are_spent_once` BEFORE UPDATE ON `codes`
WHEN OLD.`redeemed_by` IS NOT NULL OR OLD.`voided_at` IS NOT NULL
	OR NEW.`hash` <> OLD.`hash` OR NEW.`credits` <> OLD.`credits` OR NEW.`expires_at` IS NOT OLD.`expires_at`
BEGIN
	SELECT RAISE(ABORT, 'a code is redeemed or voided once, for what it was made for');
END;
--> statement-breakpoint
CREATE TRIGGER `codes_are_never_deleted` BEFORE DELETE ON `codes`
BEGIN
	SELECT RAISE(ABORT, 'a code is voided, never deleted');
END;
--> statement-breakpoint
CREATE TRIGGER `orphan_decisions_are_never_changed` BEFORE UPDATE ON `orphan_decisions`
BEGIN
	SELECT RAISE(ABORT, 'an orphan is decided once');
END;
--> statement-breakpoint
CREATE TRIGGER `orphan_decisions_are_never_deleted` BEFORE DELETE ON `orphan_decisions`
BEGIN
	SELECT RAISE(ABORT, 'an orphan is decided once');
END;
