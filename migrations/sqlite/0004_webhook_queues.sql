CREATE TABLE `webhook_backlog` (
	`id` integer PRIMARY KEY NOT NULL,
	`pending` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `webhook_lanes` (
	`account_id` text NOT NULL,
	`receiver` text NOT NULL,
	`due_at` integer,
	`turn` integer NOT NULL,
	`quick` integer NOT NULL,
	`paused_until` integer NOT NULL,
	`used_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `webhook_lanes_once` ON `webhook_lanes` (`account_id`,`receiver`);--> statement-breakpoint
CREATE INDEX `webhook_lanes_due` ON `webhook_lanes` (`account_id`,`quick`,`due_at`,`turn`) WHERE "webhook_lanes"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `webhook_lanes_idle` ON `webhook_lanes` (`used_at`) WHERE "webhook_lanes"."due_at" IS NULL;--> statement-breakpoint
CREATE TABLE `webhook_queues` (
	`account_id` text PRIMARY KEY NOT NULL,
	`due_at` integer,
	`turn` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE INDEX `webhook_queues_due` ON `webhook_queues` (`due_at`,`turn`) WHERE "webhook_queues"."due_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_state` ON `webhook_deliveries` (`account_id`,`state`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_ended` ON `webhook_deliveries` (`created_at`) WHERE "webhook_deliveries"."due_at" IS NULL;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_claimed` ON `webhook_deliveries` (`account_id`) WHERE "webhook_deliveries"."claimed";
--> statement-breakpoint
INSERT INTO `webhook_backlog` (`id`, `pending`) SELECT 1, count(*) FROM `webhook_deliveries` WHERE `due_at` IS NOT NULL;
--> statement-breakpoint
UPDATE `webhook_deliveries` SET `receiver` = '' WHERE `due_at` IS NOT NULL AND `source` = 'account';
--> statement-breakpoint
INSERT INTO `webhook_lanes` (`account_id`, `receiver`, `due_at`, `turn`, `quick`, `paused_until`, `used_at`)
	SELECT `account_id`, `receiver`, min(`due_at`), 0, 0, 0, min(`due_at`) FROM `webhook_deliveries`
	WHERE `due_at` IS NOT NULL GROUP BY `account_id`, `receiver`;
--> statement-breakpoint
INSERT INTO `webhook_queues` (`account_id`, `due_at`, `turn`)
	SELECT `account_id`, min(`due_at`), 0 FROM `webhook_lanes` GROUP BY `account_id`;
--> statement-breakpoint
CREATE TRIGGER `webhook_queues_follow_new` AFTER INSERT ON `webhook_deliveries` WHEN NEW.`due_at` IS NOT NULL
BEGIN
	INSERT INTO `webhook_lanes` (`account_id`, `receiver`, `due_at`, `turn`, `quick`, `paused_until`, `used_at`)
	VALUES (NEW.`account_id`, NEW.`receiver`, NEW.`due_at`, 0, 0, 0, NEW.`due_at`)
	ON CONFLICT (`account_id`, `receiver`) DO UPDATE SET `due_at` = max(excluded.`due_at`, `paused_until`)
	WHERE `due_at` IS NULL OR `due_at` > max(excluded.`due_at`, `paused_until`);
	INSERT INTO `webhook_queues` (`account_id`, `due_at`, `turn`)
	VALUES (NEW.`account_id`, NEW.`due_at`, 0)
	ON CONFLICT (`account_id`) DO UPDATE SET `due_at` = excluded.`due_at`
	WHERE `due_at` IS NULL OR `due_at` > excluded.`due_at`;
	UPDATE `webhook_backlog` SET `pending` = `pending` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `webhook_queues_follow_sooner` AFTER UPDATE OF `due_at`, `receiver` ON `webhook_deliveries`
WHEN NEW.`due_at` IS NOT NULL
	AND (OLD.`due_at` IS NULL OR NEW.`due_at` < OLD.`due_at` OR NEW.`receiver` <> OLD.`receiver`)
BEGIN
	INSERT INTO `webhook_lanes` (`account_id`, `receiver`, `due_at`, `turn`, `quick`, `paused_until`, `used_at`)
	VALUES (NEW.`account_id`, NEW.`receiver`, NEW.`due_at`, 0, 0, 0, NEW.`due_at`)
	ON CONFLICT (`account_id`, `receiver`) DO UPDATE SET `due_at` = max(excluded.`due_at`, `paused_until`)
	WHERE `due_at` IS NULL OR `due_at` > max(excluded.`due_at`, `paused_until`);
	INSERT INTO `webhook_queues` (`account_id`, `due_at`, `turn`)
	VALUES (NEW.`account_id`, NEW.`due_at`, 0)
	ON CONFLICT (`account_id`) DO UPDATE SET `due_at` = excluded.`due_at`
	WHERE `due_at` IS NULL OR `due_at` > excluded.`due_at`;
END;
--> statement-breakpoint
CREATE TRIGGER `webhook_backlog_follows_ends` AFTER UPDATE OF `due_at` ON `webhook_deliveries`
WHEN (NEW.`due_at` IS NULL) <> (OLD.`due_at` IS NULL)
BEGIN
	UPDATE `webhook_backlog` SET `pending` = `pending` + CASE WHEN NEW.`due_at` IS NULL THEN -1 ELSE 1 END;
END;
--> statement-breakpoint
CREATE TRIGGER `webhook_backlog_follows_deletes` AFTER DELETE ON `webhook_deliveries` WHEN OLD.`due_at` IS NOT NULL
BEGIN
	UPDATE `webhook_backlog` SET `pending` = `pending` - 1;
END;
