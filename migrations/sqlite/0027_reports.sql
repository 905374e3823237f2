CREATE TABLE `reporting_terms` (
	`since` integer PRIMARY KEY NOT NULL,
	`currency` text,
	`credit_value` integer
) STRICT;
--> statement-breakpoint
CREATE TABLE `rollup_seals` (
	`span` text NOT NULL,
	`start` integer NOT NULL,
	`stop` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `rollup_seals_once` ON `rollup_seals` (`span`,`start`);--> statement-breakpoint
CREATE INDEX `rollup_seals_stop` ON `rollup_seals` (`stop`);--> statement-breakpoint
CREATE TABLE `rollup_totals` (
	`span` text NOT NULL,
	`start` integer NOT NULL,
	`dimension` text NOT NULL,
	`name` text NOT NULL,
	`leak` text NOT NULL,
	`works` integer NOT NULL,
	`tasks` integer NOT NULL,
	`succeeded` integer NOT NULL,
	`failed` integer NOT NULL,
	`charged` integer NOT NULL,
	`refunded` integer NOT NULL,
	`cost` integer NOT NULL,
	`cost_unknown` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `rollup_totals_once` ON `rollup_totals` (`span`,`dimension`,`start`,`name`,`leak`);--> statement-breakpoint
CREATE TABLE `rollups` (
	`quarter` integer NOT NULL,
	`account_id` text NOT NULL,
	`model_id` text NOT NULL,
	`upstream` text NOT NULL,
	`key_id` text NOT NULL,
	`leak` text NOT NULL,
	`works` integer NOT NULL,
	`tasks` integer NOT NULL,
	`succeeded` integer NOT NULL,
	`failed` integer NOT NULL,
	`charged` integer NOT NULL,
	`refunded` integer NOT NULL,
	`cost` integer NOT NULL,
	`cost_unknown` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `rollups_once` ON `rollups` (`quarter`,`account_id`,`model_id`,`upstream`,`key_id`,`leak`);--> statement-breakpoint
CREATE INDEX `rollups_account` ON `rollups` (`account_id`,`quarter`);--> statement-breakpoint
CREATE TABLE `rollups_archived` (
	`quarter` integer NOT NULL,
	`account_id` text NOT NULL,
	`model_id` text NOT NULL,
	`upstream` text NOT NULL,
	`key_id` text NOT NULL,
	`leak` text NOT NULL,
	`works` integer NOT NULL,
	`tasks` integer NOT NULL,
	`succeeded` integer NOT NULL,
	`failed` integer NOT NULL,
	`charged` integer NOT NULL,
	`refunded` integer NOT NULL,
	`cost` integer NOT NULL,
	`cost_unknown` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `rollups_archived_once` ON `rollups_archived` (`quarter`,`account_id`,`model_id`,`upstream`,`key_id`,`leak`);--> statement-breakpoint
ALTER TABLE `attempts` ADD `cost` integer;--> statement-breakpoint
ALTER TABLE `orphans` ADD `cost` integer;--> statement-breakpoint
ALTER TABLE `tasks` ADD `cost` integer;
--> statement-breakpoint
-- By hand: what is there already is added up, and triggers go on with it.
-- Orders that were archived before: of their model, upstream and key nothing is left, and no cost of before is known.
INSERT INTO `rollups_archived` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
SELECT g.`quarter`, g.`account_id`, g.`model_id`, g.`upstream`, g.`key_id`, g.`leak`, sum(g.`works`), sum(g.`tasks`), sum(g.`succeeded`), sum(g.`failed`), sum(g.`charged`), sum(g.`refunded`), sum(g.`cost`), sum(g.`cost_unknown`) FROM (
	SELECT e.`created_at` / 900000 AS `quarter`, e.`account_id` AS `account_id`, '' AS `model_id`, '' AS `upstream`, '' AS `key_id`, '' AS `leak`,
		CASE WHEN e.`kind` = 'charge' AND b.`id` IS NULL THEN 1 ELSE 0 END AS `works`, CASE WHEN e.`kind` = 'charge' THEN 1 ELSE 0 END AS `tasks`,
		CASE WHEN e.`kind` = 'charge' AND b.`id` IS NULL THEN 1 ELSE 0 END AS `succeeded`, CASE WHEN e.`kind` = 'refund' THEN 1 ELSE 0 END AS `failed`,
		CASE WHEN e.`amount` < 0 THEN -e.`amount` ELSE 0 END AS `charged`, CASE WHEN e.`amount` > 0 THEN e.`amount` ELSE 0 END AS `refunded`,
		0 AS `cost`, CASE WHEN e.`kind` = 'charge' AND b.`id` IS NULL THEN 1 ELSE 0 END AS `cost_unknown`
	FROM `entries` e LEFT JOIN `entries` b ON b.`task_id` = e.`task_id` AND b.`kind` = 'refund'
	WHERE e.`task_id` IS NOT NULL AND NOT EXISTS (SELECT 1 FROM `tasks` t WHERE t.`id` = e.`task_id`)
) g GROUP BY g.`quarter`, g.`account_id`, g.`model_id`, g.`upstream`, g.`key_id`, g.`leak`;
--> statement-breakpoint
INSERT INTO `rollups` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
SELECT g.`quarter`, g.`account_id`, g.`model_id`, g.`upstream`, g.`key_id`, g.`leak`, sum(g.`works`), sum(g.`tasks`), sum(g.`succeeded`), sum(g.`failed`), sum(g.`charged`), sum(g.`refunded`), sum(g.`cost`), sum(g.`cost_unknown`) FROM (
	SELECT e.`created_at` / 900000 AS `quarter`, e.`account_id` AS `account_id`, t.`model_id` AS `model_id`, t.`upstream` AS `upstream`, r.`key_id` AS `key_id`, '' AS `leak`,
		0 AS `works`, CASE WHEN e.`kind` = 'charge' THEN 1 ELSE 0 END AS `tasks`, 0 AS `succeeded`, CASE WHEN e.`kind` = 'refund' THEN 1 ELSE 0 END AS `failed`,
		CASE WHEN e.`amount` < 0 THEN -e.`amount` ELSE 0 END AS `charged`, CASE WHEN e.`amount` > 0 THEN e.`amount` ELSE 0 END AS `refunded`, 0 AS `cost`, 0 AS `cost_unknown`
	FROM `entries` e JOIN `tasks` t ON t.`id` = e.`task_id` JOIN `requests` r ON r.`id` = t.`request_id`
	UNION ALL SELECT coalesce(t.`finished_at`, t.`created_at`) / 900000, t.`account_id`, t.`model_id`, t.`upstream`, r.`key_id`, '', 1, 0, 1, 0, 0, 0, 0, 1
	FROM `tasks` t JOIN `requests` r ON r.`id` = t.`request_id`
	WHERE t.`state` = 'succeeded' AND coalesce(t.`step`, '') <> 'first_frame'
	UNION ALL SELECT CASE WHEN v.`finished_at` > f.`finished_at` THEN v.`finished_at` ELSE f.`finished_at` END / 900000, f.`account_id`, f.`model_id`, f.`upstream`, p.`key_id`,
		CASE v.`state` WHEN 'succeeded' THEN '' ELSE 'first_frame' END, 1, 0, 0, 0, 0, 0, 0, 1
	FROM `requests` p JOIN `tasks` f ON f.`request_id` = p.`id`
	JOIN `tasks` v ON v.`id` = (SELECT min(w.`id`) FROM `tasks` w WHERE w.`request_id` = p.`first_frame_of`)
	WHERE p.`first_frame_of` IS NOT NULL AND f.`state` = 'succeeded' AND v.`state` IN ('succeeded', 'failed')
	UNION ALL SELECT o.`created_at` / 900000, r.`account_id`, r.`model_id`, o.`upstream`, r.`key_id`, o.`reason`, 1, 0, 0, 0, 0, 0, 0, 1
	FROM `orphans` o JOIN `requests` r ON r.`id` = o.`request_id` WHERE o.`reason` <> 'repeated_id'
	UNION ALL SELECT `quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown` FROM `rollups_archived`
) g GROUP BY g.`quarter`, g.`account_id`, g.`model_id`, g.`upstream`, g.`key_id`, g.`leak`;
--> statement-breakpoint
CREATE TRIGGER `an_entry_is_rolled_up` AFTER INSERT ON `entries` WHEN NEW.`task_id` IS NOT NULL OR NEW.`for_task_id` IS NOT NULL
BEGIN
	INSERT INTO `rollups` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
	SELECT NEW.`created_at` / 900000, NEW.`account_id`, t.`model_id`, t.`upstream`, r.`key_id`, '', 0, NEW.`kind` = 'charge', 0, NEW.`kind` = 'refund', max(0, -NEW.`amount`), max(0, NEW.`amount`), 0, 0
	FROM `tasks` t JOIN `requests` r ON r.`id` = t.`request_id` WHERE t.`id` = coalesce(NEW.`task_id`, NEW.`for_task_id`)
	ON CONFLICT (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`) DO UPDATE SET `works` = `works` + excluded.`works`, `tasks` = `tasks` + excluded.`tasks`, `succeeded` = `succeeded` + excluded.`succeeded`, `failed` = `failed` + excluded.`failed`, `charged` = `charged` + excluded.`charged`, `refunded` = `refunded` + excluded.`refunded`, `cost` = `cost` + excluded.`cost`, `cost_unknown` = `cost_unknown` + excluded.`cost_unknown`;
	DELETE FROM `rollup_seals` WHERE `stop` > NEW.`created_at` / 900000 AND `start` <= NEW.`created_at` / 900000;
END;
--> statement-breakpoint
CREATE TRIGGER `an_entry_of_an_archived_task_is_rolled_up` AFTER INSERT ON `entries`
WHEN NEW.`for_task_id` IS NOT NULL AND NOT EXISTS (SELECT 1 FROM `tasks` WHERE `id` = NEW.`for_task_id`)
BEGIN
	INSERT INTO `rollups` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
	SELECT NEW.`created_at` / 900000, NEW.`account_id`, '', '', '', '', 0, 0, 0, 0, max(0, -NEW.`amount`), max(0, NEW.`amount`), 0, 0 WHERE true
	ON CONFLICT (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`) DO UPDATE SET `works` = `works` + excluded.`works`, `tasks` = `tasks` + excluded.`tasks`, `succeeded` = `succeeded` + excluded.`succeeded`, `failed` = `failed` + excluded.`failed`, `charged` = `charged` + excluded.`charged`, `refunded` = `refunded` + excluded.`refunded`, `cost` = `cost` + excluded.`cost`, `cost_unknown` = `cost_unknown` + excluded.`cost_unknown`;
	INSERT INTO `rollups_archived` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
	SELECT NEW.`created_at` / 900000, NEW.`account_id`, '', '', '', '', 0, 0, 0, 0, max(0, -NEW.`amount`), max(0, NEW.`amount`), 0, 0 WHERE true
	ON CONFLICT (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`) DO UPDATE SET `works` = `works` + excluded.`works`, `tasks` = `tasks` + excluded.`tasks`, `succeeded` = `succeeded` + excluded.`succeeded`, `failed` = `failed` + excluded.`failed`, `charged` = `charged` + excluded.`charged`, `refunded` = `refunded` + excluded.`refunded`, `cost` = `cost` + excluded.`cost`, `cost_unknown` = `cost_unknown` + excluded.`cost_unknown`;
	DELETE FROM `rollup_seals` WHERE `stop` > NEW.`created_at` / 900000 AND `start` <= NEW.`created_at` / 900000;
END;
--> statement-breakpoint
CREATE TRIGGER `a_success_is_rolled_up` AFTER UPDATE OF `state` ON `tasks`
WHEN NEW.`state` = 'succeeded' AND OLD.`state` <> 'succeeded' AND NEW.`step` IS NOT 'first_frame'
BEGIN
	INSERT INTO `rollups` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
	SELECT coalesce(NEW.`finished_at`, NEW.`created_at`) / 900000, NEW.`account_id`, NEW.`model_id`, NEW.`upstream`, r.`key_id`, '', 1, 0, 1, 0, 0, 0, coalesce(NEW.`cost`, 0), NEW.`cost` IS NULL
	FROM `requests` r WHERE r.`id` = NEW.`request_id`
	ON CONFLICT (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`) DO UPDATE SET `works` = `works` + excluded.`works`, `tasks` = `tasks` + excluded.`tasks`, `succeeded` = `succeeded` + excluded.`succeeded`, `failed` = `failed` + excluded.`failed`, `charged` = `charged` + excluded.`charged`, `refunded` = `refunded` + excluded.`refunded`, `cost` = `cost` + excluded.`cost`, `cost_unknown` = `cost_unknown` + excluded.`cost_unknown`;
	DELETE FROM `rollup_seals` WHERE `stop` > coalesce(NEW.`finished_at`, NEW.`created_at`) / 900000 AND `start` <= coalesce(NEW.`finished_at`, NEW.`created_at`) / 900000;
END;
--> statement-breakpoint
CREATE TRIGGER `a_first_frame_is_rolled_up` AFTER UPDATE OF `state` ON `tasks`
WHEN NEW.`step` = 'video' AND NEW.`state` IN ('succeeded', 'failed') AND OLD.`state` NOT IN ('succeeded', 'failed')
	AND NEW.`id` = (SELECT min(`id`) FROM `tasks` WHERE `request_id` = NEW.`request_id`)
BEGIN
	INSERT INTO `rollups` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
	SELECT coalesce(NEW.`finished_at`, NEW.`created_at`) / 900000, f.`account_id`, f.`model_id`, f.`upstream`, p.`key_id`, CASE NEW.`state` WHEN 'succeeded' THEN '' ELSE 'first_frame' END,
		1, 0, 0, 0, 0, 0, coalesce(f.`cost`, 0), f.`cost` IS NULL
	FROM `requests` p JOIN `tasks` f ON f.`request_id` = p.`id`
	WHERE p.`first_frame_of` IS NOT NULL AND p.`first_frame_of` = NEW.`request_id` AND f.`state` = 'succeeded'
	ON CONFLICT (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`) DO UPDATE SET `works` = `works` + excluded.`works`, `tasks` = `tasks` + excluded.`tasks`, `succeeded` = `succeeded` + excluded.`succeeded`, `failed` = `failed` + excluded.`failed`, `charged` = `charged` + excluded.`charged`, `refunded` = `refunded` + excluded.`refunded`, `cost` = `cost` + excluded.`cost`, `cost_unknown` = `cost_unknown` + excluded.`cost_unknown`;
	DELETE FROM `rollup_seals` WHERE `stop` > coalesce(NEW.`finished_at`, NEW.`created_at`) / 900000 AND `start` <= coalesce(NEW.`finished_at`, NEW.`created_at`) / 900000;
END;
--> statement-breakpoint
CREATE TRIGGER `a_late_first_frame_is_rolled_up` AFTER UPDATE OF `state` ON `tasks`
WHEN NEW.`step` = 'first_frame' AND NEW.`state` = 'succeeded' AND OLD.`state` <> 'succeeded'
BEGIN
	INSERT INTO `rollups` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
	SELECT coalesce(NEW.`finished_at`, NEW.`created_at`) / 900000, NEW.`account_id`, NEW.`model_id`, NEW.`upstream`, p.`key_id`, CASE v.`state` WHEN 'succeeded' THEN '' ELSE 'first_frame' END,
		1, 0, 0, 0, 0, 0, coalesce(NEW.`cost`, 0), NEW.`cost` IS NULL
	FROM `requests` p JOIN `tasks` v ON v.`id` = (SELECT min(w.`id`) FROM `tasks` w WHERE w.`request_id` = p.`first_frame_of`)
	WHERE p.`id` = NEW.`request_id` AND v.`state` IN ('succeeded', 'failed')
	ON CONFLICT (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`) DO UPDATE SET `works` = `works` + excluded.`works`, `tasks` = `tasks` + excluded.`tasks`, `succeeded` = `succeeded` + excluded.`succeeded`, `failed` = `failed` + excluded.`failed`, `charged` = `charged` + excluded.`charged`, `refunded` = `refunded` + excluded.`refunded`, `cost` = `cost` + excluded.`cost`, `cost_unknown` = `cost_unknown` + excluded.`cost_unknown`;
	DELETE FROM `rollup_seals` WHERE `stop` > coalesce(NEW.`finished_at`, NEW.`created_at`) / 900000 AND `start` <= coalesce(NEW.`finished_at`, NEW.`created_at`) / 900000;
END;
--> statement-breakpoint
CREATE TRIGGER `an_orphan_is_rolled_up` AFTER INSERT ON `orphans` WHEN NEW.`reason` <> 'repeated_id'
BEGIN
	INSERT INTO `rollups` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
	SELECT NEW.`created_at` / 900000, r.`account_id`, r.`model_id`, NEW.`upstream`, r.`key_id`, NEW.`reason`, 1, 0, 0, 0, 0, 0, coalesce(NEW.`cost`, 0), NEW.`cost` IS NULL
	FROM `requests` r WHERE r.`id` = NEW.`request_id`
	ON CONFLICT (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`) DO UPDATE SET `works` = `works` + excluded.`works`, `tasks` = `tasks` + excluded.`tasks`, `succeeded` = `succeeded` + excluded.`succeeded`, `failed` = `failed` + excluded.`failed`, `charged` = `charged` + excluded.`charged`, `refunded` = `refunded` + excluded.`refunded`, `cost` = `cost` + excluded.`cost`, `cost_unknown` = `cost_unknown` + excluded.`cost_unknown`;
	DELETE FROM `rollup_seals` WHERE `stop` > NEW.`created_at` / 900000 AND `start` <= NEW.`created_at` / 900000;
END;
--> statement-breakpoint
CREATE TRIGGER `late_work_that_is_charged_is_rolled_up` AFTER INSERT ON `orphan_decisions` WHEN NEW.`decision` = 'charge'
BEGIN
	INSERT INTO `rollups` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
	SELECT o.`created_at` / 900000, r.`account_id`, r.`model_id`, o.`upstream`, r.`key_id`, o.`reason`, -1, 0, 0, 0, 0, 0, -coalesce(o.`cost`, 0), -(o.`cost` IS NULL)
	FROM `orphans` o JOIN `requests` r ON r.`id` = o.`request_id` WHERE o.`id` = NEW.`orphan_id` AND o.`reason` <> 'repeated_id'
	ON CONFLICT (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`) DO UPDATE SET `works` = `works` + excluded.`works`, `tasks` = `tasks` + excluded.`tasks`, `succeeded` = `succeeded` + excluded.`succeeded`, `failed` = `failed` + excluded.`failed`, `charged` = `charged` + excluded.`charged`, `refunded` = `refunded` + excluded.`refunded`, `cost` = `cost` + excluded.`cost`, `cost_unknown` = `cost_unknown` + excluded.`cost_unknown`;
	DELETE FROM `rollup_seals` WHERE `stop` > (SELECT `created_at` / 900000 FROM `orphans` WHERE `id` = NEW.`orphan_id`) AND `start` <= (SELECT `created_at` / 900000 FROM `orphans` WHERE `id` = NEW.`orphan_id`);
END;
--> statement-breakpoint
CREATE TRIGGER `a_frame_of_late_work_is_rolled_up` AFTER UPDATE OF `state` ON `tasks`
WHEN NEW.`step` = 'video' AND OLD.`state` = 'failed' AND NEW.`state` = 'succeeded'
	AND NEW.`id` = (SELECT min(`id`) FROM `tasks` WHERE `request_id` = NEW.`request_id`)
BEGIN
	INSERT INTO `rollups` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
	SELECT max(coalesce(OLD.`finished_at`, 0), f.`finished_at`) / 900000, f.`account_id`, f.`model_id`, f.`upstream`, p.`key_id`, 'first_frame', -1, 0, 0, 0, 0, 0, -coalesce(f.`cost`, 0), -(f.`cost` IS NULL)
	FROM `requests` p JOIN `tasks` f ON f.`request_id` = p.`id`
	WHERE p.`first_frame_of` IS NOT NULL AND p.`first_frame_of` = NEW.`request_id` AND f.`state` = 'succeeded'
	ON CONFLICT (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`) DO UPDATE SET `works` = `works` + excluded.`works`, `tasks` = `tasks` + excluded.`tasks`, `succeeded` = `succeeded` + excluded.`succeeded`, `failed` = `failed` + excluded.`failed`, `charged` = `charged` + excluded.`charged`, `refunded` = `refunded` + excluded.`refunded`, `cost` = `cost` + excluded.`cost`, `cost_unknown` = `cost_unknown` + excluded.`cost_unknown`;
	INSERT INTO `rollups` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
	SELECT max(coalesce(NEW.`finished_at`, 0), f.`finished_at`) / 900000, f.`account_id`, f.`model_id`, f.`upstream`, p.`key_id`, '', 1, 0, 0, 0, 0, 0, coalesce(f.`cost`, 0), f.`cost` IS NULL
	FROM `requests` p JOIN `tasks` f ON f.`request_id` = p.`id`
	WHERE p.`first_frame_of` IS NOT NULL AND p.`first_frame_of` = NEW.`request_id` AND f.`state` = 'succeeded'
	ON CONFLICT (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`) DO UPDATE SET `works` = `works` + excluded.`works`, `tasks` = `tasks` + excluded.`tasks`, `succeeded` = `succeeded` + excluded.`succeeded`, `failed` = `failed` + excluded.`failed`, `charged` = `charged` + excluded.`charged`, `refunded` = `refunded` + excluded.`refunded`, `cost` = `cost` + excluded.`cost`, `cost_unknown` = `cost_unknown` + excluded.`cost_unknown`;
	DELETE FROM `rollup_seals` WHERE (`stop` > coalesce(OLD.`finished_at`, 0) / 900000 AND `start` <= coalesce(OLD.`finished_at`, 0) / 900000)
		OR (`stop` > coalesce(NEW.`finished_at`, 0) / 900000 AND `start` <= coalesce(NEW.`finished_at`, 0) / 900000);
END;
--> statement-breakpoint
CREATE TRIGGER `another_route_is_rolled_up` AFTER UPDATE OF `upstream` ON `tasks`
WHEN NEW.`upstream` <> OLD.`upstream` AND NEW.`step` IS NOT 'first_frame'
BEGIN
	INSERT INTO `rollups` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
	SELECT e.`created_at` / 900000, NEW.`account_id`, NEW.`model_id`, OLD.`upstream`, r.`key_id`, '', 0, -1, 0, 0, e.`amount`, 0, 0, 0
	FROM `requests` r JOIN `entries` e ON e.`task_id` = NEW.`id` AND e.`kind` = 'charge' WHERE r.`id` = NEW.`request_id`
	ON CONFLICT (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`) DO UPDATE SET `works` = `works` + excluded.`works`, `tasks` = `tasks` + excluded.`tasks`, `succeeded` = `succeeded` + excluded.`succeeded`, `failed` = `failed` + excluded.`failed`, `charged` = `charged` + excluded.`charged`, `refunded` = `refunded` + excluded.`refunded`, `cost` = `cost` + excluded.`cost`, `cost_unknown` = `cost_unknown` + excluded.`cost_unknown`;
	INSERT INTO `rollups` (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`, `works`, `tasks`, `succeeded`, `failed`, `charged`, `refunded`, `cost`, `cost_unknown`)
	SELECT e.`created_at` / 900000, NEW.`account_id`, NEW.`model_id`, NEW.`upstream`, r.`key_id`, '', 0, 1, 0, 0, -e.`amount`, 0, 0, 0
	FROM `requests` r JOIN `entries` e ON e.`task_id` = NEW.`id` AND e.`kind` = 'charge' WHERE r.`id` = NEW.`request_id`
	ON CONFLICT (`quarter`, `account_id`, `model_id`, `upstream`, `key_id`, `leak`) DO UPDATE SET `works` = `works` + excluded.`works`, `tasks` = `tasks` + excluded.`tasks`, `succeeded` = `succeeded` + excluded.`succeeded`, `failed` = `failed` + excluded.`failed`, `charged` = `charged` + excluded.`charged`, `refunded` = `refunded` + excluded.`refunded`, `cost` = `cost` + excluded.`cost`, `cost_unknown` = `cost_unknown` + excluded.`cost_unknown`;
	DELETE FROM `rollup_seals` WHERE `stop` > (SELECT `created_at` / 900000 FROM `entries` WHERE `task_id` = NEW.`id` AND `kind` = 'charge') AND `start` <= (SELECT `created_at` / 900000 FROM `entries` WHERE `task_id` = NEW.`id` AND `kind` = 'charge');
END;
--> statement-breakpoint
CREATE TRIGGER `a_cost_stays` BEFORE UPDATE OF `cost` ON `tasks`
WHEN NEW.`cost` IS NOT OLD.`cost` AND OLD.`state` <> 'queued'
BEGIN
	SELECT RAISE(ABORT, 'the cost of a task is fixed when it is ordered');
END;
--> statement-breakpoint
CREATE TRIGGER `a_cost_of_an_orphan_stays` BEFORE UPDATE OF `cost` ON `orphans` WHEN NEW.`cost` IS NOT OLD.`cost`
BEGIN
	SELECT RAISE(ABORT, 'the cost of an orphan is fixed when its work was ordered');
END;
