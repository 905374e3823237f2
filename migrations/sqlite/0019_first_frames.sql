-- Orders that make their first frame first. Written by hand: no table is built anew.
ALTER TABLE `requests` DROP CONSTRAINT `requests_state`;--> statement-breakpoint
ALTER TABLE `requests` ADD CONSTRAINT `requests_state` CHECK(`state` = 'waiting' OR `state` = 'queued' OR `state` = 'submitting' OR `state` = 'unknown' OR `state` = 'accepted' OR `state` = 'failed');--> statement-breakpoint
ALTER TABLE `requests` ADD `first_frame_of` text;--> statement-breakpoint
ALTER TABLE `requests` ADD `first_frame_credits` integer;--> statement-breakpoint
ALTER TABLE `requests` ADD `first_frame_url` text;--> statement-breakpoint
ALTER TABLE `requests` ADD `ready_at` integer;--> statement-breakpoint
CREATE UNIQUE INDEX `requests_first_frame` ON `requests` (`first_frame_of`) WHERE "requests"."first_frame_of" IS NOT NULL;--> statement-breakpoint
ALTER TABLE `tasks` ADD `step` text;--> statement-breakpoint
CREATE TRIGGER `an_order_waits_from_the_start` BEFORE UPDATE OF `state` ON `requests`
WHEN NEW.`state` = 'waiting' AND OLD.`state` <> 'waiting'
BEGIN
	SELECT RAISE(ABORT, 'an order waits for its first frame from the start, or not at all');
END;
--> statement-breakpoint
CREATE TRIGGER `no_order_leaves_without_its_first_frame` BEFORE UPDATE OF `state` ON `requests`
WHEN OLD.`state` = 'waiting' AND NEW.`state` IN ('queued', 'submitting', 'accepted')
BEGIN
	SELECT RAISE(ABORT, 'an order is queued with its first frame, once that is made')
	WHERE NEW.`state` <> 'queued' OR NEW.`first_frame_url` IS NULL OR NOT EXISTS (
		SELECT 1 FROM `requests` r JOIN `tasks` t ON t.`request_id` = r.`id`
		WHERE r.`first_frame_of` = NEW.`id` AND t.`state` = 'succeeded'
	);
END;
--> statement-breakpoint
CREATE TRIGGER `a_first_frame_is_not_charged` BEFORE INSERT ON `entries` WHEN NEW.`task_id` IS NOT NULL
BEGIN
	SELECT RAISE(ABORT, 'a first frame is charged with the order that it is made for')
	WHERE EXISTS (SELECT 1 FROM `tasks` WHERE `id` = NEW.`task_id` AND `step` = 'first_frame');
END;
--> statement-breakpoint
CREATE TRIGGER `steps_are_fixed` BEFORE UPDATE OF `step` ON `tasks` WHEN NEW.`step` IS NOT OLD.`step`
BEGIN
	SELECT RAISE(ABORT, 'a task is a step from the start, or not at all');
END;
--> statement-breakpoint
DROP TRIGGER `a_task_is_counted`;--> statement-breakpoint
CREATE TRIGGER `a_task_is_counted` AFTER INSERT ON `tasks` WHEN NEW.`step` IS NOT 'first_frame'
BEGIN
	INSERT INTO `counters` (`name`, `value`) VALUES ('tasks.' || NEW.`state`, 1)
	ON CONFLICT (`name`) DO UPDATE SET `value` = `value` + 1;
END;
--> statement-breakpoint
DROP TRIGGER `a_task_is_counted_where_it_is`;--> statement-breakpoint
CREATE TRIGGER `a_task_is_counted_where_it_is` AFTER UPDATE OF `state` ON `tasks`
WHEN NEW.`state` <> OLD.`state` AND NEW.`step` IS NOT 'first_frame'
BEGIN
	UPDATE `counters` SET `value` = `value` - 1 WHERE `name` = 'tasks.' || OLD.`state`;
	INSERT INTO `counters` (`name`, `value`) VALUES ('tasks.' || NEW.`state`, 1)
	ON CONFLICT (`name`) DO UPDATE SET `value` = `value` + 1;
END;
