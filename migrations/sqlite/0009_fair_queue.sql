CREATE TABLE `queues` (
	`upstream` text PRIMARY KEY NOT NULL,
	`virtual_time` integer NOT NULL,
	`waiting` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `queue_flows` (
	`upstream` text NOT NULL,
	`account_id` text NOT NULL,
	`waiting` integer NOT NULL,
	`finish_tag` integer NOT NULL,
	`start_tag` integer,
	`since` integer,
	`stride` integer DEFAULT 1000 NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "queue_flows_stride" CHECK("queue_flows"."stride" > 0)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `queue_flows_account` ON `queue_flows` (`upstream`,`account_id`);--> statement-breakpoint
CREATE INDEX `queue_flows_next` ON `queue_flows` (`upstream`,`start_tag`,`since`) WHERE "queue_flows"."start_tag" IS NOT NULL;--> statement-breakpoint
DROP INDEX `requests_retried`;--> statement-breakpoint
DROP INDEX `requests_due`;--> statement-breakpoint
ALTER TABLE `requests` ADD `not_before` integer;--> statement-breakpoint
ALTER TABLE `requests` ADD `start_tag` integer;--> statement-breakpoint
UPDATE `requests` SET `not_before` = `due_at`, `due_at` = `created_at` WHERE `state` = 'queued' AND `attempts_made` > 0;--> statement-breakpoint
CREATE INDEX `requests_ready` ON `requests` (`upstream`,`account_id`,`id`) WHERE "requests"."state" = 'queued' AND "requests"."not_before" IS NULL;--> statement-breakpoint
CREATE INDEX `requests_paused` ON `requests` (`upstream`,`not_before`) WHERE "requests"."state" = 'queued' AND "requests"."not_before" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `requests_due` ON `requests` (`state`,`upstream`,`due_at`) WHERE "requests"."due_at" IS NOT NULL;--> statement-breakpoint
INSERT INTO `queues` (`upstream`, `virtual_time`, `waiting`)
	SELECT `upstream`, 1, sum(`state` = 'queued') FROM `requests` GROUP BY `upstream`;--> statement-breakpoint
INSERT INTO `queue_flows` (`upstream`, `account_id`, `waiting`, `finish_tag`, `start_tag`, `since`)
	SELECT `upstream`, `account_id`, count(*), 0, CASE WHEN min(`not_before` IS NOT NULL) = 0 THEN 0 END,
		min(CASE WHEN `not_before` IS NULL THEN `created_at` END)
	FROM `requests` WHERE `state` = 'queued' GROUP BY `upstream`, `account_id`;--> statement-breakpoint
CREATE TRIGGER `queue_is_entered` AFTER INSERT ON `requests` WHEN NEW.`state` = 'queued'
BEGIN
	INSERT INTO `queues` (`upstream`, `virtual_time`, `waiting`) VALUES (NEW.`upstream`, 1, 1)
	ON CONFLICT (`upstream`) DO UPDATE SET `waiting` = `waiting` + 1;
	INSERT INTO `queue_flows` (`upstream`, `account_id`, `waiting`, `finish_tag`)
	VALUES (NEW.`upstream`, NEW.`account_id`, 1, 0)
	ON CONFLICT (`upstream`, `account_id`) DO UPDATE SET `waiting` = `waiting` + 1;
	UPDATE `queue_flows`
	SET `start_tag` = max(`finish_tag`, (SELECT `virtual_time` - 1 FROM `queues` WHERE `upstream` = NEW.`upstream`)),
		`since` = NEW.`created_at`
	WHERE `upstream` = NEW.`upstream` AND `account_id` = NEW.`account_id` AND `start_tag` IS NULL
		AND NEW.`not_before` IS NULL;
END;
--> statement-breakpoint
CREATE TRIGGER `queue_is_left` AFTER UPDATE OF `state`, `upstream` ON `requests`
WHEN OLD.`state` = 'queued' AND (NEW.`state` <> 'queued' OR NEW.`upstream` <> OLD.`upstream`)
BEGIN
	UPDATE `queues`
	SET `waiting` = `waiting` - 1, `virtual_time` = max(`virtual_time`, coalesce(NEW.`start_tag`, `virtual_time`))
	WHERE `upstream` = OLD.`upstream`;
	UPDATE `queue_flows`
	SET `waiting` = `waiting` - 1, `finish_tag` = CASE
		WHEN OLD.`start_tag` IS NULL AND NEW.`start_tag` IS NOT NULL THEN max(`finish_tag`, NEW.`start_tag` + `stride`)
		ELSE `finish_tag` END
	WHERE `upstream` = OLD.`upstream` AND `account_id` = OLD.`account_id`;
	UPDATE `queue_flows` SET (`start_tag`, `since`) = (
		SELECT coalesce(r.`start_tag`, max(`queue_flows`.`finish_tag`, q.`virtual_time` - 1)), r.`created_at`
		FROM `requests` r, `queues` q
		WHERE r.`upstream` = OLD.`upstream` AND r.`account_id` = OLD.`account_id` AND r.`state` = 'queued' AND r.`not_before` IS NULL
			AND q.`upstream` = OLD.`upstream`
		ORDER BY r.`id` LIMIT 1
	)
	WHERE `upstream` = OLD.`upstream` AND `account_id` = OLD.`account_id`;
END;
--> statement-breakpoint
CREATE TRIGGER `queue_is_entered_again` AFTER UPDATE OF `state`, `upstream` ON `requests`
WHEN NEW.`state` = 'queued' AND (OLD.`state` <> 'queued' OR NEW.`upstream` <> OLD.`upstream`)
BEGIN
	INSERT INTO `queues` (`upstream`, `virtual_time`, `waiting`) VALUES (NEW.`upstream`, 1, 1)
	ON CONFLICT (`upstream`) DO UPDATE SET `waiting` = `waiting` + 1;
	INSERT INTO `queue_flows` (`upstream`, `account_id`, `waiting`, `finish_tag`)
	VALUES (NEW.`upstream`, NEW.`account_id`, 1, 0)
	ON CONFLICT (`upstream`, `account_id`) DO UPDATE SET `waiting` = `waiting` + 1;
	UPDATE `queue_flows` SET (`start_tag`, `since`) = (
		SELECT coalesce(r.`start_tag`, max(`queue_flows`.`finish_tag`, q.`virtual_time` - 1)), r.`created_at`
		FROM `requests` r, `queues` q
		WHERE r.`upstream` = NEW.`upstream` AND r.`account_id` = NEW.`account_id` AND r.`state` = 'queued' AND r.`not_before` IS NULL
			AND q.`upstream` = NEW.`upstream`
		ORDER BY r.`id` LIMIT 1
	)
	WHERE `upstream` = NEW.`upstream` AND `account_id` = NEW.`account_id`;
END;
--> statement-breakpoint
CREATE TRIGGER `queue_follows_pauses` AFTER UPDATE OF `not_before` ON `requests`
WHEN OLD.`state` = 'queued' AND NEW.`state` = 'queued' AND OLD.`not_before` IS NOT NEW.`not_before`
BEGIN
	UPDATE `queue_flows` SET (`start_tag`, `since`) = (
		SELECT coalesce(r.`start_tag`, max(`queue_flows`.`finish_tag`, q.`virtual_time` - 1)), r.`created_at`
		FROM `requests` r, `queues` q
		WHERE r.`upstream` = NEW.`upstream` AND r.`account_id` = NEW.`account_id` AND r.`state` = 'queued' AND r.`not_before` IS NULL
			AND q.`upstream` = NEW.`upstream`
		ORDER BY r.`id` LIMIT 1
	)
	WHERE `upstream` = NEW.`upstream` AND `account_id` = NEW.`account_id`;
END;
--> statement-breakpoint
ALTER TABLE `tasks` ADD COLUMN `cancelled` integer DEFAULT false NOT NULL
	CONSTRAINT "tasks_cancelled" CHECK(NOT "cancelled" OR "state" = 'failed');--> statement-breakpoint
CREATE TRIGGER `only_queued_tasks_are_cancelled` BEFORE UPDATE OF `cancelled` ON `tasks`
WHEN NEW.`cancelled` <> OLD.`cancelled` AND (OLD.`state` <> 'queued' OR NOT NEW.`cancelled`)
BEGIN
	SELECT RAISE(ABORT, 'a task is cancelled before it is posted, or not at all');
END;
