CREATE TABLE `polls` (
	`task_id` text PRIMARY KEY NOT NULL,
	`due_at` integer NOT NULL,
	`polls_made` integer NOT NULL,
	`missing_in_row` integer NOT NULL,
	`last_looks` integer NOT NULL
) STRICT;
--> statement-breakpoint
INSERT INTO `polls` (`task_id`, `due_at`, `polls_made`, `missing_in_row`, `last_looks`)
SELECT `id`, `due_at`, `polls_made`, `missing_in_row`, `last_looks` FROM `tasks`
WHERE `due_at` IS NOT NULL AND `state` = 'running';
--> statement-breakpoint
UPDATE `tasks` SET `due_at` = NULL WHERE `due_at` IS NOT NULL AND `state` = 'running';
--> statement-breakpoint
CREATE INDEX `polls_due` ON `polls` (`due_at`);
--> statement-breakpoint
CREATE TRIGGER `polls_end_with_their_task` AFTER UPDATE OF `state` ON `tasks`
WHEN OLD.`state` = 'running' AND NEW.`state` <> 'running'
BEGIN
	DELETE FROM `polls` WHERE `task_id` = NEW.`id`;
END;
--> statement-breakpoint
CREATE TRIGGER `due_times_move_to_polls` AFTER UPDATE OF `due_at` ON `tasks`
WHEN NEW.`due_at` IS NOT NULL AND NEW.`state` = 'running'
BEGIN
	INSERT INTO `polls` (`task_id`, `due_at`, `polls_made`, `missing_in_row`, `last_looks`)
	VALUES (NEW.`id`, NEW.`due_at`, NEW.`polls_made`, NEW.`missing_in_row`, NEW.`last_looks`)
	ON CONFLICT (`task_id`) DO UPDATE SET `due_at` = excluded.`due_at`;
	UPDATE `tasks` SET `due_at` = NULL WHERE `id` = NEW.`id`;
END;
