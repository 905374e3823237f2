CREATE TABLE `closings` (
	`first_entry` integer NOT NULL,
	`account_id` text NOT NULL,
	`charges` integer NOT NULL,
	`charged` integer NOT NULL,
	`refunds` integer NOT NULL,
	`refunded` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "closings_counts" CHECK("closings"."charges" >= 0 AND "closings"."charged" >= 0 AND "closings"."refunds" >= 0 AND "closings"."refunded" >= 0)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `closings_once` ON `closings` (`first_entry`,`account_id`);--> statement-breakpoint
CREATE TABLE `__new_entries` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` text NOT NULL,
	`kind` text NOT NULL,
	`amount` integer NOT NULL,
	`balance_after` integer NOT NULL,
	`task_id` text,
	`note` text,
	`public_note` text,
	`idempotency_key` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "entries_kind" CHECK("__new_entries"."kind" = 'grant' OR "__new_entries"."kind" = 'charge' OR "__new_entries"."kind" = 'refund' OR "__new_entries"."kind" = 'adjust'),
	CONSTRAINT "entries_balance" CHECK("__new_entries"."balance_after" >= 0),
	CONSTRAINT "entries_sign" CHECK(CASE "__new_entries"."kind" WHEN 'charge' THEN "__new_entries"."amount" <= 0 WHEN 'refund' THEN "__new_entries"."amount" >= 0 WHEN 'grant' THEN "__new_entries"."amount" > 0 ELSE "__new_entries"."amount" <> 0 END),
	CONSTRAINT "entries_task" CHECK(("__new_entries"."task_id" IS NOT NULL) = ("__new_entries"."kind" = 'charge' OR "__new_entries"."kind" = 'refund'))
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_entries`("id", "account_id", "kind", "amount", "balance_after", "task_id", "note", "public_note", "idempotency_key", "created_at") SELECT "id", "account_id", "kind", "amount", "balance_after", "task_id", "note", "public_note", "idempotency_key", "created_at" FROM `entries`;--> statement-breakpoint
DROP TABLE `entries`;--> statement-breakpoint
ALTER TABLE `__new_entries` RENAME TO `entries`;--> statement-breakpoint
CREATE UNIQUE INDEX `entries_task_kind` ON `entries` (`task_id`,`kind`) WHERE "entries"."task_id" IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `entries_idempotency` ON `entries` (`account_id`,`idempotency_key`) WHERE "entries"."idempotency_key" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `entries_account` ON `entries` (`account_id`,`id`);--> statement-breakpoint
CREATE INDEX `idempotency_request` ON `idempotency` (`request_id`);--> statement-breakpoint
CREATE INDEX `orphans_request` ON `orphans` (`request_id`);
--> statement-breakpoint
-- They went with the table.
CREATE TRIGGER `entries_are_never_changed` BEFORE UPDATE ON `entries`
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append-only: an entry is never changed');
END;
--> statement-breakpoint
CREATE TRIGGER `entries_are_never_deleted` BEFORE DELETE ON `entries`
BEGIN
	SELECT RAISE(ABORT, 'the ledger is append-only: an entry is never deleted');
END;
--> statement-breakpoint
CREATE TRIGGER `charges_match_their_task` BEFORE INSERT ON `entries` WHEN NEW.`kind` = 'charge'
BEGIN
	SELECT RAISE(ABORT, 'a charge must be of its task''s account and by its task''s credits')
	WHERE NOT EXISTS (
		SELECT 1 FROM `tasks`
		WHERE `id` = NEW.`task_id` AND `account_id` = NEW.`account_id` AND `credits` = -NEW.`amount`
	);
END;
--> statement-breakpoint
CREATE TRIGGER `refunds_match_their_charge` BEFORE INSERT ON `entries` WHEN NEW.`kind` = 'refund'
BEGIN
	SELECT RAISE(ABORT, 'a refund must give back exactly what its task was charged')
	WHERE NOT EXISTS (
		SELECT 1 FROM `entries`
		WHERE `task_id` = NEW.`task_id` AND `kind` = 'charge'
			AND `account_id` = NEW.`account_id` AND `amount` = -NEW.`amount`
	) OR NOT EXISTS (SELECT 1 FROM `tasks` WHERE `id` = NEW.`task_id`);
END;
--> statement-breakpoint
CREATE TRIGGER `an_entry_is_counted` AFTER INSERT ON `entries`
BEGIN
	INSERT INTO `counters` (`name`, `value`) VALUES ('entries.' || NEW.`kind`, NEW.`amount`)
	ON CONFLICT (`name`) DO UPDATE SET `value` = min(9000000000000000000, max(-9000000000000000000, `value` + NEW.`amount`));
END;
--> statement-breakpoint
-- New ones: what takes orders out of the store leaves the ledger complete.
CREATE TRIGGER `only_closed_tasks_are_removed` BEFORE DELETE ON `tasks`
BEGIN
	SELECT RAISE(ABORT, 'a task is removed once it has ended and its entries are closed, or not at all')
	WHERE OLD.`state` NOT IN ('succeeded', 'failed') OR EXISTS (
		SELECT 1 FROM `entries` e WHERE e.`task_id` = OLD.`id` AND NOT EXISTS (
			SELECT 1 FROM `closings` WHERE `first_entry` = e.`id` - e.`id` % 1024 AND `account_id` = e.`account_id`
		)
	);
END;
--> statement-breakpoint
CREATE TRIGGER `only_ended_requests_are_removed` BEFORE DELETE ON `requests`
WHEN OLD.`state` NOT IN ('accepted', 'failed') OR OLD.`due_at` IS NOT NULL
BEGIN
	SELECT RAISE(ABORT, 'a request is removed once nothing of it is due, or not at all');
END;
--> statement-breakpoint
CREATE TRIGGER `closings_never_shrink` BEFORE UPDATE ON `closings`
WHEN NEW.`first_entry` <> OLD.`first_entry` OR NEW.`account_id` <> OLD.`account_id`
	OR NEW.`charges` < OLD.`charges` OR NEW.`charged` < OLD.`charged`
	OR NEW.`refunds` < OLD.`refunds` OR NEW.`refunded` < OLD.`refunded`
BEGIN
	SELECT RAISE(ABORT, 'what was archived is never taken back from a closing');
END;
--> statement-breakpoint
CREATE TRIGGER `closings_are_never_deleted` BEFORE DELETE ON `closings`
BEGIN
	SELECT RAISE(ABORT, 'what was archived is never taken back from a closing');
END;
