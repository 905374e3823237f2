CREATE TABLE `counters` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
) STRICT;
--> statement-breakpoint
INSERT INTO `counters` (`name`, `value`) SELECT 'accounts', count(*) FROM `accounts`;--> statement-breakpoint
INSERT INTO `counters` (`name`, `value`) SELECT 'tasks.' || `state`, count(*) FROM `tasks` GROUP BY `state`;--> statement-breakpoint
INSERT INTO `counters` (`name`, `value`) SELECT 'orphans.' || `reason`, count(*) FROM `orphans` GROUP BY `reason`;--> statement-breakpoint
INSERT INTO `counters` (`name`, `value`) SELECT 'entries.' || `kind`, sum(`amount`) FROM `entries` GROUP BY `kind`;--> statement-breakpoint
CREATE TRIGGER `an_account_is_counted` AFTER INSERT ON `accounts`
BEGIN
	INSERT INTO `counters` (`name`, `value`) VALUES ('accounts', 1) ON CONFLICT (`name`) DO UPDATE SET `value` = `value` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `a_task_is_counted` AFTER INSERT ON `tasks`
BEGIN
	INSERT INTO `counters` (`name`, `value`) VALUES ('tasks.' || NEW.`state`, 1)
	ON CONFLICT (`name`) DO UPDATE SET `value` = `value` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `a_task_is_counted_where_it_is` AFTER UPDATE OF `state` ON `tasks` WHEN NEW.`state` <> OLD.`state`
BEGIN
	UPDATE `counters` SET `value` = `value` - 1 WHERE `name` = 'tasks.' || OLD.`state`;
	INSERT INTO `counters` (`name`, `value`) VALUES ('tasks.' || NEW.`state`, 1)
	ON CONFLICT (`name`) DO UPDATE SET `value` = `value` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `an_orphan_is_counted` AFTER INSERT ON `orphans`
BEGIN
	INSERT INTO `counters` (`name`, `value`) VALUES ('orphans.' || NEW.`reason`, 1)
	ON CONFLICT (`name`) DO UPDATE SET `value` = `value` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `an_entry_is_counted` AFTER INSERT ON `entries`
BEGIN
	INSERT INTO `counters` (`name`, `value`) VALUES ('entries.' || NEW.`kind`, NEW.`amount`)
	ON CONFLICT (`name`) DO UPDATE SET `value` = min(9000000000000000000, max(-9000000000000000000, `value` + NEW.`amount`));
END;
